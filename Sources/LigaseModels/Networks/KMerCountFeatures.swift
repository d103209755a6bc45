import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// The counts of the k-mers of a sequence, `log(1 + n)`: linear features of sequences of any length.
///
/// K is 4 for small alphabets, else 2. The counts are a convolution with one fixed filter for each k-mer,
/// which is 1 at an occurrence; a k-mer with an ambiguous residue counts fractionally for each k-mer that it
/// may be.
struct KMerCountFeatures: Sendable {
  /// The length of the k-mers.
  let length: Int
  /// The number of different k-mers.
  let count: Int
  /// A filter for each k-mer, followed by a ReLU.
  private let words: Sequential

  /// Creates the features for an alphabet of `letters`.
  init(letters: Int) {
    length = letters <= 5 ? 4 : 2
    count = (0..<length).reduce(1) { product, _ in product * letters }
    let (count, length) = (count, length)
    let filters = Tensor(shape: [count, letters, length]) { out in
      out.update(repeating: 0)
      for word in 0..<count {
        var rest = word
        for place in 0..<length {
          out[(word * letters + rest % letters) * length + place] = 1
          rest /= letters
        }
      }
    }
    let threshold = Tensor(repeating: Float(1 - length), shape: [count])
    words = Sequential([
      Convolution(weight: filters, bias: threshold, window: SlidingWindow(size: length)), Activation.relu,
    ])
  }

  /// Returns `[N, k-mers]` for one-hot steps `[sum of L, letters]`.
  func callAsFunction(_ steps: InputBatch) -> Tensor {
    let found = words(steps: steps, .inference)!
    let lengths = Tensor(found.layout.lengths.map { Float($0) }, shape: [found.layout.count, 1])
    return (found.meanOverLength() * lengths + 1).log()
  }
}
