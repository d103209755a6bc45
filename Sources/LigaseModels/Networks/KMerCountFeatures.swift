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
  private let filters: Tensor
  private let threshold: Tensor

  /// The words over an alphabet of `letters`.
  init(letters: Int) {
    length = letters <= 5 ? 4 : 2
    count = (0..<length).reduce(1) { product, _ in product * letters }
    let (words, length) = (count, length)
    filters = Tensor(shape: [words, letters, length]) { out in
      out.update(repeating: 0)
      for word in 0..<words {
        var rest = word
        for place in 0..<length {
          out[(word * letters + rest % letters) * length + place] = 1
          rest /= letters
        }
      }
    }
    threshold = Tensor([Float](repeating: Float(1 - length), count: words), shape: [words])
  }

  /// `[N, words]` of one-hot steps `[sum of L, letters]`.
  func callAsFunction(_ steps: Sequences) -> Tensor {
    let found = steps.mapValues(\.detached)
      .convolved(weight: filters, bias: threshold, window: SlidingWindow(size: length))
      .mapValues { $0.relu() }
    let lengths = Tensor(found.layout.lengths.map { Float($0) }, shape: [found.layout.count, 1])
    return (found.meanOverLength() * lengths + 1).log()
  }
}
