/// Attributions that follow gradients. Names are those of Captum.
package enum GradientMethod: String, CaseIterable, Sendable {
  /// `|dF/dx|` (Simonyan et al., 2014).
  case saliency
  /// `x dF/dx`.
  case inputTimesGradient = "input-x-gradient"
  /// `(x - b) ∫ dF/dx at b + a (x - b) da` (Sundararajan et al., 2017).
  case integratedGradients = "integrated-gradients"
  /// The mean of `(x - b) dF/dx at b + a (x - b)` over baselines b in turn and random a from 0 to 1 (Erion et al., 2021).
  case expectedGradients = "expected-gradients"
  /// The mean gradient under noise (Smilkov et al., 2017).
  case smoothGrad = "smooth-grad"
  /// Gradients of which ReLUs pass on positive ones alone. It hardly depends on the later weights (Adebayo et al., 2018).
  case guidedBackpropagation = "guided-backprop"
  /// As guided back-propagation, whatever the input of a ReLU is.
  case deconvolution
  /// `(x - b) m` with factors m of changes between baseline and example (Shrikumar et al., 2017).
  case deepLIFT = "deeplift"

  /// Whether attributions add up to the difference of the scores of example and baseline.
  package var addsUp: Bool { [.integratedGradients, .expectedGradients, .deepLIFT].contains(self) }
  /// Whether the method compares with a baseline.
  package var readsBaseline: Bool { addsUp }

  /// The numbers of a method.
  package struct Options: Sendable {
    /// Nodes of the Gauss-Legendre rule.
    package var steps = 64
    /// Another rule: nodes from 0 to 1 and their weights.
    package var rule: [(node: Double, weight: Double)]?
    /// Samples of expected gradients for each example, and of SmoothGrad.
    package var samples = 200
    /// The standard deviation of the noise of SmoothGrad as a fraction of the range of the example's numbers.
    package var noise = 0.15
    package var seed: UInt64 = 0
    /// Whether methods that add up keep the factors of differences from baselines.
    package var keepsFactors = false

    package init() {}
  }
}

/// Attributions of examples: numbers like the inputs.
package struct Attributions: Sendable {
  /// For each input a number for each of its rows and channels, in order.
  package var values: [[Float]]
  /// The score of each example.
  package var scores: [Double]
  /// The score of each example's baseline, the mean over several; nil where the method has none.
  package var baselines: [Double]?
  /// The factor m of the difference from the baseline of each number, and the product m b; means over baselines and points.
  ///
  /// ```
  /// value = m (x - b) = m x - m b
  /// ```
  package var factors, offsets: [[Float]]?

  /// Returns `|sum - difference| / |difference|` of an example's attributions: 0 where they add up.
  static func gap(sum: Double, score: Double, baseline: Double) -> Double {
    let difference = score - baseline, distance = abs(sum - difference)
    return distance == 0 ? 0 : distance / abs(difference)
  }
}
