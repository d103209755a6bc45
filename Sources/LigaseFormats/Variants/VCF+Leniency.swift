extension VCF {
  /// Something that was read although it is not as it should be.
  public struct Warning: Equatable, Sendable {
    /// The class, such as `position`.
    public var name: String
    /// The first line with it, counted from 1.
    public var line: Int
    /// How often it was found.
    public var count: Int
    /// What was found first, and what was made of it.
    public var message: String

    /// A warning.
    public init(name: String, line: Int, count: Int, message: String) {
      self.name = name
      self.line = line
      self.count = count
      self.message = message
    }
  }

  /// What a lenient reading lets pass with a warning, and where it stops.
  ///
  /// It stops where bcftools does, for there a record has no sure meaning: a contig name that no header line
  /// can declare, a key of FORMAT that is empty, a genotype that is none, more values than FORMAT has keys.
  struct Leniency: Sendable {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    private let sampleCount: Int
    private(set) var warnings: [Warning] = []
    /// The text of FORMAT that was seen last, its keys counted, and which of them is GT.
    private var formatText: [UInt8] = []
    private var keyCount = 0
    private var genotypeIndex: Int?

    init(sampleCount: Int) { self.sampleCount = sampleCount }

    /// Judges a line; what is no record at all is left to the parsing of its fields.
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
          .badData, path: path, line: number, column: column,
          "found \(FormatError.quoted(text)), expected \(expected)")
      }
      let contig = line.part(0, starts.1 - 1)
      let isBracketed = contig.count > 2 && contig[0] == 0x3C && contig[contig.count - 1] == 0x3E
      if !isBracketed, contig.contains(where: { $0 == 0x2C || $0 == 0x3C || $0 == 0x3E }) {
        throw fail(1, contig, "the name of a contig")
      }
      judgePosition(line.part(starts.1, starts.2 - 1), number)
      if found < 9 || sampleCount == 0 { return }
      let format = line.part(starts.8, found == 10 ? starts.9 - 1 : line.count)
      if formatText.count != format.count || !format.elementsEqual(formatText) {
        let keys = format.split(separator: 0x3A, omittingEmptySubsequences: false)
        if keys.contains(where: \.isEmpty) { throw fail(9, format, "keys between colons") }
        formatText = Array(format)
        keyCount = format.spells(".") ? .max : keys.count
        genotypeIndex = keys.firstIndex { $0.elementsEqual([0x47, 0x54]) }
      }
      if found < 10 { return }
      let samples = line.part(starts.9, line.count)
      if let fault = judgeSamples(samples) {
        throw fail(10 + fault.sample, fault.text, fault.expected)
      }
    }

    /// A position that is no number is 0, or what stands before the first character that is no digit.
    private mutating func judgePosition(_ field: Bytes, _ line: Int) {
      if !field.isEmpty, field.allSatisfy({ $0 &- 0x30 <= 9 }) { return }
      if let index = warnings.firstIndex(where: { $0.name == "position" }) {
        warnings[index].count += 1
      } else {
        let read = VCF.Record.leadingNumber(field)
        warnings.append(
          Warning(
            name: "position", line: line, count: 1,
            message: "found position \(FormatError.quoted(field)), read as \(read)"))
      }
    }

    private func judgeSamples(_ text: Bytes) -> (sample: Int, text: Bytes, expected: String)? {
      var i = 0
      var sample = 0
      while true {
        let start = i
        var fields = 1
        if let genotypeIndex {
          while fields <= genotypeIndex, i < text.count, text[i] != 0x09 {
            fields &+= text[i] == 0x3A ? 1 : 0
            i &+= 1
          }
          let genotype = i
          while i < text.count, text[i] &- 0x2E <= 11 || text[i] == 0x7C { i &+= 1 }
          let isEnd = i == text.count || text[i] == 0x09 || text[i] == 0x3A
          if !isEnd || !Leniency.isGenotype(text.part(genotype, i)) {
            var end = i
            while end < text.count, text[end] != 0x09, text[end] != 0x3A { end &+= 1 }
            return (sample, text.part(genotype, end), "a genotype such as 0/1")
          }
        }
        while i < text.count, text[i] != 0x09 {
          fields &+= text[i] == 0x3A ? 1 : 0
          i &+= 1
        }
        if fields > keyCount { return (sample, text.part(start, i), "as many values as FORMAT has keys") }
        if i >= text.count { return nil }
        i &+= 1
        sample &+= 1
      }
    }

    /// Alleles separated by `/` or `|`; nothing, as some callers write, is a missing genotype.
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
  /// The number that the digits at the beginning of a field spell, 0 without any; for positions.
  static func leadingNumber(_ field: some Sequence<UInt8>) -> Int {
    var value = 0
    for byte in field {
      guard byte >= 0x30, byte <= 0x39, value < 1 << 50 else { break }
      value = value * 10 + Int(byte) - 0x30
    }
    return value
  }
}
