/// Names of contigs that mean the same: `1` and `chr1`, `MT` and `chrM`.
///
///     var aliases = ContigAliases(rule: .automatic)
///     aliases.resolve("1", among: { genome.index[$0] != nil })       // "chr1" where the genome calls it so
///
/// Names are looked up as they are first; aliases come into play only for those that are not there, and only
/// if someone asked for them.
package struct ContigAliases: Equatable, Sendable {
  /// Where the aliases come from.
  package enum Rule: Equatable, Sendable {
    /// There are none.
    case none
    /// `1` … and `chr1` … are the same with and without `chr`; `M`, `MT`, `chrM` and `chrMT` are one.
    case automatic
    /// Names in the same line of a list are the same.
    case listed([String: [String]])
  }

  /// Where the aliases come from.
  package var rule: Rule

  /// Aliases by a rule.
  package init(rule: Rule = .none) { self.rule = rule }

  /// Aliases of a list in which each entry holds names of one contig.
  package init(groups: [[String]]) {
    var names: [String: [String]] = [:]
    for group in groups { for name in group { names[name, default: []] += group.filter { $0 != name } } }
    rule = .listed(names)
  }

  /// The other names that a contig may have, the likeliest first.
  package func aliases(of name: String) -> [String] {
    switch rule {
    case .none: []
    case .automatic: ContigAliases.automatic(name)
    case .listed(let names): names[name] ?? []
    }
  }

  /// The name under which a contig is known: its own, or the first alias that is; nil if none is.
  package func resolve(_ name: String, among isKnown: (String) -> Bool) -> String? {
    isKnown(name) ? name : aliases(of: name).first(where: isKnown)
  }

  /// One name for all that `automatic` takes for the same: without `chr`, and `MT` for the mitochondrion.
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

/// Counts the names that one file has and another has not, so that it is said once, with the way out.
package struct ContigMismatch: Equatable, Sendable {
  /// How often each name was looked for in vain.
  package private(set) var counts: [String: Int] = [:]
  /// The names in the order in which they came.
  package private(set) var names: [String] = []
  /// How many of them automatic aliases would have found.
  private var resolvable: Set<String> = []

  /// Nothing was in vain so far.
  package init() {}

  /// Whether every name was found.
  package var isEmpty: Bool { names.isEmpty }

  /// Notes that a name was looked for among others and not found.
  package mutating func add(_ name: String, among isKnown: (String) -> Bool) {
    if counts[name] == nil {
      names.append(name)
      if ContigAliases(rule: .automatic).resolve(name, among: isKnown) != nil { resolvable.insert(name) }
    }
    counts[name, default: 0] += 1
  }

  /// Whether automatic aliases would find any of the names.
  package var isResolvable: Bool { !resolvable.isEmpty }

  /// One line for people: how many `things` are on contigs that `place` has not.
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
