import LigaseRuntime

/// The reader of `MEMEFile`, line by line.
struct MEMEParser {
  /// The largest difference from 1 of a sum of four frequencies: four numbers with two decimals are rounded by 0.005 each.
  private static let sumTolerance = 0.02 + 1e-9

  /// The largest number of positions of a motif: the longest site of MEME (`MAXSITE`). It bounds the time of comparisons.
  private static let largestWidth = 300

  private let window: TextWindow
  /// The current line without white space at both ends, and its number.
  private var text: [UInt8] = []
  private var line = 0
  private var isAtEnd = false
  private var background: [Double]?
  private var hasBothStrands: Bool?
  private var hasAlphabet = false
  private var motifs: [Motif] = []
  private var lineOfName: [String: Int] = [:]

  init(_ window: TextWindow) { self.window = window }

  /// Reads the file to its end.
  mutating func parse() throws -> MEMEFile {
    try advance()
    while !isAtEnd, text.isEmpty { try advance() }
    guard starts(with: "MEME version") else {
      throw failure(foundLine + ", expected a first line 'MEME version 4' or 'MEME version 5'")
    }
    try readVersion()
    try advance()
    while !isAtEnd {
      if text.isEmpty || text[0] == UInt8(ascii: "#") || text.allSatisfy({ $0 == UInt8(ascii: "*") }) {
        try advance()
      } else if starts(with: "MOTIF") {
        try readMotif()
      } else {
        try readHeaderLine()
      }
    }
    return MEMEFile(
      motifs: motifs, background: background ?? Motif.uniformBackground,
      hasBothStrands: hasBothStrands ?? true)
  }

  // MARK: Lines

  private mutating func advance() throws {
    line = window.line
    guard let next = try window.nextLine() else {
      text = []
      isAtEnd = true
      return
    }
    var part = next[...]
    // A byte order mark may precede the first line.
    if line == 1, part.starts(with: [0xEF, 0xBB, 0xBF]) { part = part.dropFirst(3) }
    while let first = part.first, first <= 0x20 { part = part.dropFirst() }
    while let last = part.last, last <= 0x20 { part = part.dropLast() }
    text = Array(part)
  }

  private func failure(_ message: String, line: Int? = nil) -> FormatError {
    FormatError(.badData, path: window.path, line: line ?? self.line, message)
  }

  private var foundLine: String {
    isAtEnd ? "found the end of the file" : text.isEmpty ? "found an empty line" : "found \(quoted(text))"
  }

  private func quoted(_ text: some Sequence<UInt8>) -> String { FormatError.quoted(text) }

  private func starts(with word: String) -> Bool {
    guard text.starts(with: word.utf8) else { return false }
    return text.count == word.utf8.count || text[word.utf8.count] <= 0x20
  }

  private var words: [ArraySlice<UInt8>] { text.split { $0 <= 0x20 } }

  /// A finite number; nil if the text is none.
  private func number(_ text: ArraySlice<UInt8>) -> Double? {
    text.withUnsafeBufferPointer { try? DecimalNumber.double($0).get() }
  }

  // MARK: Header

  private func readVersion() throws {
    let version = words.count > 2 ? words[2] : []
    guard let digit = version.first, digit == UInt8(ascii: "4") || digit == UInt8(ascii: "5"),
      version.count == 1 || version.dropFirst().first == UInt8(ascii: ".")
    else { throw failure("found the version \(quoted(version)), expected 4 or 5") }
  }

  private mutating func readHeaderLine() throws {
    guard motifs.isEmpty else {
      throw failure(foundLine + ", expected a line that begins with MOTIF or the end of the file")
    }
    if text.starts(with: "ALPHABET=".utf8) {
      try checkNew(!hasAlphabet, "alphabet")
      hasAlphabet = true
      try checkAlphabet(text.dropFirst("ALPHABET=".utf8.count).filter { $0 > 0x20 })
      try advance()
    } else if starts(with: "ALPHABET") {
      try checkNew(!hasAlphabet, "alphabet")
      hasAlphabet = true
      try readAlphabetBlock()
    } else if text.starts(with: "strands:".utf8) {
      try checkNew(hasBothStrands == nil, "line of strands")
      switch String(decoding: text.dropFirst("strands:".utf8.count).filter { $0 > 0x20 }, as: UTF8.self) {
      case "+-": hasBothStrands = true
      case "+": hasBothStrands = false
      default: throw failure(foundLine + ", expected 'strands: + -' or 'strands: +'")
      }
      try advance()
    } else if text.starts(with: "Background letter frequencies".utf8) {
      try checkNew(background == nil, "background")
      try readBackground()
    } else {
      throw failure(
        foundLine + ", expected ALPHABET=, strands:, 'Background letter frequencies' or MOTIF")
    }
  }

