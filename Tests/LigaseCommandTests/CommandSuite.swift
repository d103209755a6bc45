import TestSupport
import Testing

/// Tests that run lines in a folder of their own.
protocol CommandSuite {
  var shell: Shell { get }
}

extension CommandSuite {
  /// Expects what a line writes, and how it ends.
  func expect(
    _ line: String, _ output: String, _ error: String = "", status: Int32 = 0,
    at location: SourceLocation = #_sourceLocation
  ) {
    let outcome = shell.run(line)
    #expect(
      outcome.output == output && outcome.error == error && outcome.status == status, "\(line): \(outcome)",
      sourceLocation: location)
  }
}
