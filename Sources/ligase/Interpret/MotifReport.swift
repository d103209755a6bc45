import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseReports
import LigaseRuntime

/// What `explain` finds in the attributions of many sequences: motifs, their likeness to known ones, and files for other programs.
struct MotifReport {
  private let model: Model
  private let options: MotifOptions
  private let overwrite: Bool
  private let seed: UInt64
  private var ids: [String] = []
  private var sequences: [[UInt8]] = []
  private var attributions: [[Float]] = []
  /// For each sequence what the attribution of each letter would be at each residue, where the method defines it.
  private var hypothetical: [[[Float]]?] = []

  /// The letters whose hypothetical contributions are written, in the order of the arrays; none for tokens of several residues.
  var letters: [UInt8] {
    guard options.modisco != nil, let encoding = model.wholeSequences, encoding.tokenLength <= 1 else {
      return []
    }
    return encoding.alphabet.residues
  }

  /// - Throws: usage errors before anything is computed.
  init?(_ options: MotifOptions, _ model: Model, overwrite: Bool, seed: UInt64) throws {
    guard let given = options.given else { return nil }
    guard let encoding = model.wholeSequences, encoding.alphabet.isNucleic else {
      throw ValidationError("\(given) needs a model of DNA or RNA sequences; \(model.spokenKind)")
    }
    if options.known != nil || options.logo != nil || options.matches != nil, options.motifs == nil {
      throw ValidationError("--known, --matches and --logo need --motifs FILE")
    }
    if options.matches != nil, options.known == nil { throw ValidationError("--matches needs --known FILE") }
    for path in [
      options.motifs, options.matches, options.modisco, options.logo, options.bedGraph, options.filters,
    ] {
      if let path { try FileArguments.refuseExisting(path, overwrite: overwrite) }
    }
    (self.model, self.options, self.overwrite, self.seed) = (model, options, overwrite, seed)
  }

  /// Adds the attributions of a sequence, one for each residue.
  mutating func add(_ id: String, _ sequence: [UInt8], _ one: ExplainedExample) {
    ids.append(id)
    sequences.append(
      sequence.map { $0 == UInt8(ascii: "U") || $0 == UInt8(ascii: "u") ? UInt8(ascii: "T") : $0 })
    var values = [Float](repeating: 0, count: sequence.count)
    for term in one.terms { if let position = term.position { values[position - 1] = Float(term.value) } }
    attributions.append(values)
    if options.modisco != nil { hypothetical.append(one.hypothetical) }
  }

  /// Writes the files, and returns what was found, one line each.
  func finish() throws -> [String] {
    if let path = options.modisco { try writeArrays(to: path) }
    if let path = options.bedGraph { try writeBedGraph(to: path) }
    if let path = options.filters { try writeFilters(to: path) }
    return try options.motifs.map { try writeMotifs(to: $0) } ?? []
  }

  private func writeMotifs(to path: String) throws -> [String] {
    let known = try options.known.map { try MEMEFile(contentsOf: $0) }
    let seqlets = try SeqletFinder(seed: seed).seqlets(in: attributions)
    let found = try MotifDiscovery(
      sequences: sequences, attributions: attributions, seqlets: seqlets, seed: seed
    ).motifs()
    var lines = [
      "\(seqlets.count.counted("seqlet")) in \(sequences.count.counted("sequence")), \(found.count.counted("motif"))"
    ]
    var motifs = found.map(\.motif)
    if let known {
      let comparison = MotifComparison(targets: known.motifs)
      let matches = comparison.matches(of: motifs)
      for (i, own) in matches.enumerated() {
        guard let best = own.first else { continue }
        let target = known.motifs[best.target]
        motifs[i].alternateName = target.alternateName ?? target.name
        lines.append(
          "\(motifs[i].name) (\(found[i].members.count.counted("seqlet")), \(motifs[i].consensus)): most like \(target.name)\(target.alternateName.map { " " + $0 } ?? ""), q \(Float(best.qValue))"
        )
      }
      if let path = options.matches { try write(matches, of: motifs, to: known.motifs, path) }
    }
    let file = try OutputFile(path, overwrite: overwrite)
    try MEMEFile(motifs: motifs).write(to: file)
    try file.close()
    if let path = options.logo {
      guard let best = motifs.first else {
        throw FormatError(
          .badData, path: path, "found no motif in the attributions, expected one for the logo")
      }
      try SVGFile.write(
        SequenceLogo(best, title: "\(best.name) \(best.alternateName ?? "")").svg, to: path,
        overwrite: overwrite)
    }
    return lines
  }

  private func write(
    _ matches: [[MotifComparison.Match]], of motifs: [Motif], to known: [Motif], _ path: String
  ) throws {
    let file = try OutputFile(path, overwrite: overwrite)
    let rows = try TSVWriter(
      file, columns: ["motif", "target", "name", "offset", "strand", "overlap", "p", "e", "q"])
    for (motif, own) in zip(motifs, matches) {
      for match in own where match.eValue <= 1 {
        try rows.field(motif.name)
        try rows.field(known[match.target].name)
        try rows.field(known[match.target].alternateName ?? "")
        rows.field(match.offset)
        try rows.field(match.isReverse ? "-" : "+")
        rows.field(match.overlap)
        for value in [match.pValue, match.eValue, match.qValue] { rows.field(value) }
        try rows.endRow()
      }
    }
    try file.close()
  }

