/// Options that had another name in earlier versions. The old spelling ends with 64 and the new one.
enum RenamedOptions {
  private static let names = [
    "--purpose": "--setting", "--part": "--subset", "--members": "--ensemble",
    "--by": "--group COLUMN", "--output-file": "--output",
  ]

  /// What to write instead, where a message of the parser complains about an old spelling.
  static func advice(for message: String) -> String? {
    for (old, new) in names where message.hasPrefix("Unknown option '\(old)'") {
      return "\(old) is now called \(new)"
    }
    return nil
  }
}
