/// Stops the program where a condition on the caller does not hold, and prints the reason: the operation, the
/// value found and the value needed.
///
/// Unlike `precondition`, it also prints its message in a release build.
package func require(
  _ condition: Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fatalError(message(), file: file, line: line) }
}
