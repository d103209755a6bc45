/// The paths of the project's own small data.
public enum Fixtures {
  /// The root folder of the package.
  public static let packageRoot: String = {
    // Tests/TestSupport/Fixtures.swift
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }()

  /// The path of a file under `Fixtures/`.
  public static func path(_ name: String) -> String { packageRoot + "/Fixtures/" + name }
}
