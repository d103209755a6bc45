internal import Glibc
import LigaseDatasets

/// Detects aligned sequences: those in which positional k-mers predict the classes better than k-mer counts.
///
/// A naive Bayes classifier on positional triples of nucleotides is compared with the ridge regression of
/// k-mer counts on a held-out seventh of the groups. The first is better for sequences around a splice site,
/// the second for sequences with a motif at any position.
enum AlignedSequences {
  /// The largest number of examples that are used, evenly spaced among all: the standard error of a fraction
  /// of a seventh of them is below 0.01.
  static let rowLimit = 20_000

  /// Returns whether the accuracy of the first is larger by more than a standard error; false where the
  /// comparison is impossible.
  ///
  /// - Parameter rows: the training examples.
  static func tellMore(_ examples: PreparedExamples, rows: [Int]) -> Bool {
    guard examples.inputs.inputs.count == 1, let classes = examples.examples.classes,
      let preparation = examples.manifests[0].preparation.base as? SequencePreparation,
      let encoded = examples.inputs.inputs[0].encoded as? EncodedSequences
    else { return false }
    let (sequences, encoding, groups) = (
      encoded.sequences, preparation.encoding, examples.examples.groups
    )
    guard encoding.alphabet.isNucleic, encoding.tokenLength == 0,
      let length = rows.first.map({ sequences[$0].count }), length >= 3,
      rows.allSatisfy({ sequences[$0].count == length })
    else { return false }
    let k = examples.examples.target.names.count
    let rows = rows.count <= rowLimit ? rows : (0..<rowLimit).map { rows[$0 * rows.count / rowLimit] }
    let held = rows.filter { groups[$0] % 7 == 3 }
    let learned = rows.filter { groups[$0] % 7 != 3 }
    guard held.count >= 20, learned.count >= 20 else { return false }
    let ridge = KMerRidge(
      sequences, encoding.alphabet, Indicators(examples.examples), groups: groups, train: learned)
    // The k-mer after the last one is for those with an ambiguity code.
    let triples = SequenceEncoding(alphabet: encoding.alphabet, tokenLength: 3),
      unknown = triples.tokenCount - 1
    let words = Dictionary(
      uniqueKeysWithValues: rows.map { ($0, triples.words(of: sequences[$0]).map { Int($0) }) })
    var priors = [Double](repeating: 1, count: k)
    var placed = [Double](repeating: 1, count: k * (length - 2) * 64)
    for row in learned {
      let label = Int(classes[row])
      priors[label] += 1
      for (place, word) in words[row]!.enumerated() where word != unknown {
        placed[(label * (length - 2) + place) * 64 + word] += 1
      }
    }
    normalize(&placed)
    let base = priors.map { log($0) }
    /// Returns the fraction of held-out examples whose class has the highest of k scores.
    func right(_ scores: (_ row: Int, _ label: Int) -> Double) -> Double {
      let hits = held.indices.count { i in
        let all = (0..<k).map { scores(i, $0) }
        return all.indexOfLargest == Int(classes[held[i]])
      }
      return Double(hits) / Double(held.count)
    }
    let there = right { i, label in
      words[held[i]]!.enumerated().reduce(base[label]) { sum, step in
        step.element == unknown ? sum : sum + placed[(label * (length - 2) + step.offset) * 64 + step.element]
      }
    }
    let guesses = ridge.predict(sequences, held)
    let anywhere = right { Double(guesses[$0 * k + $1]) }
    return there - anywhere > 0.5 / Double(held.count).squareRoot()
  }

  /// Replaces counts of 64 k-mers each by the logarithms of their fractions.
  private static func normalize(_ counts: inout [Double]) {
    for first in stride(from: 0, to: counts.count, by: 64) {
      let sum = counts[first..<(first + 64)].reduce(0, +)
      for i in first..<(first + 64) { counts[i] = log(counts[i] / sum) }
    }
  }
}
