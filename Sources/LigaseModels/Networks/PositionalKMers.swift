import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Indicators of the k-mers of one to three residues at each position: linear features of aligned sequences
/// of one length.
///
/// Step t has an indicator for each residue at t, each pair at t and t + 1, and each triple around t. Shorter
/// k-mers have larger values, as in the weighted-degree kernel (Rätsch and Sonnenburg, 2004): with triples,
/// these are 1 for triples, √2 for pairs and √3 for residues. The indicators are a convolution with one fixed
/// filter for each k-mer, which is 1 at an occurrence; a k-mer with an ambiguous residue counts fractionally
/// for each k-mer that it may be.
struct PositionalKMers: Sendable {
  /// The number of k-mers of each step.
  let count: Int
  /// A filter for each k-mer, followed by a ReLU.
  private let found: Sequential

  /// Creates the k-mers of up to `longest` residues over an alphabet of `letters`; lengths above 1 with more
  /// than 64 k-mers are skipped.
  init(letters: Int, longest: Int) {
    precondition(1...3 ~= longest, "PositionalKMers: words of \(longest)")
    var words: [[Int]] = []
    for length in 1...longest {
      let all = (0..<length).reduce(1) { product, _ in product * letters }
      for number in 0..<(length == 1 || all <= 64 ? all : 0) {
        var (rest, word) = (number, [Int]())
        for _ in 0..<length {
          word.append(rest % letters)
          rest /= letters
        }
        words.append(word)
      }
    }
    count = words.count
    let most = words.last!.count
    func weight(_ word: [Int]) -> Float { Float(most + 1 - word.count).squareRoot() }
    let filters = Tensor(shape: [words.count, letters, 3]) { out in
      out.update(repeating: 0)
      for (i, word) in words.enumerated() {
        for (place, letter) in word.enumerated() {
          // Triples start one step earlier.
          out[(i * letters + letter) * 3 + place + (word.count == 3 ? 0 : 1)] = weight(word)
        }
      }
    }
    let threshold = Tensor(words.map { Float(1 - $0.count) * weight($0) })
    found = Sequential([
      Convolution(weight: filters, bias: threshold, window: SlidingWindow(size: 3, padding: .same)),
      Activation.relu,
    ])
  }

  /// Returns `[N, L * k-mers]` for one-hot steps of N sequences of one length.
  func callAsFunction(_ steps: InputBatch) -> Tensor {
    let found = found(steps: steps, .inference)!
    return found.values.reshaped([steps.count, found.layout.rowCount * count / max(steps.count, 1)])
  }
}
