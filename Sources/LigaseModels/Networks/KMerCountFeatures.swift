import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// How often each word of a sequence occurs, `log(1 + n)`: what a linear layer can read of sequences of any length.
///
/// Words have four letters where the alphabet is small, else two. The counts are a convolution with one fixed filter a
/// word, which is 1 where the word stands; a word with an ambiguous residue counts for as much as it may be that word.
struct KMerCountFeatures: Sendable {
  /// Letters of a word.
  let length: Int
  /// How many words there are.
  let count: Int
  /// A filter a word, and what is above 0 of it.
  private let words: Sequential

  /// The words over an alphabet of `letters`.
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

  /// `[N, words]` of one-hot steps `[sum of L, letters]`.
  func callAsFunction(_ steps: InputBatch) -> Tensor {
    let found = words(steps: steps, .inference)!
    let lengths = Tensor(found.layout.lengths.map { Float($0) }, shape: [found.layout.count, 1])
    return (found.meanOverLength() * lengths + 1).log()
  }
}
