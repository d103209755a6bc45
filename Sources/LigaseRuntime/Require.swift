/// Stops the program where a condition that the caller must meet does not hold, and prints why: the operation, what was
/// found and what it needs.
///
/// Unlike `precondition`, it prints its message in a release build too.
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}
