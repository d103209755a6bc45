import ArgumentParser
import LigaseFormats
import LigaseModels

/// The part of the records that a job processes.
struct ShardOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only the i-th of n parts of the records, for jobs on many machines; `ligase merge` joins the outputs.",
      valueName: "i/n"),
    transform: ShardOptions.parsed)
  var shard: Shard?

  private static func parsed(_ text: String) throws -> Shard {
    guard let shard = Shard(text) else {
      throw ValidationError("--shard must be i/n with i from 1 to n, such as 2/10 (got '\(text)')")
    }
    return shard
  }

  /// Throws a usage error with a reason where a shard is asked for.
  func refuse(_ reason: String) throws {
    if shard != nil { throw ValidationError("--shard does not apply: \(reason)") }
  }

  /// Describes the part; nil where all records are processed.
  ///
  /// - Parameters:
  ///   - files: the files of records; nil is standard input.
  ///   - count: counts the records of all files.
  func part(of files: [String?], counting count: () throws -> Int) throws -> ShardManifest? {
    guard let shard else { return nil }
    if files.isEmpty || files.contains(where: { $0 ?? "-" == "-" }) {
      throw ValidationError("--shard needs files, not standard input: the records are counted first")
    }
    let (command, arguments) = PartArguments.run
    return ShardManifest(
      shard, of: try count(), version: Ligase.configuration.version, command: command, arguments: arguments)
  }
}

/// The arguments of this process that decide about the bytes of the whole output.
enum PartArguments {
  /// Options that choose a part, its place and its messages, with whether they have a value.
  private static let others: [String: Bool] = [
    "--shard": true, "-o": true, "--output": true, "-O": true, "--output-type": true, "--overwrite": false,
    "-j": true, "--threads": true, "-q": false, "--quiet": false, "-v": false, "--verbose": false,
    "--progress": true, "--only-fold": true, "--checkpoint": true, "--resume": false,
  ]

  /// The arguments of the command that joins the folds of a cross-validation.
  static var ofFold: [String] {
    let all = CommandLine.arguments.dropFirst(), names = CommandNames.path(all).names
    return names + kept(all.dropFirst(names.count))
  }

  /// The command and its arguments; files are named by their content.
  static var run: (command: String, arguments: [ShardManifest.Argument]) {
    let all = CommandLine.arguments.dropFirst()
    let command = CommandNames.path(all).names
    return (command.joined(separator: " "), kept(all.dropFirst(command.count)).flatMap(split).map(described))
  }

  /// The part that this process was asked for, as it was written.
  static var part: String? {
    let arguments = CommandLine.arguments
    if let place = arguments.firstIndex(of: "--shard"), place + 1 < arguments.count {
      return arguments[place + 1]
    }
    return arguments.first { $0.hasPrefix("--shard=") }.map { String($0.dropFirst("--shard=".count)) }
  }

  private static func kept(_ arguments: ArraySlice<String>) -> [String] {
    var kept: [String] = [], isValue = false, areFiles = false
    for argument in arguments {
      if isValue {
        isValue = false
        continue
      }
      if areFiles || !argument.hasPrefix("-") || argument == "-" {
        kept.append(argument)
        continue
      }
      areFiles = argument == "--"
      let name = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
        String.init)
      if let hasValue = others[name[0]] {
        isValue = hasValue && name.count == 1
      } else if !argument.hasPrefix("--"),
        argument.dropFirst().allSatisfy({ "qv".contains($0) })
          || argument.hasPrefix("-j") && argument.dropFirst(2).allSatisfy(\.isNumber)
      {
        continue
      } else {
        kept.append(argument)
      }
    }
    return kept
  }

  /// An option and its value as two, as where they are written so.
  private static func split(_ argument: String) -> [String] {
    argument.hasPrefix("--")
      ? argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      : [argument]
  }

  /// A file by its content, also where its name follows `NAME=` or is followed by `@COLUMN`; else the text.
  private static func described(_ argument: String) -> ShardManifest.Argument {
    var path = argument, prefix = "", suffix = ""
    func digest() -> FileDigest? { path.isEmpty ? nil : FileDigest(contentsOf: path) }
    var found = digest()
    if found == nil, let equals = argument.firstIndex(of: "=") {
      prefix = String(argument[...equals])
      path = String(argument[argument.index(after: equals)...])
      found = digest()
      if found == nil, let at = path.lastIndex(of: "@") {
        suffix = String(path[at...])
        path = String(path[..<at])
        found = digest()
      }
    }
    guard let found else { return .text(argument) }
    return .file(
      name: prefix + FilePath.name(of: path) + suffix, bytes: found.bytes, digest: found.hexadecimal)
  }
}
