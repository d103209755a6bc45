/// Equivalent names of contigs: `1` and `chr1`, `MT` and `chrM`.
///
///     var aliases = ContigAliases(rule: .automatic)
///     aliases.resolve("1", among: { genome.index[$0] != nil })       // "chr1" where the genome calls it so
///
/// Original names have priority; aliases are only used for names that are not found, and only if requested.
package struct ContigAliases: Equatable, Sendable {
  /// The sources of aliases.
  package enum Rule: Equatable, Sendable {
    /// No aliases.
    case none
    /// `1` … and `chr1` … are equal with and without `chr`; `M`, `MT`, `chrM` and `chrMT` are equal.
    case automatic
    /// Names in the same line of a list are equal.
    case listed([String: [String]])
  }

  /// The source of the aliases.
  package var rule: Rule

  /// Creates aliases from a rule.
  package init(rule: Rule = .none) { self.rule = rule }

  /// Creates aliases from a list in which each entry has the names of one contig.
  package init(groups: [[String]]) {
    var names: [String: [String]] = [:]
    for group in groups { for name in group { names[name, default: []] += group.filter { $0 != name } } }
    rule = .listed(names)
  }

  /// Returns the other possible names of a contig, the most likely first.
  package func aliases(of name: String) -> [String] {
    switch rule {
    case .none: []
    case .automatic: ContigAliases.automatic(name)
    case .listed(let names): names[name] ?? []
    }
  }

  /// Returns the known name of a contig: its own, or the first alias that is known; nil if none is.
  package func resolve(_ name: String, among isKnown: (String) -> Bool) -> String? {
    isKnown(name) ? name : aliases(of: name).first(where: isKnown)
  }

  /// Returns a common name for all equal names of `automatic`: without `chr`, and `MT` for the mitochondrion.
  package static func plain(_ name: String) -> String {
    if mitochondria.contains(name) { return "MT" }
    return name.hasPrefix("chr") && name.utf8.count > 3 ? String(name.dropFirst(3)) : name
  }

  private static let mitochondria = ["chrM", "MT", "M", "chrMT"]

  private static func automatic(_ name: String) -> [String] {
    if mitochondria.contains(name) { return mitochondria.filter { $0 != name } }
    if name.hasPrefix("chr") { return name.count > 3 ? [String(name.dropFirst(3))] : [] }
    return name.isEmpty ? [] : ["chr" + name]
  }
}

/// Counts of names that are in one file but not in another, for one message with a remedy.
package struct ContigMismatch: Equatable, Sendable {
  /// The number of failed lookups of each name.
  package private(set) var counts: [String: Int] = [:]
  /// The names in the order of their first failed lookup.
  package private(set) var names: [String] = []
  /// The names that automatic aliases would have found.
  private var resolvable: Set<String> = []

  /// Creates empty counts.
  package init() {}

  /// Whether every name was found.
  package var isEmpty: Bool { names.isEmpty }

  /// Adds a failed lookup of a name.
  package mutating func add(_ name: String, among isKnown: (String) -> Bool) {
    if counts[name] == nil {
      names.append(name)
      if ContigAliases(rule: .automatic).resolve(name, among: isKnown) != nil { resolvable.insert(name) }
    }
    counts[name, default: 0] += 1
  }

  /// Whether automatic aliases would find any of the names.
  package var isResolvable: Bool { !resolvable.isEmpty }

  /// Returns a message in one line: the number of `things` on contigs that `place` lacks.
  package func message(_ things: String, missingFrom place: String) -> String {
    let total = counts.values.reduce(0, +)
    let shown = names.prefix(5).map { "\($0) (\(counts[$0] ?? 0))" }.joined(separator: ", ")
    let more = names.count > 5 ? ", … (\(names.count) contigs)" : ""
    let hint =
      resolvable.isEmpty ? "" : "; \(resolvable.count) of them in \(place) under another name"
    return
      "\(total) \(total == 1 && things.hasSuffix("s") ? String(things.dropLast()) : things) on contigs that \(place) lacks: \(shown)\(more)\(hint)"
  }
}
