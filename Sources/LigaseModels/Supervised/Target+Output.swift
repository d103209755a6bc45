import LigaseDatasets
import LigaseFormats

extension Target {
  /// The columns after the ids: `prediction`, then one `probability:NAME` for each class or label; of several values
  /// `prediction:NAME` each.
  public var outputColumns: [String] {
    switch self {
    case .classes(let names), .labels(let names), .residues(let names):
      ["prediction"] + names.map { "probability:\($0)" }
    case .values(let scales):
      scales.count == 1 ? ["prediction"] : scales.map { "prediction:\($0.name)" }
    }
  }

  /// The letter of the likeliest class.
  public func letter(of outputs: ArraySlice<Float>) -> UInt8 {
    let best = outputs.indexOfLargest ?? outputs.startIndex
    return names[best - outputs.startIndex].utf8.first ?? 0x3F
  }

  /// Writes the fields of one prediction: for classes the likeliest, for labels those with a probability of at least
  /// one half, joined by `;`.
  public func write(_ outputs: ArraySlice<Float>, to writer: TSVWriter) throws {
    let first = outputs.startIndex
    switch self {
    case .classes(let names), .residues(let names):
      let best = outputs.indexOfLargest ?? first
      try writer.field(names[best - first])
    case .labels(let names):
      try writer.field(zip(names, outputs).filter { $1 >= 0.5 }.map(\.0).joined(separator: ";"))
    case .values: break
    }
    for value in outputs { writer.field(value) }
  }
}
