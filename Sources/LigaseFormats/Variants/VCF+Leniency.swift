import LigaseRuntime

extension VCF {
  /// A warning about a malformed part of a file that was read all the same.
  package struct Warning: Equatable, Sendable {
    /// The class, such as `position`.
    package var name: String
    /// The line number of its first occurrence, counted from 1.
    package var line: Int
    /// The number of occurrences.
    package var count: Int
    /// The first occurrence, and its interpretation.
    package var message: String

    /// Creates a warning.
    package init(name: String, line: Int, count: Int, message: String) {
      self.name = name
      self.line = line
      self.count = count
      self.message = message
    }
  }

  /// The rules of lenient reading: what is accepted with a warning, and what is an error.
  ///
  /// Errors are those of bcftools, where the meaning of a record is uncertain: another number of columns than
  /// the line `#CHROM`, a contig name that no header line can declare, an empty key of FORMAT, an invalid
  /// genotype, text in a field of FORMAT that the header declares as a number, more values than FORMAT has
  /// keys.
  struct Leniency: Sendable {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// The required content of the values of a key of FORMAT.
    private enum Content { case anything, genotype, integers, floats }

    private let columns: ColumnCount
    /// The keys of FORMAT with numbers.
    private let numeric: [[UInt8]: Content]
    private(set) var warnings: [Warning] = []
    /// The last text of FORMAT, the required contents of its keys, and their number.
    private var formatText: [UInt8] = []
    private var contents: [Content] = []
    private var keyCount = 0

    init(header: Header) {
      columns = ColumnCount(header)
      warnings = header.warnings
      var numeric: [[UInt8]: Content] = [:]
      for (key, definition) in header.format where key != "GT" {
        switch definition.type {
        case .integer: numeric[Array(key.utf8)] = .integers
        case .float: numeric[Array(key.utf8)] = .floats
        default: break
        }
      }
      self.numeric = numeric
    }

    /// Checks a line; a line that is not a record is left to the parsing of its fields.
    mutating func judge(_ line: Bytes, path: String, number: Int) throws {
      var starts = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
      var found = 1
      var i = 0
      withUnsafeMutableBytes(of: &starts) {
        let starts = $0.assumingMemoryBound(to: Int.self)
        while i < line.count, found < 10 {
          if line[i] == 0x09 {
            starts[found] = i &+ 1
            found &+= 1
          }
          i &+= 1
        }
      }
      if found < 8 { return }
      func fail(_ column: Int, _ text: Bytes, _ expected: String) -> FormatError {
        FormatError(
          .badData, path: path, line: number > 0 ? number : nil, column: number > 0 ? column : nil,
          "found \(FormatError.quoted(text))\(number > 0 ? "" : " at \(ColumnCount.place(line))"), expected \(expected)"
        )
      }
      let contig = line.part(0, starts.1 - 1)
      let isBracketed = contig.count > 2 && contig[0] == 0x3C && contig[contig.count - 1] == 0x3E
      if !isBracketed, contig.contains(where: { $0 == 0x2C || $0 == 0x3C || $0 == 0x3E }) {
        throw fail(1, contig, "the name of a contig")
      }
      judgePosition(line.part(starts.1, starts.2 - 1), number)
      judgeQuality(line.part(starts.5, starts.6 - 1), number)
      if columns.isWithoutSamples || found < 10 {
        return try columns.check(line, path: path, number: number)
      }
      let format = line.part(starts.8, starts.9 - 1)
      if formatText.count != format.count || !format.elementsEqual(formatText) {
        let keys = format.split(separator: 0x3A, omittingEmptySubsequences: false)
        if keys.contains(where: \.isEmpty) { throw fail(9, format, "keys between colons") }
        formatText = Array(format)
        keyCount = format.spells(".") ? .max : keys.count
        contents = keys.map { $0.elementsEqual([0x47, 0x54]) ? .genotype : numeric[Array($0)] ?? .anything }
        // After the last key with a required content, values are only counted.
        contents.removeLast(contents.reversed().prefix { $0 == .anything }.count)
      }
      let samples = line.part(starts.9, line.count)
      let (count, fault) = judgeSamples(samples)
      if let fault { throw fail(10 + count, fault.text, fault.expected) }
      if !columns.isRight(9 + count, line) {
        throw columns.error(9 + count, line, path: path, number: number)
      }
    }

    /// Warns of a position that is not a number; it is read as the digits at its start, or 0.
    private mutating func judgePosition(_ field: Bytes, _ line: Int) {
      if !field.isEmpty, field.allSatisfy({ $0 &- 0x30 <= 9 }) { return }
      warnings.note(
        "position", line: line,
        "found position \(FormatError.quoted(field)), read as \(VCF.Record.leadingNumber(field))")
    }

    /// Warns of a quality that is not a number; it is missing.
    private mutating func judgeQuality(_ field: Bytes, _ line: Int) {
      if field.spells(".") || field.allSatisfy({ $0 &- 0x30 <= 9 || $0 == 0x2E }) && field.count < 18 {
        return
      }
      if !field.number(in: 0..<field.count).isNaN || MissingValue.isMissing(field) { return }
      warnings.note(
        "quality", line: line, "found the quality \(FormatError.quoted(field)), read as missing")
    }

