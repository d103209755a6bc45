import ArgumentParser
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// `ligase merge`.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Join the parts of a run that was divided among jobs: the bytes of the run on one machine.",
    discussion: """
      Example:  ligase predict m.safetensors cohort.fa --shard 1/3 -o scores.1.tsv   # and 2/3, 3/3, anywhere
                ligase merge scores.*.tsv -o scores.tsv

      Parts of --shard are named in any order. FILE.shard beside each says which part it is, of what command, model and \
      options, and how many bytes it has; parts that are missing, repeated, cut off, or of another run are refused. \
      BGZF is compressed anew, so that its blocks are those of one run; --index writes the index of a VCF or FASTA.

      Parts of `check` become its problems and counts, with its exit code. Parts of `cv --only-fold` become the table \
      of out-of-fold predictions, and --scores; the data are read again, by the names that the first job was given. \
      Parts of `tune --trial` become the table of trials, and --best.
      """)

  @Argument(help: "Parts, in any order.")
  var files: [String]
  @Flag(help: "Index the output: FILE.tbi of a VCF in BGZF, FILE.fai of FASTA.")
  var index = false
  @Option(help: ArgumentHelp("Folds: write all metrics with their intervals to FILE.", valueName: "file"))
  var scores: String?
  @Option(help: ArgumentHelp("Trials: write the best options to FILE as JSON.", valueName: "file"))
  var best: String?
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  /// The parts; a pattern such as `part.*` names their descriptions, too.
  var parts: [String] {
    let descriptions = Set(files.map { ShardManifest.path(of: $0) })
    return files.filter { !descriptions.contains($0) }
  }

  func validate() throws {
    if parts.contains("-") { throw ValidationError("parts must be files (got '-')") }
    try FileArguments.refuseSharedOutput([
      ("--output", output.output), ("--scores", scores), ("--best", best),
    ])
    if index, output.output ?? "-" == "-" { throw ValidationError("--index needs --output FILE") }
  }

  func run() throws {
    try output.refuseExisting()
    if try SearchTable.isPart(parts[0]) { return try joinTrials() }
    if best != nil { throw ValidationError("--best does not apply: the parts are no trials") }
    if let arguments = try CrossValidation.arguments(of: parts[0]) { return try joinFolds(arguments) }
    if scores != nil { throw ValidationError("--scores does not apply: the parts are no folds") }
    let merge = try ShardMerge(parts)
    if merge.parts[0].manifest.command == Check.commandName { return try joinProblems(merge) }
    let target = try output.open(threads: threads.count)
    try merge.write(to: target, threads: threads.count)
    try target.close()
    report.note(
      "joined \(merge.parts.count.counted("part")) of `\(merge.parts[0].manifest.command)`, \(merge.parts[0].manifest.total.counted("record"))"
    )
    if index, let file = output.output {
      try FileIndexing(file: file, overwrite: output.overwrite, threads: threads.count, report: report)
        .write()
    }
  }

  private func refuseIndex(_ what: String) throws {
    if index { throw ValidationError("--index does not apply: the parts are \(what)") }
  }

  private func joinProblems(_ merge: ShardMerge) throws {
    try refuseIndex("problems")
    try merge.verify(threads: threads.count)
    let target = try output.open(threads: threads.count)
    let isClean = try CheckPart.joined(merge.parts.map(\.path)).report(to: target, report)
    try target.close()
    if !isClean { throw ExitCode(1) }
  }

  private func joinTrials() throws {
    try refuseIndex("trials")
    if scores != nil { throw ValidationError("--scores does not apply: the parts are trials") }
    if let best { try FileArguments.refuseExisting(best, overwrite: output.overwrite) }
    let (table, options) = try SearchTable.merged(parts)
    let target = try output.open(threads: threads.count)
    try table.write(to: target)
    try target.close()
    if let best { try options.write(to: best, overwrite: output.overwrite) }
    report.note("joined \(table.runs.count.counted("run"))")
  }

  private func joinFolds(_ arguments: [String]) throws {
    try refuseIndex("folds")
    guard var command = try Ligase.parseAsRoot(arguments) as? any PartMerging else {
      throw FormatError(
        .badData, path: parts[0], "found a part of `\(arguments.joined(separator: " "))`, which has no folds")
    }
    try command.merge(parts, self)
  }
}

/// A command that joins the parts of its jobs.
protocol PartMerging: ParsableCommand {
  /// Joins parts, with the outputs and messages of `merge`.
  mutating func merge(_ parts: [String], _ merge: Merge) throws
}
