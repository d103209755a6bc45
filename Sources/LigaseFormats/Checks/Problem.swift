/// Something in a file that its format does not allow, or that is often a mistake.
package struct Problem: Equatable, Sendable {
  /// The severity of a problem.
  package enum Severity: String, Sendable {
    /// The file violates its format.
    case error
    /// The file is readable, but this may be a mistake.
    case warning
  }

  /// The class of the problem, such as `invalid-quality`.
  package var name: String
  /// The severity of the class.
  package var severity: Severity
  /// The line, counted from 1; 0 for the file as a whole.
  package var line: Int
  /// The byte within the line, counted from 1.
  package var column: Int?
  /// The problem: the value found and the value expected.
  package var message: String
  /// The name that is reported once a file, such as a filter without a definition; nil for other problems.
  package var reportedOnce: String?
}

/// The problems that a validation found: the first ones, errors before warnings, and the count of each class.
///
/// The validation of a part of the lines reads the lines before it, too, to know what they mean for later ones; what it finds in
/// them belongs to other parts.
package struct ProblemList: Sendable {
  /// The first problems: errors in the order of the file, then warnings up to the limit.
  package var first: [Problem] { Array(errors.prefix(limit) + warnings.prefix(max(0, limit - errors.count))) }
  /// The first errors and the first warnings, and all that are reported once a file.
  private(set) var errors: [Problem] = []
  private(set) var warnings: [Problem] = []
  /// The count of each class, in the order of their first problems.
  package private(set) var counts: [(name: String, severity: Problem.Severity, count: Int)] = []
  /// The classes and names so far that are reported once a file.
  private var seenOnce: Set<String> = []
  /// The number of records in the lines of the list.
  package private(set) var recordCount = 0
  /// The number of records, and whether there was an error, also before the lines of the list.
  private(set) var seenRecordCount = 0
  private(set) var hasSeenError = false
  /// The kept problems that are not reported once a file.
  private var keptCounts = (errors: 0, warnings: 0)
  /// The lines of the list, numbered from 1, and whether the current line is one of them.
  private let lines: Range<Int>
  private(set) var isActive = true
  /// Whether the validation ended before the end of the file.
  private(set) var isCut = false
  let limit: Int
  private let severities: @Sendable (String, Problem.Severity) -> Problem.Severity

  /// Creates a list that keeps the first `limit` problems; `severity` may change the severity of a class.
  ///
  /// - Parameter lines: the lines whose problems are listed, numbered from 1.
  package init(
    limit: Int, lines: Range<Int> = 1..<Int.max,
    severity: @escaping @Sendable (String, Problem.Severity) -> Problem.Severity = { $1 }
  ) {
    (self.limit, self.lines) = (limit, lines)
    severities = severity
  }

  /// Creates a list of what was found before.
  init(
    limit: Int, records: Int, counts: [(name: String, severity: Problem.Severity, count: Int)],
    problems: [Problem]
  ) {
    self.init(limit: limit)
    (recordCount, self.counts) = (records, counts)
    for problem in problems { keep(problem) }
  }

  /// Begins with a line, or a record that begins there; returns false after the last line of the list.
  mutating func begin(_ line: Int) -> Bool {
    isActive = lines.contains(line)
    isCut = line >= lines.upperBound
    return !isCut
  }

  /// Whether a line is so near before those of the list that later ones may refer to it.
  func isNear(_ line: Int) -> Bool { line >= lines.lowerBound - 1000 }

  /// Counts a record.
  mutating func addRecord() {
    seenRecordCount += 1
    if isActive { recordCount += 1 }
  }

  /// The number of errors.
  package var errorCount: Int { counts.reduce(0) { $0 + ($1.severity == .error ? $1.count : 0) } }

  /// The number of warnings.
  package var warningCount: Int { counts.reduce(0) { $0 + ($1.severity == .warning ? $1.count : 0) } }

  mutating func add(
    _ name: String, _ severity: Problem.Severity = .error, line: Int, column: Int? = nil,
    once: String? = nil, _ message: @autoclosure () -> String
  ) {
    let severity = severities(name, severity)
    if severity == .error { hasSeenError = true }
    guard isActive else { return }
    let isPart = lines != 1..<Int.max
    if (severity == .error ? keptCounts.errors : keptCounts.warnings) < limit || isPart && once != nil {
      if !isPart || once == nil {
        if severity == .error { keptCounts.errors += 1 } else { keptCounts.warnings += 1 }
      }
      keep(
        Problem(
          name: name, severity: severity, line: line, column: column, message: message(), reportedOnce: once))
    }
    count(1, of: name, severity)
  }

  private mutating func keep(_ problem: Problem) {
    if problem.severity == .error { errors.append(problem) } else { warnings.append(problem) }
  }

  private mutating func count(_ number: Int, of name: String, _ severity: Problem.Severity) {
    if let index = counts.firstIndex(where: { $0.name == name }) {
      counts[index].count += number
    } else {
      counts.append((name, severity, number))
    }
  }

  /// Adds what a list of later lines has: a name that is reported once a file counts where it comes first.
  mutating func append(_ other: ProblemList) {
    recordCount += other.recordCount
    for (name, severity, number) in other.counts { count(number, of: name, severity) }
    for problem in other.errors + other.warnings {
      if let name = problem.reportedOnce, !seenOnce.insert("\(problem.name)\t\(name)").inserted {
        count(-1, of: problem.name, problem.severity)
      } else {
        keep(problem)
      }
    }
  }
}