  private func checkNew(_ isNew: Bool, _ what: String) throws {
    if !isNew { throw failure("found a second \(what), expected one") }
  }

  private func checkAlphabet(_ letters: [UInt8]) throws {
    guard letters == Motif.letters else {
      throw failure("found the alphabet \(quoted(letters)), expected ACGT")
    }
  }

  /// Reads the lines from `ALPHABET "DNA" DNA-LIKE` to `END ALPHABET`: core symbols, such as `A "Adenine" CC0000 ~ T "Thymine" 0000CC`,
  /// and ambiguous ones, such as `R = AG`, which are skipped.
  private mutating func readAlphabetBlock() throws {
    let start = line
    var core: Set<UInt8> = []
    while true {
      try advance()
      if isAtEnd {
        throw failure("found the end of the file, expected END ALPHABET after the block on line \(start)")
      }
      if starts(with: "END ALPHABET") { break }
      let words = words
      // The name of a symbol is quoted and may contain blanks, so the sign is searched among all words.
      if words.isEmpty || words.contains(where: { $0 == [UInt8(ascii: "=")] }) { continue }
      var symbols = [words[0]]
      if let tilde = words.firstIndex(where: { $0 == [UInt8(ascii: "~")] }), tilde + 1 < words.count {
        symbols.append(words[tilde + 1])
      }
      for symbol in symbols {
        guard let byte = symbol.first, symbol.count == 1, Motif.letters.contains(byte) else {
          throw failure("found the letter \(quoted(symbol)) in the alphabet, expected A, C, G and T")
        }
        core.insert(byte)
      }
    }
    try checkAlphabet(core.sorted())
    try advance()
  }

  /// Reads pairs of a letter and its frequency, on one line or several.
  private mutating func readBackground() throws {
    let start = line
    var found = [Double?](repeating: nil, count: Motif.letterCount)
    while found.contains(nil) {
      try advance()
      let words = words
      guard !words.isEmpty, words.count.isMultiple(of: 2) else {
        throw failure(foundLine + ", expected pairs of a letter and its background frequency")
      }
      for i in stride(from: 0, to: words.count, by: 2) {
        let index = words[i].count == 1 ? Int(Motif.letterIndex[Int(words[i][words[i].startIndex])]) : 4
        guard index < 4, found[index] == nil else {
          throw failure("found \(quoted(words[i])), expected each of the letters A, C, G and T once")
        }
        guard let value = number(words[i + 1]), 0...1 ~= value else {
          throw failure("found \(quoted(words[i + 1])), expected a background frequency from 0 to 1")
        }
        found[index] = value
      }
    }
    let values = found.compactMap { $0 }, sum = values.reduce(0, +)
    guard abs(sum - 1) <= MEMEParser.sumTolerance else {
      throw failure("found background frequencies with the sum \(sum), expected 1", line: start + 1)
    }
    background = values
    try advance()
  }

  // MARK: Motifs

  private mutating func readMotif() throws {
    let words = words, start = line
    guard words.count == 2 || words.count == 3 else {
      throw failure(foundLine + ", expected MOTIF, a name and at most one alternate name")
    }
    guard UTF8Scan.firstInvalid(text) == nil else { throw failure(foundLine + ", expected UTF-8") }
    let names = words.dropFirst().map { String(decoding: $0, as: UTF8.self) }
    if let first = lineOfName.updateValue(start, forKey: names[0]) {
      throw failure("found a second motif \(quoted(names[0].utf8)), the first is on line \(first)")
    }
    var url: String?
    var motif: Motif?
    try advance()
    while !isAtEnd, !starts(with: "MOTIF") {
      if text.isEmpty || text[0] == UInt8(ascii: "#") || text.allSatisfy({ $0 == UInt8(ascii: "*") }) {
        try advance()
      } else if starts(with: "URL") {
        guard url == nil, self.words.count == 2, UTF8Scan.firstInvalid(text) == nil else {
          throw failure(foundLine + ", expected one line 'URL address' of the motif")
        }
        url = String(decoding: self.words[1], as: UTF8.self)
        try advance()
      } else if text.starts(with: "log-odds matrix:".utf8) {
        _ = try readRows(readSizes("log-odds matrix:"), areFrequencies: false)
      } else if text.starts(with: "letter-probability matrix:".utf8) {
        try checkNew(motif == nil, "letter-probability matrix of motif \(quoted(names[0].utf8))")
        let sizes = try readSizes("letter-probability matrix:")
        motif = Motif(
          name: names[0], alternateName: names.count > 1 ? names[1] : nil,
          frequencies: try readRows(sizes, areFrequencies: true), siteCount: sizes.siteCount,
          eValue: sizes.eValue)
      } else {
        throw failure(foundLine + ", expected 'letter-probability matrix:', URL or MOTIF")
      }
    }
    guard var motif else {
      throw failure(
        foundLine + ", expected the letter-probability matrix of motif \(quoted(names[0].utf8))"
          + " (line \(start))")
    }
    motif.url = url
    motifs.append(motif)
  }

