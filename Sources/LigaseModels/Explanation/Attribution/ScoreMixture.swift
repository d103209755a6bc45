internal import Glibc

/// How the scores of networks, views and predictors become the score that is explained.
package enum ScoreMixture: Sendable {
  /// A weighted sum: values and log hazards.
  ///
  /// ```
  /// offset + sum over parts of weight * score
  /// ```
  case sum(weights: [Double], offset: Double)
  /// The logit of a mean probability, `ln(p / (1 - p))`.
  case logit(MeanProbability)
  /// A mean probability.
  case probability(MeanProbability)

  /// A weighted mean of probabilities, which networks have as logits and predictors as they are.
  ///
  /// ```
  /// p = sum over parts of weight * probability
  /// ```
  package struct MeanProbability: Sendable {
    /// The weight of each part, with the sum 1.
    package var weights: [Double]
    /// The parts whose scores are logits; those of the parts that follow are probabilities.
    package var logits: Int

    package init(weights: [Double], logits: Int) { (self.weights, self.logits) = (weights, logits) }

    /// The logarithm of the probability of a part, or of its complement.
    private func log(_ part: Int, _ score: Double, complement: Bool) -> Double {
      guard part >= logits else { return ScoreMixture.logProbability(complement ? -score : score) }
      let probability = min(max(complement ? 1 - score : score, 0), 1)
      return probability > 0 ? Glibc.log(probability) : -.infinity
    }

    /// The logarithm of the mean, or of its complement.
    fileprivate func log(_ scores: [Double], complement: Bool = false) -> Double {
      let logs = scores.indices.map { log($0, scores[$0], complement: complement) }
      let most = zip(logs, weights).filter { $1 > 0 }.map(\.0).max() ?? 0
      guard most.isFinite else { return most }
      return most
        + Glibc.log(zip(logs, weights).reduce(0) { $1.1 > 0 ? $0 + $1.1 * exp($1.0 - most) : $0 })
    }

    /// The derivative of the mean with respect to each score, times a factor that is given by its logarithm.
    fileprivate func slopes(_ scores: [Double], logFactor: Double) -> [Double] {
      scores.indices.map { part in
        let own =
          part < logits
          ? log(part, scores[part], complement: false) + log(part, scores[part], complement: true) : 0
        return weights[part] * exp(own + logFactor)
      }
    }

    /// The quotient of the change of the mean and that of each score, where the scores change from others one after the other.
    fileprivate func secants(_ scores: [Double], from base: [Double]) -> [Double] {
      let slopes = slopes(scores, logFactor: 0)
      return scores.indices.map { part in
        guard part < logits, abs(scores[part] - base[part]) >= ScoreMixture.leastChange else {
          return slopes[part]
        }
        let change =
          exp(log(part, scores[part], complement: false))
          - exp(log(part, base[part], complement: false))
        return weights[part] * change / (scores[part] - base[part])
      }
    }
  }

  /// Returns the score.
  package func value(_ scores: [Double]) -> Double {
    switch self {
    case .sum(let weights, let offset): zip(weights, scores).reduce(offset) { $0 + $1.0 * $1.1 }
    case .logit(let mean): mean.log(scores) - mean.log(scores, complement: true)
    case .probability(let mean): exp(mean.log(scores))
    }
  }

  /// Returns the derivative with respect to each score.
  package func slopes(_ scores: [Double]) -> [Double] {
    switch self {
    case .sum(let weights, _): return weights
    case .logit(let mean):
      guard scores.count > 1 else { return [1] }
      return mean.slopes(scores, logFactor: -mean.log(scores) - mean.log(scores, complement: true))
    case .probability(let mean): return mean.slopes(scores, logFactor: 0)
    }
  }

  /// The change of a score below which a derivative stands for the quotient of changes.
  private static let leastChange = 1e-6

  /// Returns a factor for the change of each score, so that the products add up to the change of the mixture: DeepLIFT's
  /// rescale rule for the functions between them.
  package func secants(_ scores: [Double], from base: [Double]) -> [Double] {
    switch self {
    case .sum: return slopes(scores)
    case .probability(let mean): return mean.secants(scores, from: base)
    case .logit(let mean):
      guard scores.count > 1 else { return [1] }
      let each = mean.secants(scores, from: base)
      let change = each.indices.reduce(0.0) { $0 + each[$1] * (scores[$1] - base[$1]) }
      guard abs(change) > 1e-12 else { return slopes(scores) }
      return each.map { $0 * (value(scores) - value(base)) / change }
    }
  }

  /// `ln(1 / (1 + e^-s))`.
  private static func logProbability(_ score: Double) -> Double {
    score > 0 ? -log1p(exp(-score)) : score - log1p(exp(score))
  }
}
