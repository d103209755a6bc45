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
}

/// The problems that a validation found: the first ones, errors before warnings, and the count of each class.
package struct ProblemList: Sendable {
  /// The first problems: errors in the order of the file, then warnings up to the limit.
  package var first: [Problem] { errors + warnings.prefix(limit - errors.count) }
  private var errors: [Problem] = []
  private var warnings: [Problem] = []
  /// The count of each class, in the order of their first problems.
  package private(set) var counts: [(name: String, severity: Problem.Severity, count: Int)] = []
  /// The number of records read.
  package var recordCount = 0
  private let limit: Int
  private let severities: @Sendable (String, Problem.Severity) -> Problem.Severity

  /// Creates a list that keeps the first `limit` problems; `severity` may change the severity of a class.
  package init(
    limit: Int, severity: @escaping @Sendable (String, Problem.Severity) -> Problem.Severity = { $1 }
  ) {
    self.limit = limit
    severities = severity
  }

  /// The number of errors.
  package var errorCount: Int { counts.reduce(0) { $0 + ($1.severity == .error ? $1.count : 0) } }

  /// The number of warnings.
  package var warningCount: Int { counts.reduce(0) { $0 + ($1.severity == .warning ? $1.count : 0) } }

  mutating func add(
    _ name: String, _ severity: Problem.Severity = .error, line: Int, column: Int? = nil,
    _ message: @autoclosure () -> String
  ) {
    let severity = severities(name, severity)
    if (severity == .error ? errors.count : warnings.count) < limit {
      let problem = Problem(name: name, severity: severity, line: line, column: column, message: message())
      if severity == .error { errors.append(problem) } else { warnings.append(problem) }
    }
    if let index = counts.firstIndex(where: { $0.name == name }) {
      counts[index].count += 1
    } else {
      counts.append((name, severity, 1))
    }
  }
}
