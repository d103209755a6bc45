/// Something in a file that its format does not allow, or that often is a mistake.
package struct Problem: Equatable, Sendable {
  /// How grave a problem is.
  package enum Severity: String, Sendable {
    /// The file breaks its format.
    case error
    /// The file is readable, and yet this is worth a look.
    case warning
  }

  /// The class of problems that this one belongs to, such as `invalid-quality`.
  package var name: String
  /// How grave the class is.
  package var severity: Severity
  /// The line, counted from 1; 0 for the file as a whole.
  package var line: Int
  /// The byte within the line, counted from 1.
  package var column: Int?
  /// The problem: the value found and the value expected.
  package var message: String
}

/// What a strict reading found: the first problems, errors before warnings, and how many there are of each class.
package struct ProblemList: Sendable {
  /// The first problems: errors in the order of the file, then warnings as far as there is room for them.
  package var first: [Problem] { errors + warnings.prefix(limit - errors.count) }
  private var errors: [Problem] = []
  private var warnings: [Problem] = []
  /// How many there are of each class, the classes in the order of their first problem.
  package private(set) var counts: [(name: String, severity: Problem.Severity, count: Int)] = []
  /// How many records were read.
  package var recordCount = 0
  private let limit: Int
  private let severities: @Sendable (String, Problem.Severity) -> Problem.Severity

  /// Keeps the first `limit` problems; `severity` may change how grave a class is.
  package init(
    limit: Int, severity: @escaping @Sendable (String, Problem.Severity) -> Problem.Severity = { $1 }
  ) {
    self.limit = limit
    severities = severity
  }

  /// How many errors there are.
  package var errorCount: Int { counts.reduce(0) { $0 + ($1.severity == .error ? $1.count : 0) } }

  /// How many warnings there are.
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
