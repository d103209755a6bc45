/// The values of a quantity of the site, or of each sample.
struct Numbers {
  var values: [Double] = []
  /// The end of the values of each sample; nil for values of a site.
  var ends: [Int]?

  init(_ values: [Double]) { self.values = values }

  init(values: [Double], ends: [Int]?) {
    self.values = values
    self.ends = ends
  }

  /// Returns the values of a sample, or of the site.
  @inline(__always)
  func slice(_ sample: Int) -> ArraySlice<Double> {
    guard let ends else { return values[...] }
    return values[(sample == 0 ? 0 : ends[sample - 1])..<ends[sample]]
  }
}

extension Condition {
  func evaluated(_ record: VCF.Record) -> Truth {
    switch self {
    case .and(let a, let b, let inSample):
      let first = a.evaluated(record)
      if !first.site { return first }
      let second = b.evaluated(record)
      return inSample ? joined(first, second) { $0 && $1 } : both(first, second)
    case .or(let a, let b, let inSample):
      let (first, second) = (a.evaluated(record), b.evaluated(record))
      if inSample, let samples = first.samples == nil ? second.samples : first.samples,
        first.samples == nil || second.samples == nil
      {
        // A condition on the site applies to no single sample.
        var truth = Truth(samples: samples)
        truth.site = first.site || second.site
        return truth
      }
      if inSample { return joined(first, second) { $0 || $1 } }
      let site = first.site && first.samples == nil || second.site && second.samples == nil
      if site { return Truth(true) }
      return joined(first, second) { $0 || $1 }
    case .not(let condition):
      var truth = condition.evaluated(record)
      truth.site.toggle()
      truth.samples = truth.samples?.map { !$0 }
      return truth
    case .numbers(let a, let comparison, let b):
      return VariantFilter.compare(a.evaluated(record), comparison, b.evaluated(record))
    case .isMissing(.number(let quantity), let isEqual):
      return VariantFilter.any(quantity.evaluated(record)) { $0.isNaN == isEqual }
    case .isMissing(.text(let field), let isEqual):
      return record.any(of: field) { $0.isMissingValue == isEqual }
    case .text(let field, let literals, let isEqual):
      if literals.count == 1, let literal = literals.first {
        return record.any(of: field) { $0.elementsEqual(literal) == isEqual }
      }
      return record.any(of: field) { literals.contains(Array($0)) == isEqual }
    case .pattern(let field, let pattern, let isMatch):
      return record.any(of: field) { pattern.matches($0) == isMatch }
    case .genotype(let known, let samples, let isEqual):
      guard record.formatIndex(of: VariantFilter.genotypeKey) != nil else { return Truth(!isEqual) }
      let field = TextField.format(VariantFilter.genotypeKey, samples: samples, values: .all)
      return record.any(of: field) { known.contains($0) == isEqual }
    case .types(let wanted, let isExact, let isEqual):
      let types = record.types
      return Truth((isExact ? types == wanted : !types.isDisjoint(with: wanted)) == isEqual)
    case .filters(let names, let isExact, let isEqual):
      let found = record.bytes(6).split(separator: 0x3B)
      let holdsAll = names.allSatisfy { name in found.contains { $0.elementsEqual(name) } }
      return Truth((isExact ? holdsAll && found.count == names.count : holdsAll) == isEqual)
    }
  }

  private func both(_ a: Truth, _ b: Truth) -> Truth {
    guard a.site && b.site else { return Truth(false) }
    var truth = joined(a, b) { $0 || $1 }
    truth.site = true
    return truth
  }

  private func joined(_ a: Truth, _ b: Truth, _ join: (Bool, Bool) -> Bool) -> Truth {
    guard let count = a.samples?.count ?? b.samples?.count else { return Truth(join(a.site, b.site)) }
    var samples = [Bool](repeating: false, count: count)
    for i in 0..<count { samples[i] = join(a.samples?[i] ?? a.site, b.samples?[i] ?? b.site) }
    return Truth(samples: samples)
  }
}

extension VariantFilter {
  static let genotypeKey = Array("GT".utf8)

  /// Compares values pairwise if there are equally many, else all pairs; true if any pair satisfies the
  /// comparison.
  static func compare(_ a: Numbers, _ comparison: Comparison, _ b: Numbers) -> Truth {
    guard let count = a.ends?.count ?? b.ends?.count else {
      return Truth(holds(a.values[...], comparison, b.values[...]))
    }
    var samples = [Bool](repeating: false, count: count)
    for i in 0..<count { samples[i] = holds(a.slice(i), comparison, b.slice(i)) }
    return Truth(samples: samples)
  }

  private static func holds(_ a: ArraySlice<Double>, _ comparison: Comparison, _ b: ArraySlice<Double>)
    -> Bool
  {
    if a.count == b.count {
      for (x, y) in zip(a, b) where comparison.holds(x, y) { return true }
      return false
    }
    for x in a { for y in b where comparison.holds(x, y) { return true } }
    return false
  }

  static func any(_ numbers: Numbers, _ holds: (Double) -> Bool) -> Truth {
    guard let ends = numbers.ends else { return Truth(numbers.values.contains(where: holds)) }
    return Truth(samples: ends.indices.map { numbers.slice($0).contains(where: holds) })
  }

