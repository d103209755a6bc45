internal import Glibc
import LigaseDatasets

/// Whether sequences are aligned: whether words tell more of their classes at their places than anywhere.
///
/// A naive Bayes classifier that counts each triple of nucleotides at each place by itself is judged on a seventh of the
/// groups beside the ridge regression of word counts. Of sequences around a splice site the first knows more, of sequences
/// that hold a motif somewhere the second.
enum AlignedSequences {
  /// The most examples that are asked, evenly spaced among all: the standard error of a fraction of a seventh of them is
  /// below 0.01.
  static let rowLimit = 20_000

  /// Whether the right share of the first is larger by more than a standard error; false where there is nothing to judge.
  ///
  /// - Parameter rows: the training examples.
  static func tellMore(_ examples: PreparedExamples, rows: [Int]) -> Bool {
    guard examples.inputs.inputs.count == 1, let classes = examples.examples.strata,
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
    // The word after the last stands for those with an ambiguity code.
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
    /// The share of the examples held apart whose class has the highest of k scores.
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

  /// Counts of 64 words each as logarithms of shares.
  private static func normalize(_ counts: inout [Double]) {
    for first in stride(from: 0, to: counts.count, by: 64) {
      let sum = counts[first..<(first + 64)].reduce(0, +)
      for i in first..<(first + 64) { counts[i] = log(counts[i] / sum) }
    }
  }
}
