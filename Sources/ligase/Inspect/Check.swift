import ArgumentParser
import LigaseFormats

/// `ligase check`.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read files strictly and list what is wrong with them.",
    discussion: """
      Example:  ligase check reads.fq.gz || echo not clean
                ligase check cohort.vcf.gz --strict=all --warn undefined-contig

      FASTA, FASTQ, VCF, BCF (line numbers are those of its text) and BED.

      The first problems go to standard output, errors before warnings, one line each: file:line:column: severity: \
      message [class]. The counts of each class go to standard error. Exit code 1 if there is an error, 74 if a file is truncated.
      """)

  @Argument(help: "Files; `-` or nothing is standard input.")
  var files: [String] = []

  @Option(help: "The format, where the first bytes do not tell.")
  var format: FileFormat?

  @Option(help: ArgumentHelp("Hold a class of problems for a warning (repeatable).", valueName: "class"))
  var warn: [String] = []

  @Option(help: "Hold for errors: the errors of the format, or all, warnings too.")
  var strict: Strictness = .errors

  @Option(help: ArgumentHelp("Print the first N problems of each file, errors first.", valueName: "n"))
  var limit = 20

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var report: ReportOptions

  /// What counts as an error.
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
      "\(shown): \(format.rawValue), \(problems.recordCount) records, \(problems.errorCount) errors, "
        + "\(problems.warningCount) warnings" + (counts.isEmpty ? "" : " (\(counts))"))
    return problems.errorCount == 0
  }

  func validate() throws {
    try FileArguments.refuseSharedInput(files)
    if limit < 0 { throw ValidationError("found --limit \(limit), expected a number from 0 up") }
  }
}

extension FileFormat: ExpressibleByArgument {}
