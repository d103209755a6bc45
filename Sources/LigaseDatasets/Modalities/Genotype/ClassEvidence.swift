internal import Glibc
import LigaseTensors

/// The probability of each class given the known genotypes of a sample, as features, which are useful where
/// few sites are known.
///
/// Alleles are assumed independent given the class, so `s_k = Σ g ln f_ks + (c - g) ln(1 - f_ks)` over the m
/// known sites. Sites are in fact correlated, so scores are divided by the design effect `1 + (m - 1) ρ` of
/// Kish (1965): `p_k ∝ exp(s_k / (1 + (m - 1) ρ))`. ρ is the value with the smallest cross-entropy on
/// training samples, each with frequencies that were fitted without it. The features are `ln(p_k + 0.01)`.
package struct ClassEvidence: Codable, Hashable, Sendable {
  /// The allele frequencies f, classes × sites, row-major.
  package var frequencies: [Float]
  /// The correlation of sites within a class, ρ.
  package var correlation: Float = 0

  init(_ frequencies: [Float]) { self.frequencies = frequencies }

  /// The scores of samples.
  struct Scores {
    /// The scores s, samples × classes.
    var values: [Float] = []
    /// The number of known sites of each sample, m.
    var known: [Float] = []

    /// Returns the logarithms of class probabilities for a correlation, samples × classes.
    func logProbabilities(_ correlation: Float) -> Tensor {
      let k = values.count / max(known.count, 1)
      return Tensor(
        values.indices.map { values[$0] / (1 + max(known[$0 / k] - 1, 0) * correlation) },
        shape: [known.count, k]
      ).logSoftmax()
    }

    /// Returns the correlation with the smallest cross-entropy, among 0 and 0.001 to 1 in steps of a factor
    /// of 1.26.
    func bestCorrelation(_ classes: [Int]) -> Float {
      let k = values.count / max(known.count, 1)
      let choices = [0] + (0...30).map { Float(pow(10, Double($0) / 10 - 3)) }
      let losses = choices.map { choice -> Float in
        let logs = logProbabilities(choice).scalars
        return classes.indices.reduce(0) { $0 - logs[$1 * k + classes[$1]] }
      }
      return choices[losses.indices.min { losses[$0] < losses[$1] } ?? 0]
    }
  }

  /// Returns the scores of samples from their counts, samples × sites; NaN is unknown.
  func scores(_ counts: [Float], siteCount: Int, copies: Float) -> Scores {
    let n = counts.count / max(siteCount, 1), k = frequencies.count / max(siteCount, 1)
    var (alternate, reference) = (counts, counts)
    var known = [Float](repeating: 0, count: n)
    for i in counts.indices {
      alternate[i] = counts[i].isNaN ? 0 : min(counts[i], copies)
      reference[i] = counts[i].isNaN ? 0 : copies - alternate[i]
      if !counts[i].isNaN { known[i / siteCount] += 1 }
    }
    func logs(_ values: [Float]) -> Tensor {
      Tensor(values.map { min(max($0, 1e-5), 1 - 1e-5) }, shape: [k, siteCount]).log()
    }
    let up = Tensor(alternate, shape: [n, siteCount]).linear(weight: logs(frequencies), bias: nil)
    let down = Tensor(reference, shape: [n, siteCount]).linear(
      weight: logs(frequencies.map { 1 - $0 }), bias: nil)
    return Scores(values: (up + down).scalars, known: known)
  }

  /// Returns `ln(p_k + 0.01)` of samples, samples × classes.
  func logs(_ counts: [Float], siteCount: Int, copies: Float) -> [Float] {
    let found = scores(counts, siteCount: siteCount, copies: copies).logProbabilities(correlation)
    return Tensor(found.exp().scalars.map { $0 + 0.01 }).log().scalars
  }
}
