import LigaseDatasets
import LigaseFormats
import LigaseNetworks

extension SupervisedModel {
  /// The model for people: a tab-separated `key value` part, then a line a tensor with its shape and count.
  public var summary: String {
    let m = manifest, p = m.provenance, a = m.options.architecture
    var rows: [(String, String)] = [("task", m.task.rawValue), ("architecture", a.kind.rawValue)]
    switch m.target {
    case .classes(let names):
      rows.append(("target", "\(names.count) classes: \(FormatError.list(names, limit: 12))"))
    case .residues(let names):
      rows.append(("target", "a class for every residue: \(names.joined(separator: ", "))"))
    case .labels(let names):
      rows.append(("target", "any of \(names.count) labels: \(FormatError.list(names, limit: 12))"))
    case .values(let scales):
      for scale in scales {
        rows.append(("target", "\(scale.name), mean \(scale.mean), deviation \(scale.deviation)"))
      }
    }
    rows += inputRows
    rows.append(("networks", "\(a.members)"))
    rows.append(("parameters", "\(network.parameterCount)"))
    rows.append(("seed", "\(p.seed)"))
    rows.append(("split", p.split))
    for (name, count) in p.examples.sorted(by: { $0.key < $1.key }) {
      rows.append(("\(name) \(m.task.unit)", "\(count)"))
    }
    for name in m.target.names {
      if let count = p.classCounts[name] { rows.append(("training examples of \(name)", "\(count)")) }
    }
    for (name, value) in p.metrics.sorted(by: { $0.key < $1.key }) { rows.append((name, "\(Float(value))")) }
    if let source = p.initializedFrom { rows.append(("begun with", source)) }
    if !p.frozen.isEmpty { rows.append(("kept as they were", p.frozen.joined(separator: ", "))) }
    rows.append(("sha256 of the data", p.digest))
    var text = rows.map { "\($0)\t\($1)\n" }.joined()
    text += "\ntensor\tshape\tcount\n"
    for (name, _, tensor) in network.namedTensors {
      text += "\(name)\t\(tensor.shape.map(String.init).joined(separator: "x"))\t\(tensor.count)\n"
    }
    return text
  }

  private var inputRows: [(String, String)] {
    switch manifest.features {
    case .sequence(let encoding):
      [
        ("alphabet", encoding.alphabet.rawValue),
        (
          "encoding",
          encoding.tokenLength == 0
            ? "one-hot, \(encoding.channels) channels"
            : "a vector for each of \(encoding.tokenCount) words of \(encoding.tokenLength)"
        ),
        ("length", manifest.needsEqualLengths ? "\(encoding.length ?? 0)" : "any"),
        ("strands", manifest.usesBothStrands ? "both" : "one"),
      ]
    case .expression(let features):
      [
        ("genes", FormatError.counted(features.scaler.genes)),
        (
          "preparation",
          [
            features.countsPerMillion ? "counts per million" : nil,
            features.logTransformed ? "ln(1 + x)" : nil,
            features.scaler.deviations.contains { $0 != 1 } ? "z-score of the training samples" : nil,
          ].compactMap { $0 }.joined(separator: ", ")
        ),
      ]
    case .genotype(let features):
      [
        ("sites", FormatError.counted(features.sites.map(\.name))),
        ("missing genotypes", features.missing.rawValue),
      ]
    }
  }
}
