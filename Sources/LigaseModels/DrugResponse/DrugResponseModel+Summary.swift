import LigaseFormats
import LigaseNetworks
import LigaseTensors

extension DrugResponseModel {
  /// The model for people: a tab-separated `key value` part, then a line a tensor with its shape and count.
  public var summary: String {
    let m = manifest, p = m.provenance
    var rows: [(String, String)] = [
      ("task", Self.task), ("target", m.target), ("cell column", m.cellColumn), ("drug column", m.drugColumn),
      ("drug encoder", "\(m.architecture.drugEncoder.rawValue), \(m.vocabulary.count) tokens"),
      ("genes", FormatError.counted(m.expression.genes)),
      ("preparation", preparation), ("lines", "\(m.lines.count)"), ("drugs", "\(m.drugs.count)"),
      ("added back", addedBack), ("parameters", "\(network.parameterCount)"), ("seed", "\(p.seed)"),
      ("split", p.split),
    ]
    for (name, count) in p.pairs.sorted(by: { $0.key < $1.key }) {
      rows.append(("\(name) pairs", "\(count)"))
    }
    for (name, value) in p.metrics.sorted(by: { $0.key < $1.key }) { rows.append((name, "\(Float(value))")) }
    for (name, digest) in p.digests.sorted(by: { $0.key < $1.key }) {
      rows.append(("sha256 of \(name)", digest))
    }
    var text = rows.map { "\($0)\t\($1)\n" }.joined()
    text += "\ntensor\tshape\tcount\n"
    for (name, tensor) in namedTensors {
      text += "\(name)\t\(tensor.shape.map(String.init).joined(separator: "x"))\t\(tensor.count)\n"
    }
    return text
  }

  private var preparation: String {
    var steps: [String] = []
    if manifest.countsPerMillion { steps.append("counts per million") }
    if manifest.logTransformed { steps.append("ln(1 + x)") }
    if manifest.expression.deviations.contains(where: { $0 != 1 }) {
      steps.append("z-score of the training lines")
    }
    return steps.isEmpty ? "none" : steps.joined(separator: ", ")
  }

  private var addedBack: String {
    let b = manifest.baseline
    var parts = ["mean \(Float(b.mean))"]
    if !b.drugEffects.isEmpty { parts.append("drug effects") }
    if !b.lineEffects.isEmpty { parts.append("line effects") }
    if manifest.kernelLines > 0 {
      parts.append("\(manifest.kernelShare) of \(manifest.kernelLines) similar profiles")
    }
    return parts.joined(separator: ", ") + "; scale \(Float(b.scale))"
  }
}
