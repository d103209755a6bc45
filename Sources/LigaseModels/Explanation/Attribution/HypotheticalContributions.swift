import LigaseDatasets
import LigaseTensors

/// What the attributions of residues would be if other letters stood there, with the same factors: the hypothetical contributions of
/// DeepLIFT's authors, which TF-MoDISco reads.
///
/// ```
/// h_c = sum over channels k of m_k (onehot_ck - b_k)
/// ```
/// m and b are those of ``Attributions``; of several baselines and points h is the mean. That of the letter that stands there is its
/// attribution.
struct HypotheticalContributions {
  /// For each leaf the numbers of each letter.
  private let letters: [[[Float]]]

  /// - Parameter letters: letters of the alphabet of sequences of one residue a step.
  init(_ letters: [UInt8], _ model: Model, _ scores: ModelScores) {
    let preparation = model.manifest.inputs[0].preparation.base
    let encoded = preparation.encode(SequenceRecords(letters.map { [$0] }))
    self.letters = scores.leaves.map { leaf in
      let own = ModelScores.Leaf(
        encoded.batch(Array(letters.indices), view: leaf.view), input: leaf.input, view: leaf.view,
        tokens: preparation.shape.tokens)
      let (numbers, width) = (own.values.scalars, own.channels)
      return letters.indices.map { Array(numbers[($0 * width)..<(($0 + 1) * width)]) }
    }
  }

  /// Returns the contribution of each letter at each residue of an example.
  ///
  /// - Parameter starts: the first number of the example in each leaf.
  func values(_ units: [FeatureUnit], _ found: Attributions, starts: [Int]) -> [[Float]]? {
    guard let factors = found.factors, let offsets = found.offsets else { return nil }
    return units.map { unit in
      letters[0].indices.map { letter in
        unit.cells.reduce(Float(0)) { sum, cell in
          let own = letters[cell.leaf][letter], first = starts[cell.leaf] + cell.numbers.lowerBound
          return own.indices.reduce(sum) {
            $0 + factors[cell.leaf][first + $1] * own[$1] - offsets[cell.leaf][first + $1]
          }
        }
      }
    }
  }
}