    /// Returns the number of samples; for an invalid sample, the number of samples before it, and the error.
    private func judgeSamples(_ text: Bytes) -> (count: Int, fault: (text: Bytes, expected: String)?) {
      var i = 0
      var sample = 0
      while true {
        let start = i
        var fields = 1
        for content in contents {
          let value = i
          var isWrong = false
          switch content {
          case .anything: break
          case .genotype:
            while i < text.count, text[i] &- 0x2E <= 11 || text[i] == 0x7C { i &+= 1 }
            isWrong = !Leniency.isEnd(i, of: text) || !Leniency.isGenotype(text.part(value, i))
          case .integers:
            while i < text.count, text[i] &- 0x30 <= 9 { i &+= 1 }
            isWrong =
              !Leniency.isEnd(i, of: text) && !Leniency.areIntegers(Leniency.value(at: value, of: text))
          case .floats:
            while i < text.count, text[i] &- 0x30 <= 9 || text[i] == 0x2E { i &+= 1 }
            isWrong = !Leniency.isEnd(i, of: text) && !Leniency.areFloats(Leniency.value(at: value, of: text))
          }
          if isWrong {
            return (
              sample,
              (
                Leniency.value(at: value, of: text),
                content == .genotype
                  ? "a genotype such as 0/1"
                  : content == .integers
                    ? "whole numbers, as defined in the header" : "numbers, as defined in the header"
              )
            )
          }
          while i < text.count, text[i] != 0x3A, text[i] != 0x09 { i &+= 1 }
          guard i < text.count, text[i] == 0x3A else { break }
          fields &+= 1
          i &+= 1
        }
        while i < text.count, text[i] != 0x09 {
          fields &+= text[i] == 0x3A ? 1 : 0
          i &+= 1
        }
        if fields > keyCount {
          return (sample, (text.part(start, i), "as many values as FORMAT has keys"))
        }
        if i >= text.count { return (sample &+ 1, nil) }
        i &+= 1
        sample &+= 1
      }
    }

    @inline(__always)
    private static func isEnd(_ i: Int, of text: Bytes) -> Bool {
      i == text.count || text[i] == 0x09 || text[i] == 0x3A
    }

    /// Returns a value from its first byte on.
    private static func value(at start: Int, of text: Bytes) -> Bytes {
      var end = start
      while !isEnd(end, of: text) { end += 1 }
      return text.part(start, end)
    }

    /// Returns whether a text is comma-separated whole numbers; empty ones and `.` are missing.
    private static func areIntegers(_ text: Bytes) -> Bool {
      text.split(separator: 0x2C, omittingEmptySubsequences: false).allSatisfy {
        $0.elementsEqual([0x2E])
          || $0.dropFirst($0.first == 0x2B || $0.first == 0x2D ? 1 : 0).allSatisfy { $0 &- 0x30 <= 9 }
      }
    }

    /// Returns whether a text is comma-separated numbers in the syntax of C; empty ones and `.` are missing.
    private static func areFloats(_ text: Bytes) -> Bool {
      text.split(separator: 0x2C, omittingEmptySubsequences: false).allSatisfy { part in
        if part.isEmpty || part.elementsEqual([0x2E]) { return true }
        if part[part.startIndex] <= 0x20 { return false }
        return (part.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
          var end: UnsafeMutablePointer<CChar>?
          _ = strtod($0.baseAddress!, &end)
          return end == UnsafeMutablePointer(mutating: $0.baseAddress! + part.count)
        }
      }
    }

    /// Returns whether a text is alleles separated by `/` or `|`; empty text, as some callers write it, is a
    /// missing genotype.
    @inline(__always)
    private static func isGenotype(_ text: Bytes) -> Bool {
      if text.count == 3, text[0] &- 0x30 <= 9, text[2] &- 0x30 <= 9, text[1] == 0x2F || text[1] == 0x7C {
        return true
      }
      var i = 0
      if text.count > 1, text[0] == 0x2F || text[0] == 0x7C { i = 1 }
      while i < text.count {
        if text[i] == 0x2E {
          i &+= 1
        } else {
          let start = i
          while i < text.count, text[i] &- 0x30 <= 9 { i &+= 1 }
          if i == start { return false }
        }
        if i == text.count { return true }
        guard text[i] == 0x2F || text[i] == 0x7C else { return false }
        i &+= 1
      }
      return text.isEmpty
    }
  }
}

extension VCF.Record {
  /// Returns the number that the first digits of a field spell, 0 without any; for positions.
  static func leadingNumber(_ field: some Sequence<UInt8>) -> Int {
    var value = 0
    for byte in field {
      guard byte >= 0x30, byte <= 0x39, value < 1 << 50 else { break }
      value = value * 10 + Int(byte) - 0x30
    }
    return value
  }
}