  /// The values after `letter-probability matrix:`.
  private struct Sizes {
    var width: Int?
    var siteCount: Double?
    var eValue: Double?
  }

  /// Reads `key= value` pairs, with or without a blank after the equals sign.
  private func readSizes(_ title: String) throws -> Sizes {
    var sizes = Sizes()
    var seen: Set<String> = []
    var words = text.dropFirst(title.utf8.count).split { $0 <= 0x20 }[...]
    while let word = words.popFirst() {
      guard let sign = word.firstIndex(of: UInt8(ascii: "=")) else {
        throw failure("found \(quoted(word)), expected a value of the form 'w= 9'")
      }
      let key = String(decoding: word[..<sign], as: UTF8.self)
      var value = word[(sign + 1)...]
      if value.isEmpty { value = words.popFirst() ?? [] }
      guard seen.insert(key).inserted else {
        throw failure("found \(quoted(key.utf8)) twice, expected it once")
      }
      func refuse(_ expected: String) -> FormatError {
        failure("found \(quoted(key.utf8))= \(quoted(value)), expected \(expected)")
      }
      switch key {
      case "alength":
        guard value.elementsEqual("4".utf8) else { throw refuse("4, the number of letters in ACGT") }
      case "w":
        guard let width = Int(String(decoding: value, as: UTF8.self)),
          1...MEMEParser.largestWidth ~= width
        else {
          throw refuse("a number of positions from 1 to \(MEMEParser.largestWidth)")
        }
        sizes.width = width
      case "nsites":
        guard let count = number(value), count >= 0 else { throw refuse("a number of sites") }
        sizes.siteCount = count
      case "E":
        guard let eValue = eValue(value) else { throw refuse("an E-value of at least 0") }
        sizes.eValue = eValue
      case "P", "S", "n", "bayes":
        // P-values of STREME, scores of other programs and sizes of log-odds matrices.
        if value.isEmpty { throw refuse("a value") }
      default:
        throw failure("found \(quoted(key.utf8)), expected alength, w, nsites or E")
      }
    }
    return sizes
  }

  /// An E-value: a number from 0; those beyond the range of Float64, such as 1e400, and `inf` are infinite.
  private func eValue(_ text: ArraySlice<UInt8>) -> Double? {
    switch text.withUnsafeBufferPointer({ DecimalNumber.double($0) }) {
    case .success(let value): return value >= 0 ? value : nil
    case .failure(.notFinite): return text.first == UInt8(ascii: "-") ? nil : .infinity
    case .failure: return nil
    }
  }

  /// Reads the rows of a matrix. Memory grows with the rows that are there, not with the width that the header claims.
  private mutating func readRows(_ sizes: Sizes, areFrequencies: Bool) throws -> [Double] {
    let start = line
    var values: [Double] = []
    var count = 0
    while sizes.width.map({ count < $0 }) ?? true {
      try advance()
      let words = words
      if sizes.width == nil, count > 0, words.first.flatMap(number) == nil { break }
      guard count < MEMEParser.largestWidth else {
        throw failure(
          "found more than \(count) rows, expected at most that many: the matrix on line \(start)")
      }
      let expected = "row \(count + 1)\(sizes.width.map { " of \($0)" } ?? "") of the matrix on line \(start)"
      guard words.count == Motif.letterCount else {
        throw failure(foundLine + ", expected four numbers: " + expected)
      }
      var sum = 0.0
      for word in words {
        guard let value = number(word), !areFrequencies || 0...1 ~= value else {
          throw failure(
            "found \(quoted(word)), expected a \(areFrequencies ? "frequency from 0 to 1" : "number"): "
              + expected)
        }
        sum += value
        values.append(value)
      }
      if areFrequencies, abs(sum - 1) > MEMEParser.sumTolerance {
        throw failure("found frequencies with the sum \(sum), expected 1: " + expected)
      }
      count += 1
    }
    if sizes.width != nil { try advance() }
    return values
  }
}
