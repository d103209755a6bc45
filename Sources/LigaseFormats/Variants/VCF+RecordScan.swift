import LigaseRuntime

extension VCF.Record {
  /// The number of samples in the record.
  package var sampleCount: Int {
    guard ends.count == 9, ends[8] < text.count else { return 0 }
    return text.withUnsafeBufferPointer { text in
      var count = 1
      for i in ends[8] + 1..<text.count { count &+= text[i] == 0x09 ? 1 : 0 }
      return count
    }
  }

  /// Returns the index of a key in FORMAT, nil if it is absent.
  func formatIndex(of key: [UInt8]) -> Int? {
    guard ends.count == 9 else { return nil }
    return split(range(8), at: 0x3A).firstIndex { text[$0].elementsEqual(key) }
  }

  /// Returns the range of the value of an entry of INFO; nil if it is absent or a flag.
  func infoValue(of key: [UInt8]) -> Range<Int>? {
    guard let entry = infoRange(of: key), entry.count > key.count else { return nil }
    return entry.lowerBound + key.count + 1..<entry.upperBound
  }

  /// Returns whether a value is empty, or a dot.
  func isMissing(_ value: Range<Int>) -> Bool {
    value.isEmpty || value.count == 1 && text[value.lowerBound] == 0x2E
  }

  /// Calls `body` with each sample's field of a key; nil where the sample, or the record, has none.
  func eachSample(_ key: [UInt8], _ body: (Int, UnsafeBufferPointer<UInt8>?) -> Void) {
    guard ends.count == 9, ends[8] < text.count else { return }
    let index = formatIndex(of: key)
    text.withUnsafeBufferPointer { text in
      guard let base = text.baseAddress else { return }
      var (i, sample) = (ends[8] + 1, 0)
      while true {
        let end =
          memchr(base + i, 0x09, text.count - i).map { UnsafeRawPointer(base).distance(to: $0) } ?? text.count
        var field = 0
        var start = i
        if let index {
          while field < index, start < end {
            if base[start] == 0x3A { field += 1 }
            start += 1
          }
        }
        if index == nil || field < index! {
          body(sample, nil)
        } else {
          var stop = start
          while stop < end, base[stop] != 0x3A { stop += 1 }
          body(sample, UnsafeBufferPointer(start: base + start, count: stop - start))
        }
        if end == text.count { return }
        i = end + 1
        sample += 1
      }
    }
  }

  /// Returns whether `holds` is true of any value of a field; an absent field has one missing value.
  func any(of field: TextField, _ holds: (UnsafeBufferPointer<UInt8>) -> Bool) -> Truth {
    let missing: [UInt8] = [0x2E]
    func any(_ ranges: [Range<Int>]) -> Bool {
      text.withUnsafeBufferPointer { text in
        ranges.contains { holds(UnsafeBufferPointer(rebasing: text[$0])) }
      }
    }
    switch field {
    case .column(let column): return Truth(any([range(column)]))
    case .alternates(let chosen):
      let ranges = alternateRanges
      return Truth(ranges.isEmpty ? missing.withUnsafeBufferPointer(holds) : any(chosen.select(ranges)))
    case .info(let key, let chosen):
      guard let value = infoValue(of: key), !isMissing(value) else {
        return Truth(missing.withUnsafeBufferPointer(holds))
      }
      let values = split(value, at: 0x2C)
      if chosen.missing(beyond: values.count) > 0, missing.withUnsafeBufferPointer(holds) {
        return Truth(true)
      }
      return Truth(any(chosen.select(values)))
    case .format(let key, let chosenSamples, let chosenValues):
      var samples: [Bool] = []
      eachSample(key) { sample, text in
        guard chosenSamples.contains(sample) else { return samples.append(false) }
        guard let text, !text.isMissingValue else {
          return samples.append(missing.withUnsafeBufferPointer(holds))
        }
        var (found, start, index) = (false, 0, 0)
        for i in 0...text.count where i == text.count || text[i] == 0x2C {
          if !found, chosenValues.contains(index) {
            found = holds(UnsafeBufferPointer(rebasing: text[start..<i]))
          }
          (start, index) = (i + 1, index + 1)
        }
        if !found, chosenValues.missing(beyond: index) > 0 { found = missing.withUnsafeBufferPointer(holds) }
        samples.append(found)
      }
      return Truth(samples: samples)
    }
  }

  /// Returns a quantity computed from the alleles of all genotypes.
  func alleleFigures(_ figure: AlleleFigure) -> [Double] {
    var counts = [Int](repeating: 0, count: alternateRanges.count + 1)
    var (total, missing) = (0, 0)
    if formatIndex(of: VariantFilter.genotypeKey) != nil {
      eachSample(VariantFilter.genotypeKey) { _, text in
        total += 1
        guard let text else { return missing += 1 }
        if !VCF.Record.count(text, &counts) { missing += 1 }
      }
    }
    let number = counts.reduce(0, +)
    let alternates = counts.dropFirst().map(Double.init)
    switch figure {
    case .missing: return [Double(missing)]
    case .missingFraction: return [total == 0 ? 0 : Double(missing) / Double(total)]
    case .number: return [Double(number)]
    case .counts: return alternates
    case .frequencies: return alternates.map { number == 0 ? .nan : $0 / Double(number) }
    case .minorCounts: return alternates.map { min($0, Double(number) - $0) }
    case .minorFrequencies:
      return alternates.map { number == 0 ? .nan : min($0, Double(number) - $0) / Double(number) }
    }
  }

  /// Counts the alleles of one genotype, ignoring those beyond the counts; returns false if any is missing.
  static func count(_ text: UnsafeBufferPointer<UInt8>, _ counts: inout [Int]) -> Bool {
    var (value, digits, isWhole) = (0, 0, true)
    for i in 0...text.count {
      let byte = i == text.count ? 0x2F : text[i]
      if byte == 0x2F || byte == 0x7C {
        if digits > 0 {
          if value < counts.count { counts[value] += 1 }
        } else if i > 0 || text.isEmpty {
          isWhole = false
        }
        (value, digits) = (0, 0)
      } else if byte >= 0x30, byte <= 0x39 {
        digits += 1
        if value < 1_000_000 { value = value * 10 + Int(byte) - 0x30 }
      } else {
        isWhole = false
      }
    }
    return isWhole
  }
}
