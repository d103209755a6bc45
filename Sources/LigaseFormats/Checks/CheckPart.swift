/// The problems in a part of the lines of a file, in a form that others are joined to.
///
///     ligase-check  1
///     file          reads.fq.gz  fastq  20                  its name, format, and the number of problems to print
///     records       1000
///     count         invalid-quality  error  17
///     problem       error  invalid-quality  812  5  found …  line and column; the name that is reported once, if any
///
/// Fields are separated by tabs.
package struct CheckPart {
  /// The file as messages name it.
  package var file: String
  package var format: FileFormat
  package var problems: ProblemList

  package init(file: String, format: FileFormat, problems: ProblemList) {
    (self.file, self.format, self.problems) = (file, format, problems)
  }

  /// Counts the lines of a file, of BCF those of its text form.
  package static func lineCount(of path: String, threads: Int = 1) throws -> Int {
    let reader = try ByteReader(variants: path, threads: threads)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    let base = buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
    var (lines, isEnded) = (0, true)
    while case let count = try reader.read(into: buffer), count > 0 {
      lines += LineCount.newlines(base, count)
      isEnded = base[count - 1] == 0x0A
    }
    return lines + (isEnded ? 0 : 1)
  }

  /// Writes the part.
  package func write(to output: OutputFile) throws {
    func line(_ fields: [String]) throws {
      let plain = fields.map { $0.replacing("\t", with: " ").replacing("\n", with: " ") }
      try output.write(plain.joined(separator: "\t") + "\n")
    }
    try line(["ligase-check", "1"])
    try line(["file", file, format.rawValue, "\(problems.limit)"])
    try line(["records", "\(problems.recordCount)"])
    for (name, severity, count) in problems.counts {
      try line(["count", name, severity.rawValue, "\(count)"])
    }
    for problem in problems.errors + problems.warnings {
      try line(
        [
          "problem", problem.severity.rawValue, problem.name, "\(problem.line)",
          problem.column.map { "\($0)" } ?? "", problem.message,
        ] + (problem.reportedOnce.map { [$0] } ?? []))
    }
  }

  /// Reads a part.
  package init(contentsOf path: String) throws {
    let window = TextWindow(try ByteReader(contentsOf: path))
    func invalid() -> FormatError {
      FormatError(
        .badData, path: path, line: max(1, window.line - 1), "found no part of a check, expected one")
    }
    func next() throws -> [String]? {
      try window.nextLine().map {
        String(decoding: $0, as: UTF8.self).split(separator: "\t", omittingEmptySubsequences: false).map(
          String.init)
      }
    }
    guard try next() == ["ligase-check", "1"], let named = try next(), named.count == 4, named[0] == "file",
      let format = FileFormat(rawValue: named[2]), let limit = Int(named[3]), limit >= 0,
      let counted = try next(), counted.count == 2, counted[0] == "records", let records = Int(counted[1])
    else { throw invalid() }
    (file, self.format, problems) = (named[1], format, ProblemList(limit: limit))
    var counts: [(name: String, severity: Problem.Severity, count: Int)] = [], found: [Problem] = []
    while let fields = try next() {
      if fields.count == 4, fields[0] == "count", let severity = Problem.Severity(rawValue: fields[2]),
        let count = Int(fields[3])
      {
        counts.append((fields[1], severity, count))
      } else if 6...7 ~= fields.count, fields[0] == "problem",
        let severity = Problem.Severity(rawValue: fields[1]), let line = Int(fields[3])
      {
        found.append(
          Problem(
            name: fields[2], severity: severity, line: line, column: Int(fields[4]), message: fields[5],
            reportedOnce: fields.count == 7 ? fields[6] : nil))
      } else {
        throw invalid()
      }
    }
    problems = ProblemList(limit: limit, records: records, counts: counts, problems: found)
  }

  /// Joins parts in their order.
  package static func joined(_ paths: [String]) throws -> CheckPart {
    let parts = try paths.map { try CheckPart(contentsOf: $0) }
    var whole = parts[0]
    whole.problems = ProblemList(limit: whole.problems.limit)
    for part in parts { whole.problems.append(part.problems) }
    return whole
  }
}
