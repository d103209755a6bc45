internal import Glibc

/// How the scores of networks and views become the score that is explained.
package enum ScoreMixture: Sendable {
  /// A weighted sum: values and log hazards.
  ///
  /// ```
  /// offset + sum over parts of weight * score
  /// ```
  case sum(weights: [Double], offset: Double)
  /// The logit of the mean probability, `ln(p / (1 - p))`; scores are logits.
  case logit
  /// The mean probability; scores are logits.
  case probability

  /// Returns the score.
  package func value(_ scores: [Double]) -> Double {
    switch self {
    case .sum(let weights, let offset): zip(weights, scores).reduce(offset) { $0 + $1.0 * $1.1 }
    case .logit:
      Self.logMean(scores.map(Self.logProbability)) - Self.logMean(scores.map { Self.logProbability(-$0) })
    case .probability: exp(Self.logMean(scores.map(Self.logProbability)))
    }
  }

  /// Returns the derivative with respect to each score.
  package func slopes(_ scores: [Double]) -> [Double] {
    let count = Double(scores.count)
    switch self {
    case .sum(let weights, _): return weights
    case .logit:
      guard scores.count > 1 else { return [1] }
      let all =
        Self.logMean(scores.map(Self.logProbability)) + Self.logMean(scores.map { Self.logProbability(-$0) })
      return scores.map { exp(Self.logProbability($0) + Self.logProbability(-$0) - all) / count }
    case .probability: return scores.map { exp(Self.logProbability($0) + Self.logProbability(-$0)) / count }
    }
  }

  /// Returns a factor for the change of each score, so that the products add up to the change of the mixture: DeepLIFT's
  /// rescale rule for the functions between them.
  package func secants(_ scores: [Double], from base: [Double]) -> [Double] {
    let slopes = slopes(scores)
    if case .sum = self { return slopes }
    func secant(_ a: Double, _ b: Double, _ value: (Double) -> Double, else slope: Double) -> Double {
      abs(a - b) < 1e-6 ? slope : (value(a) - value(b)) / (a - b)
    }
    if scores.count == 1 { return [secant(scores[0], base[0], { value([$0]) }, else: slopes[0])] }
    let probability = { (score: Double) in exp(Self.logProbability(score)) }
    let each = zip(scores, base).map { a, b in
      secant(a, b, probability, else: probability(a) * probability(-a)) / Double(scores.count)
    }
    guard case .logit = self else { return each }
    let change = zip(each, zip(scores, base)).reduce(0.0) { $0 + $1.0 * ($1.1.0 - $1.1.1) }
    guard abs(change) > 1e-12 else { return slopes }
    return each.map { $0 * (value(scores) - value(base)) / change }
  }

  /// `ln(1 / (1 + e^-s))`.
  private static func logProbability(_ score: Double) -> Double {
    score > 0 ? -log1p(exp(-score)) : score - log1p(exp(score))
  }

  private static func logMean(_ logs: [Double]) -> Double {
    let most = logs.max() ?? 0
    guard most.isFinite else { return most }
    return most + log(logs.reduce(0) { $0 + exp($1 - most) } / Double(logs.count))
  }
}