  /// The letters that the filters of the first convolution detect.
  private func writeFilters(to path: String) throws {
    guard let (activations, width) = model.filterActivations(sequences) else {
      throw ValidationError(
        "--filters needs a network that begins with a convolution over residues; \(model.spokenKind)")
    }
    let motifs = try FilterMotifs().motifs(activations, width: width, sequences: sequences).compactMap(
      \.motif)
    let file = try OutputFile(path, overwrite: overwrite)
    try MEMEFile(motifs: motifs, hasBothStrands: false).write(to: file)
    try file.close()
  }

  /// One-hot letters and hypothetical contributions of all letters, `[N, 4, L]`, as TF-MoDISco reads them. Where the method has none,
  /// letters that are not there have zeros.
  private func writeArrays(to path: String) throws {
    let length = sequences.first?.count ?? 0
    guard sequences.allSatisfy({ $0.count == length }) else {
      throw FormatError(
        .badData, path: path, "found sequences of several lengths, expected one length for --modisco")
    }
    var (letters, values) = ([Float](), [Float]())
    for (number, sequence) in sequences.enumerated() {
      for (place, letter) in Motif.letters.enumerated() {
        for (position, base) in sequence.enumerated() {
          let isHere = base & 0xDF == letter
          letters.append(isHere ? 1 : 0)
          values.append(
            hypothetical[number].map { $0[position][place] } ?? (isHere ? attributions[number][position] : 0))
        }
      }
    }
    let writer = NPZWriter(try OutputFile(path, overwrite: overwrite, compression: Compression.none))
    try writer.add("one_hot", floats: letters, shape: [sequences.count, 4, length])
    try writer.add("attributions", floats: values, shape: [sequences.count, 4, length])
    try writer.add("ids", texts: ids)
    try writer.close()
  }

  /// Writes the attribution of each base with its coordinates. Ids are `chrom:start-end`; the length of the sequence tells whether the
  /// start counts from 0 (bedtools) or from 1 (samtools).
  private func writeBedGraph(to path: String) throws {
    let file = try OutputFile(path, overwrite: overwrite)
    var text = ""
    for (number, id) in ids.enumerated() {
      guard let place = SequencePlace(id, length: sequences[number].count) else {
        throw FormatError(
          .badData, path: path,
          "found the id \(FormatError.quoted(id)), expected chrom:start-end with the length of the sequence for --bedgraph"
        )
      }
      for (i, value) in attributions[number].enumerated() {
        text += "\(place.chromosome)\t\(place.start + i)\t\(place.start + i + 1)\t\(value)\n"
      }
      try file.write(Array(text.utf8))
      text = ""
    }
    try file.close()
  }
}

/// A place in an id such as `chr1:100-200`.
struct SequencePlace: Equatable {
  let chromosome: String
  /// The first base, from 0.
  let start: Int

  /// nil where the id is no place of such a length.
  init?(_ id: String, length: Int) {
    guard let colon = id.lastIndex(of: ":"), colon > id.startIndex else { return nil }
    let ends = id[id.index(after: colon)...].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Int(ends[0]), let last = Int(ends[1]), first >= 0, last >= first,
      last < Int(Int32.max)
    else { return nil }
    switch length {
    case last - first: start = first
    case last - first + 1 where first > 0: start = first - 1
    default: return nil
    }
    chromosome = String(id[..<colon])
  }
}

/// Figures as files.
enum SVGFile {
  static func write(_ text: String, to path: String, overwrite: Bool) throws {
    let file = try OutputFile(path, overwrite: overwrite)
    try file.write(Array(text.utf8))
    try file.close()
  }
}

/// The files of motifs and figures.
struct MotifOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Motifs in the attributions of all sequences, in the MEME format.", valueName: "file.meme"))
  var motifs: String?
  @Option(
    help: ArgumentHelp(
      "What the filters of the first convolution detect in all sequences (MEME format).",
      valueName: "file.meme"))
  var filters: String?
  @Option(
    help: ArgumentHelp("Known motifs with which those are compared (MEME format).", valueName: "file.meme"))
  var known: String?
  @Option(
    help: ArgumentHelp("Table of all matches with known motifs of an E-value up to 1.", valueName: "file"))
  var matches: String?
  @Option(help: ArgumentHelp("Logo of the motif with the most seqlets, as SVG.", valueName: "file.svg"))
  var logo: String?
  @Option(
    help: ArgumentHelp("One-hot sequences and attributions as arrays for TF-MoDISco.", valueName: "file.npz"))
  var modisco: String?
  @Option(
    name: .customLong("bedgraph"),
    help: ArgumentHelp(
      "Attribution of each base as bedGraph; ids must be coordinates such as chr1:100-200.", valueName: "file"
    ))
  var bedGraph: String?

  /// The files that are written, with their options.
  var outputs: [(option: String, path: String?)] {
    [
      ("--motifs", motifs), ("--filters", filters), ("--matches", matches), ("--logo", logo),
      ("--modisco", modisco), ("--bedgraph", bedGraph),
    ]
  }

  /// The first of these options that the user specified.
  var given: String? {
    let all: [(String?, String)] = [
      (motifs, "--motifs"), (known, "--known"), (matches, "--matches"), (logo, "--logo"),
      (modisco, "--modisco"),
      (filters, "--filters"), (bedGraph, "--bedgraph"),
    ]
    return all.first { $0.0 != nil }?.1
  }
}
