import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase check`.
struct Check: ParsableCommand {
  static let commandName = "check"
  static let configuration = CommandConfiguration(
    commandName: commandName,
    abstract: "Validate files strictly and list their problems.",
    discussion: """
      Example:  ligase check reads.fq.gz || echo not clean
                ligase check cohort.vcf.gz --strict=all --warn undefined-contig

      Formats: FASTA, FASTQ, VCF, BCF (line numbers are those of its text form) and BED.

      The first problems go to standard output, errors before warnings, one per line: file:line:column: severity: \
      message [class]. The number of problems of each class goes to standard error. Exit code 1 means errors, 74 a \
      truncated file. The part of --shard has the problems of its lines for `ligase merge`, and exit code 0.
      """)

  @Argument(help: "Files; `-` or nothing is standard input.")
  var files: [String] = []

  @Option(help: "Format of the files (default: detected automatically).")
  var format: FileFormat?

  @Option(help: ArgumentHelp("Treat this class of problems as warnings (repeatable).", valueName: "class"))
  var warn: [String] = []

  @Option(help: "Which problems count as errors: errors only, or warnings too.")
  var strict: Strictness = .errors

  @Option(
    help: ArgumentHelp("Maximum number of problems printed for each file, errors first.", valueName: "n"))
  var limit = 20

  @OptionGroup var shards: ShardOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  /// The problems that count as errors.
  enum Strictness: String, ExpressibleByArgument, CaseIterable {
    case errors, all
  }

  func run() throws {
    try output.refuseExisting()
    if let part = try shards.part(
      of: files, counting: { try CheckPart.lineCount(of: files[0], threads: threads.count) })
    {
      return try check(files[0], part)
    }
    var worst: Int32 = 0
    let target = try output.open(threads: threads.count)
    for file in files.isEmpty ? ["-"] : files {
      do {
        var problems = problems()
        let format = try FileCheck.run(
          contentsOf: file, format: format, threads: threads.count, into: &problems)
        let found = CheckPart(file: ReportOptions.place(file), format: format, problems: problems)
        if try !found.report(to: target, report) { worst = max(worst, 1) }
      } catch let error as FormatError where files.count > 1 && error.kind != .brokenPipe {
        StandardError.write("ligase: error: \(Exit.text(error))\n")
        worst = max(worst, error.exitCode)
      }
    }
    try target.close()
    if worst != 0 { throw ExitCode(worst) }
  }

  private func problems(of lines: Range<Int> = 1..<Int.max) -> ProblemList {
    let (warn, all) = (Set(warn), strict == .all)
    return ProblemList(limit: limit, lines: lines) { name, severity in
      warn.contains(name) ? .warning : all ? .error : severity
    }
  }

  /// Checks a part of the lines.
  private func check(_ file: String, _ part: ShardManifest) throws {
    // The last part has the end of the file, too.
    let isLast = part.shard.number == part.shard.count
    var problems = problems(
      of: (part.records.lowerBound + 1)..<(isLast ? Int.max : part.records.upperBound + 1))
    let format = try FileCheck.run(contentsOf: file, format: format, threads: threads.count, into: &problems)
    let target = try output.open(threads: threads.count, part: part)
    try CheckPart(file: ReportOptions.place(file), format: format, problems: problems).write(to: target)
    try target.close()
  }

  func validate() throws {
    try FileArguments.refuseSharedInput(files)
    if files.count != 1 { try shards.refuse("give one file (got \(files.count))") }
    if limit < 0 { throw ValidationError("--limit must be at least 0 (got \(limit))") }
  }
}

extension CheckPart {
  /// Writes the first problems and reports the counts; returns false where there are errors.
  func report(to output: OutputFile, _ report: ReportOptions) throws -> Bool {
    for problem in problems.first {
      let column = problem.column.map { ":\($0)" } ?? ""
      let place = problem.line > 0 ? ":\(problem.line)\(column)" : ""
      try output.write(
        "\(file)\(place): \(problem.severity.rawValue): \(problem.message) [\(problem.name)]\n")
    }
    try output.flush()
    let counts = problems.counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    report.note(
      "\(file): \(format.rawValue), \(problems.recordCount.counted("record")), "
        + "\(problems.errorCount.counted("error")), \(problems.warningCount.counted("warning"))"
        + (counts.isEmpty ? "" : " (\(counts))"))
    return problems.errorCount == 0
  }
}

extension FileFormat: ExpressibleByArgument {}
