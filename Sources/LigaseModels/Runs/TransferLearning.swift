import LigaseFormats
import LigaseNetworks
import LigaseTensors
import LigaseRuntime

/// Initial weights from another model's file, matched by name and shape, and frozen parameters.
package struct TransferLearning: Sendable {
  /// The file of the initial weights.
  package let source: String?
  /// The names of frozen parameters; `*` matches anything.
  package let patterns: [String]
  private let file: ModelFile?

  /// Opens the file.
  ///
  /// - Parameters:
  ///   - path: a model file, or any safetensors file; nil uses random initial weights.
  ///   - patterns: `members.*.convolution.*` freezes the convolutions; `convolution` freezes every name that
  ///     contains it.
  package init(from path: String?, freezing patterns: [String]) throws {
    source = path
    self.patterns = patterns
    file = try path.map { try ModelFile(weightsOf: $0) }
  }

  /// Replaces each tensor for which the file has the same name and shape. In a larger ensemble than that of
  /// the file, the networks of the file are used in turn.
  ///
  /// - Returns: the names that were replaced.
  /// - Throws: `TrainingError` when no tensor matches.
  func begin(_ network: inout ModelNetwork) throws -> [String] {
    guard let file else { return [] }
    let held = Set(file.tensorNames)
    let members = Set(file.tensorNames.compactMap { Self.member($0)?.index }).count
    var taken: [String] = []
    network.updateTensors { name, _, tensor in
      var source = name
      if !held.contains(name), let (index, rest) = Self.member(name), members > 0 {
        source = "members.\(index % members).\(rest)"
      }
      guard held.contains(source), let saved = file.tensor(source), saved.shape == tensor.shape,
        saved.isFinite
      else { return }
      tensor = saved
      taken.append(name)
    }
    if taken.isEmpty {
      throw TrainingError(
        "found no tensor in \(source ?? "") that has the name and shape of one of this network, expected some: it has "
          + FormatError.list(file.tensorNames.filter { !$0.hasPrefix(Model.factPrefix) }, limit: 3))
    }
    return taken
  }

  private static func member(_ name: String) -> (index: Int, rest: String)? {
    let parts = name.split(separator: ".", maxSplits: 2)
    guard parts.count == 3, parts[0] == "members", let index = Int(parts[1]), index >= 0 else { return nil }
    return (index, String(parts[2]))
  }

  /// Returns the parameters that match the patterns.
  ///
  /// - Throws: `TrainingError` when a pattern matches none, or all are frozen.
  func frozen(in network: ModelNetwork) throws -> Set<String> {
    let names = network.namedTensors.filter { $0.role == .parameter }.map(\.name)
    var frozen: Set<String> = []
    for pattern in patterns {
      let found = names.filter { Self.matches(pattern.contains("*") ? pattern : "*\(pattern)*", $0) }
      if found.isEmpty {
        throw TrainingError(
          "'\(pattern)' matches no parameter to freeze; there are \(FormatError.list(names, limit: 12))",
          remedy: .freezeOtherParameters)
      }
      frozen.formUnion(found)
    }
    if !frozen.isEmpty, frozen.count == names.count {
      throw TrainingError("all parameters are frozen: none is left to train", remedy: .freezeOtherParameters)
    }
    return frozen
  }

  /// Returns whether a name matches a pattern in which `*` matches anything.
  static func matches(_ pattern: String, _ name: String) -> Bool {
    let parts = pattern.utf8.split(separator: 0x2A, omittingEmptySubsequences: false).map(Array.init)
    var rest = Array(name.utf8)[...]
    for (i, part) in parts.enumerated() {
      if i == 0 {
        guard rest.starts(with: part) else { return false }
        rest = rest.dropFirst(part.count)
        if parts.count == 1 { return rest.isEmpty }
      } else if i == parts.count - 1 {
        return rest.count >= part.count && rest.suffix(part.count).elementsEqual(part)
      } else {
        guard !part.isEmpty else { continue }
        var found = false
        while rest.count >= part.count {
          if rest.starts(with: part) {
            found = true
            break
          }
          rest = rest.dropFirst()
        }
        guard found else { return false }
        rest = rest.dropFirst(part.count)
      }
    }
    return true
  }

  /// Returns the notes about initialised and frozen tensors.
  func report(_ taken: [String], frozen: Set<String>) -> [String] {
    var lines: [String] = []
    if let source { lines.append("initialised \(taken.count.counted("tensor")) from \(source)") }
    if !frozen.isEmpty { lines.append("froze \(frozen.count.counted("parameter tensor"))") }
    return lines
  }
}
