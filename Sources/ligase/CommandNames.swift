import ArgumentParser

/// The names of the commands, for suggestions after an unknown command.
enum CommandNames {
  /// Returns a suggestion for a parser message about a word in the place of a command: the nearest command.
  static func advice(for message: String) -> String? {
    guard message.lowercased().contains("unexpected argument"),
      let word = message.split(separator: "'").dropFirst().first
    else {
      return nil
    }
    let (named, commands) = path(CommandLine.arguments.dropFirst())
    let path = ["ligase"] + named, names = commands.map { name(of: $0) }
    guard !names.isEmpty, CommandLine.arguments.dropFirst(path.count).first == String(word) else {
      return nil
    }
    let nearest = names.min { (distance($0, String(word)), $0) < (distance($1, String(word)), $1) }!
    let isNear = distance(nearest, String(word)) * 2 <= max(word.count, 2) + 1
    return "\(path.joined(separator: " ")) has no command '\(word)'"
      + (isNear ? "; did you mean '\(nearest)'?" : "; it has \(names.joined(separator: ", "))")
  }

  /// The names of the command and its subcommands at the beginning of arguments, and the subcommands of the last.
  static func path(_ arguments: ArraySlice<String>) -> (
    names: [String], subcommands: [any ParsableCommand.Type]
  ) {
    var names: [String] = [], commands = subcommands(of: Ligase.self)
    for argument in arguments {
      guard
        let found = commands.first(where: {
          name(of: $0) == argument || $0.configuration.aliases.contains(argument)
        })
      else { break }
      names.append(name(of: found))
      commands = subcommands(of: found)
    }
    return (names, commands)
  }

  private static func subcommands(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    command.configuration.subcommands + command.configuration.groupedSubcommands.flatMap(\.subcommands)
  }

  private static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }

  /// Returns the smallest number of insertions, deletions, replacements and exchanges of neighbours that turn
  /// one word into the other.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.lowercased()), Array(b.lowercased()))
    var rows = [Array(0...b.count)]
    for i in 1...max(a.count, 1) where i <= a.count {
      var row = [i]
      for j in 1...max(b.count, 1) where j <= b.count {
        var least = min(
          row[j - 1] + 1, rows[i - 1][j] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          least = min(least, rows[i - 2][j - 2] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
