import ArgumentParser
import LigaseFormats
import LigaseRuntime

/// `ligase check`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Validate files strictly and list their problems.",
    discussion: """
      Example:  ligase check reads.fq.gz || echo not clean
                ligase check cohort.vcf.gz --strict=all --warn undefined-contig

      Formats: FASTA, FASTQ, VCF, BCF (line numbers are those of its text form) and BED.

      The first problems go to standard output, errors before warnings, one per line: file:line:column: severity: \
      message [class]. The number of problems of each class goes to standard error. Exit code 1 means errors, 74 a \
      truncated file.
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

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  /// The problems that count as errors.
  enum Strictness: String, ExpressibleByArgument, CaseIterable {
    case errors, all
  }

  func run() throws {
    var worst: Int32 = 0
    let output = try OutputFile(nil)
    for file in files.isEmpty ? ["-"] : files {
      do {
        if try !check(file, output) { worst = max(worst, 1) }
      } catch let error as FormatError where files.count > 1 && error.kind != .brokenPipe {
        StandardError.write("ligase: error: \(Exit.text(error))\n")
        worst = max(worst, error.exitCode)
      }
    }
    try output.close()
    if worst != 0 { throw ExitCode(worst) }
  }

  private func check(_ file: String, _ output: OutputFile) throws -> Bool {
    let (warn, all) = (Set(warn), strict == .all)
    var problems = ProblemList(limit: limit) { name, severity in
      warn.contains(name) ? .warning : all ? .error : severity
    }
    let format = try FileCheck.run(contentsOf: file, format: format, threads: threads.count, into: &problems)
    let shown = file == "-" ? "standard input" : file
    for problem in problems.first {
      let column = problem.column.map { ":\($0)" } ?? ""
      let place = problem.line > 0 ? ":\(problem.line)\(column)" : ""
      try output.write(
        "\(shown)\(place): \(problem.severity.rawValue): \(problem.message) [\(problem.name)]\n")
    }
    try output.flush()
    let counts = problems.counts.map { "\($0.name) \($0.count)" }.joined(separator: ", ")
    report.note(
      "\(shown): \(format.rawValue), \(problems.recordCount.counted("record")), "
        + "\(problems.errorCount.counted("error")), \(problems.warningCount.counted("warning"))"
        + (counts.isEmpty ? "" : " (\(counts))"))
    return problems.errorCount == 0
  }

  func validate() throws {
    try FileArguments.refuseSharedInput(files)
    if limit < 0 { throw ValidationError("--limit must be at least 0 (got \(limit))") }
  }
}

extension FileFormat: ExpressibleByArgument {}
