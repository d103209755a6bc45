import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// Which words of one to three residues stand where: what a linear layer can read of aligned sequences of one length.
///
/// Step t has an indicator for each residue at t, each pair at t and t + 1, and each triple around t; shorter words weigh
/// more, as in the weighted-degree kernel (Rätsch and Sonnenburg, 2004): triples 1, pairs the root of 2, residues that of 3.
/// The indicators are a convolution with one fixed filter a word, which is 1 where the word stands; a word with
/// an ambiguous residue counts for as much as it may be that word.
struct PositionalKMers: Sendable {
  /// Words of each step.
  let count: Int
  /// A filter a word, and what is above 0 of it.
  private let found: Sequential

  /// The words of up to `longest` residues over an alphabet of `letters`; a length of which there are more than 64 words
  /// is left out.
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
          // Triples begin a step before.
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

  /// `[N, L words]` of one-hot steps of N sequences of one length.
  func callAsFunction(_ steps: InputBatch) -> Tensor {
    let found = found(steps: steps, .inference)!
    return found.values.reshaped([steps.count, found.layout.rowCount * count / max(steps.count, 1)])
  }
}