  static func arithmetic(_ symbol: UInt8, _ a: Numbers, _ b: Numbers) -> Numbers {
    func result(_ x: Double, _ y: Double) -> Double {
      switch symbol {
      case 0x2B: x + y
      case 0x2D: x - y
      case 0x2A: x * y
      case 0x2F: x / y
      default: y == 0 ? .nan : x.truncatingRemainder(dividingBy: y)
      }
    }
    func joined(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> [Double] {
      if a.count == 1 { return b.map { result(a[a.startIndex], $0) } }
      if b.count == 1 { return a.map { result($0, b[b.startIndex]) } }
      return zip(a, b).map(result)
    }
    guard let count = a.ends?.count ?? b.ends?.count else {
      return Numbers(joined(a.values[...], b.values[...]))
    }
    var values: [Double] = []
    var ends: [Int] = []
    for i in 0..<count {
      values += joined(a.slice(i), b.slice(i))
      ends.append(values.count)
    }
    return Numbers(values: values, ends: ends)
  }
}

extension Quantity {
  func evaluated(_ record: VCF.Record) -> Numbers {
    switch self {
    case .constant(let value): return Numbers([value])
    case .position: return Numbers([Double(record.position)])
    case .quality: return Numbers([record.text.withUnsafeBufferPointer { $0.number(in: record.range(5)) }])
    case .alternateCount: return Numbers([Double(record.alternateRanges.count)])
    case .sampleCount: return Numbers([Double(record.sampleCount)])
    case .indelLengths:
      let reference = record.range(3).count
      return Numbers(
        record.alternateRanges.map { range in
          record.text[range].allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }
            ? Double(range.count - reference) : .nan
        })
    case .alleles(let figure, let chosen):
      return Numbers(
        record.alleleFigures(figure).enumerated().filter { chosen.contains($0.offset) }.map(\.element))
    case .flag(let key): return Numbers([record.infoRange(of: key) == nil ? 0 : 1])
    case .info(let key, let chosen):
      guard let value = record.infoValue(of: key), !record.isMissing(value) else { return Numbers([.nan]) }
      return Numbers(
        record.text.withUnsafeBufferPointer { text in
          chosen.select(record.split(value, at: 0x2C)).map { text.number(in: $0) }
        })
    case .format(let key, let chosenSamples, let chosenValues):
      var numbers = Numbers(values: [], ends: [])
      numbers.values.reserveCapacity(record.sampleCount)
      record.eachSample(key) { sample, text in
        if chosenSamples.contains(sample) {
          if let text, !text.isMissingValue {
            let count = text.eachNumber(chosenValues) { numbers.values.append($0) }
            if chosenValues.missing(beyond: count) > 0 { numbers.values.append(.nan) }
          } else {
            numbers.values.append(.nan)
          }
        }
        numbers.ends?.append(numbers.values.count)
      }
      return numbers
    case .lengths(let field):
      var lengths: [Double] = []
      _ = record.any(of: field) {
        lengths.append($0.isMissingValue ? .nan : Double($0.count))
        return false
      }
      return Numbers(lengths)
    case .arithmetic(let symbol, let a, let b):
      return VariantFilter.arithmetic(symbol, a.evaluated(record), b.evaluated(record))
    case .magnitude(let quantity):
      var numbers = quantity.evaluated(record)
      for i in numbers.values.indices { numbers.values[i] = abs(numbers.values[i]) }
      return numbers
    case .summary(let summary, let quantity, let inSample):
      let numbers = quantity.evaluated(record)
      guard inSample, let ends = numbers.ends else {
        return Numbers([summary(numbers.values.filter { !$0.isNaN })])
      }
      return Numbers(
        values: ends.indices.map { summary(numbers.slice($0).filter { !$0.isNaN }) },
        ends: Array(1..<ends.count + 1))
    case .passing(let condition, let asFraction):
      let truth = condition.evaluated(record)
      let total = record.sampleCount
      let passing = truth.samples?.count { $0 } ?? (truth.site ? total : 0)
      return Numbers([asFraction ? (total == 0 ? .nan : Double(passing) / Double(total)) : Double(passing)])
    }
  }
}

extension Subscript {
  /// Returns the selected parts.
  func select(_ parts: [Range<Int>]) -> [Range<Int>] {
    ranges == nil ? parts : parts.enumerated().filter { contains($0.offset) }.map(\.element)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the text is empty, or a dot.
  var isMissingValue: Bool { isEmpty || count == 1 && self[0] == 0x2E }

  /// Returns the number in a range of bytes, NaN if there is none.
  func number(in range: Range<Int>) -> Double { UnsafeBufferPointer(rebasing: self[range]).number }

  /// The number that the bytes spell, NaN if they spell none.
  var number: Double {
    // Fast path for whole numbers of a few digits.
    if count > 0 && count < 10 {
      var value = 0
      var isWhole = true
      for byte in self {
        guard byte >= 0x30, byte <= 0x39 else {
          isWhole = false
          break
        }
        value = value &* 10 &+ Int(byte &- 0x30)
      }
      if isWhole { return Double(value) }
      if isMissingValue { return .nan }
    }
    switch DecimalNumber.double(self) {
    case .success(let value): return value
    case .failure(.notFinite):
      let isInfinite = contains { $0 | 0x20 == 0x69 || $0 >= 0x30 && $0 <= 0x39 }
      return isInfinite ? (first == 0x2D ? -.infinity : .infinity) : .nan
    case .failure: return .nan
    }
  }

  /// Calls `body` with the selected comma-separated numbers, and returns the number of all.
  func eachNumber(_ chosen: Subscript, _ body: (Double) -> Void) -> Int {
    var (start, index) = (0, 0)
    for i in 0...count where i == count || self[i] == 0x2C {
      if chosen.contains(index) { body(number(in: start..<i)) }
      start = i + 1
      index += 1
    }
    return index
  }
}
