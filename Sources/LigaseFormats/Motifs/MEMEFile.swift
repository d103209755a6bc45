import LigaseRuntime

/// Motifs of DNA in the minimal MEME motif format, which the programs of the MEME suite and most databases of motifs write.
///
///     MEME version 4
///
///     ALPHABET= ACGT
///
///     strands: + -
///
///     Background letter frequencies
///     A 0.25 C 0.25 G 0.25 T 0.25
///
///     MOTIF MA0035.5 GATA1
///     letter-probability matrix: alength= 4 w= 7 nsites= 71828 E= 0
///     0.055034 0.869007 0.037757 0.038202
///     ...
///     URL http://jaspar.genereg.net/matrix/MA0035.5
///
/// The line of the version comes first. Alphabet, strands and background may be absent. Every value after `letter-probability matrix:` is
/// optional; without `w=` the matrix ends at the first line that does not begin with a number. The alphabet may also be the block of
/// version 5 that begins with `ALPHABET "DNA" DNA-LIKE` and ends with `END ALPHABET`. Lines that begin with `#` or consist of `*`, and
/// matrices of log-odds, are skipped.
///
/// Source: https://meme-suite.org/meme/doc/meme-format.html
package struct MEMEFile: Equatable, Sendable {
  /// The motifs in the order of the file; names are unique.
  package var motifs: [Motif]
  /// The frequencies of A, C, G and T in the sequences where the motifs were found.
  package var background: [Double]
  /// Whether the motifs were searched on both strands.
  package var hasBothStrands: Bool

  package init(
    motifs: [Motif], background: [Double] = Motif.uniformBackground, hasBothStrands: Bool = true
  ) {
    require(background.count == Motif.letterCount, "MEMEFile: \(background.count) background frequencies")
    self.motifs = motifs
    self.background = background
    self.hasBothStrands = hasBothStrands
  }

  /// Reads a file, which may be compressed; `-` or nil is standard input. Any fault throws a `FormatError` with its line.
  package init(contentsOf path: String?) throws {
    var parser = MEMEParser(TextWindow(try ByteReader(contentsOf: path)))
    self = try parser.parse()
  }

  /// Writes the file with frequencies of six decimals, as MEME does.
  package func write(to output: OutputFile) throws {
    func word(_ text: String, _ what: String) throws -> String {
      if text.isEmpty || text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
        throw FormatError(
          .badData, path: output.path,
          "found the \(what) \(FormatError.quoted(text)), expected a name without white space")
      }
      return text
    }
    var text = "MEME version 4\n\nALPHABET= ACGT\n\nstrands: \(hasBothStrands ? "+ -" : "+")\n\n"
    text += "Background letter frequencies\n"
    let pairs = zip("ACGT", background).map { "\($0) \(MEMEFile.sixDecimals($1))" }
    text += pairs.joined(separator: " ") + "\n"
    var names: Set<String> = []
    for motif in motifs {
      guard names.insert(motif.name).inserted else {
        throw FormatError(
          .badData, path: output.path,
          "found the motif \(FormatError.quoted(motif.name)) twice, expected unique names")
      }
      guard motif.width > 0 else {
        throw FormatError(
          .badData, path: output.path,
          "found the motif \(FormatError.quoted(motif.name)) without positions, expected at least one")
      }
      text += "\nMOTIF " + (try word(motif.name, "motif name"))
      if let name = motif.alternateName { text += " " + (try word(name, "alternate name")) }
      text += "\nletter-probability matrix: alength= 4 w= \(motif.width)"
      if let count = motif.siteCount { text += " nsites= \(MEMEFile.shortest(count))" }
      if let eValue = motif.eValue { text += " E= \(MEMEFile.shortest(eValue))" }
      text += "\n"
      for position in 0..<motif.width {
        text += motif[position].map(MEMEFile.sixDecimals).joined(separator: " ") + "\n"
      }
      if let url = motif.url { text += "URL " + (try word(url, "URL")) + "\n" }
      try output.write(text)
      text = ""
    }
    try output.write(text)
  }

  /// A frequency with six decimals.
  private static func sixDecimals(_ value: Double) -> String {
    let millionths = Int((min(max(value.isFinite ? value : 0, 0), 1) * 1e6).rounded())
    let decimals = String(millionths % 1_000_000)
    return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - decimals.count) + decimals
  }

  private static func shortest(_ value: Double) -> String {
    var bytes: [UInt8] = []
    DecimalText.append(value, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
