/// Options that had another name in earlier versions. The old name ends with exit code 64 and shows the new
/// one.
enum RenamedOptions {
  private static let names = [
    "--purpose": "--setting", "--part": "--subset", "--members": "--ensemble",
    "--by": "--group COLUMN", "--output-file": "--output",
  ]

  /// Returns the new name for a parser message about an old one.
  static func advice(for message: String) -> String? {
    for (old, new) in names where message.hasPrefix("Unknown option '\(old)'") {
      return "\(old) is now called \(new)"
    }
    return nil
  }
}
