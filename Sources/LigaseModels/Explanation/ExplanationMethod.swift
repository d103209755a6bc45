import LigaseDatasets

/// The methods that explain a prediction by features.
package enum ExplanationMethod: String, CaseIterable, Sendable {
  case saliency
  case inputTimesGradient = "input-x-gradient"
  case integratedGradients = "integrated-gradients"
  case expectedGradients = "expected-gradients"
  case smoothGrad = "smooth-grad"
  case guidedBackpropagation = "guided-backprop"
  case deconvolution
  case deepLIFT = "deeplift"
  /// The loss of score where a feature or group is absent.
  case occlusion
  /// Exact Shapley values for up to 14 features or groups, else permutation SHAP.
  case shap
  case kernelSHAP = "kernel-shap"
  case permutationSHAP = "permutation-shap"
  case lime

  /// The method that follows gradients; nil for those that perturb.
  package var gradient: GradientMethod? { GradientMethod(rawValue: rawValue) }
  /// Whether attributions add up to the difference of the scores of example and baseline.
  package var addsUp: Bool { gradient?.addsUp ?? [.shap, .kernelSHAP, .permutationSHAP].contains(self) }
  /// Whether the method compares with a baseline.
  package var readsBaseline: Bool { gradient?.readsBaseline ?? true }
}

/// What stands for absent features.
package enum ExplanationBaseline: Sendable {
  /// The mean of the training examples for rows of features; zeros for steps and grids, which are the mean of standardised numbers, and no
  /// residue of sequences.
  case automatic
  /// Zeros.
  case zeros
  /// Shuffles of the sequence that keep the counts of its dinucleotides; attributions are means over them.
  case shuffles(Int)
  /// Other examples; attributions are means over them.
  case examples(Examples)
}

/// The groups of features that are explained as one.
package enum FeatureGrouping: Sendable {
  /// Every feature by itself.
  case none
  /// All features of an input.
  case inputs
  /// Windows of steps: their size and the distance of their beginnings.
  case windows(size: Int, stride: Int)
  /// Squares of pixels: their side and the distance of their beginnings; nil for an eighth of the smaller side of the image.
  case tiles(size: Int?, stride: Int?)
  /// Sets of features by name, such as gene sets; other features by themselves.
  case sets([(name: String, members: Set<String>)])
}
