import LigaseDatasets
import LigaseTensors

/// The training, validation and test examples of a model, stored as salted hashes.
struct SeenExamples {
  private let salt: String
  private let subsets: [Int: Split.Subset]
  private let keyCount: Int

  /// Creates the examples of a model; nil where its file has none.
  init?(_ model: Model) {
    guard let salt = model.manifest.facts.salt else { return nil }
    var subsets: [Int: Split.Subset] = [:]
    for (name, subset) in [("rows", Split.Subset.train), ("rows.val", .validation), ("rows.test", .test)] {
      guard let tensor = model.facts.first(where: { $0.name == Model.factPrefix + name })?.tensor,
        tensor.shape.count == 2, tensor.shape[1] == 2
      else { continue }
      let numbers = tensor.scalars
      for row in 0..<tensor.shape[0] {
        subsets[Self.number(numbers[2 * row], numbers[2 * row + 1])] = subset
      }
    }
    guard !subsets.isEmpty else { return nil }
    (self.salt, self.subsets, keyCount) = (salt, subsets, model.manifest.keyColumns.count)
  }

  /// Returns the subset that contained such an example; nil where none did.
  func subset(of examples: Examples, row: Int) -> Split.Subset? {
    guard examples.keys.columns.count == keyCount else { return nil }
    let hash = Model.rowHashes(examples, rows: [row], salt: salt).scalars
    return subsets[Self.number(hash[0], hash[1])]
  }

  private static func number(_ high: Float, _ low: Float) -> Int { Int(high) << 24 | Int(low) }
}
