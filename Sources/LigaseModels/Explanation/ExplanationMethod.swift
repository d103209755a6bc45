import LigaseDatasets

/// Attributions that leave features or groups out.
package enum PerturbationMethod: String, CaseIterable, Sendable {
  /// The loss of score where a feature or group is absent.
  case occlusion
  /// Exact Shapley values for up to 14 features or groups, else permutation SHAP.
  case shap
  case kernelSHAP = "kernel-shap"
  case permutationSHAP = "permutation-shap"
  case lime
}

/// The methods that explain a prediction by features.
package enum ExplanationMethod: Hashable, Sendable {
  case gradient(GradientMethod)
  case perturbation(PerturbationMethod)

  /// The method of a name.
  package init?(rawValue: String) {
    if let method = GradientMethod(rawValue: rawValue) {
      self = .gradient(method)
    } else if let method = PerturbationMethod(rawValue: rawValue) {
      self = .perturbation(method)
    } else {
      return nil
    }
  }

  /// The name.
  package var rawValue: String {
    switch self {
    case .gradient(let method): method.rawValue
    case .perturbation(let method): method.rawValue
    }
  }

  /// All methods, those by gradient first.
  package static var allCases: [ExplanationMethod] {
    GradientMethod.allCases.map { .gradient($0) } + PerturbationMethod.allCases.map { .perturbation($0) }
  }

  /// Whether the method needs gradients.
  package var isByGradient: Bool { if case .gradient = self { true } else { false } }

  /// Whether attributions add up to the difference of the scores of example and baseline.
  package var addsUp: Bool {
    switch self {
    case .gradient(let method): method.addsUp
    case .perturbation(let method): [.shap, .kernelSHAP, .permutationSHAP].contains(method)
    }
  }

  /// Whether the method draws samples.
  package var draws: Bool {
    switch self {
    case .gradient(let method): [.expectedGradients, .smoothGrad].contains(method)
    case .perturbation(let method): method != .occlusion
    }
  }

  /// Whether the method compares with a baseline.
  package var readsBaseline: Bool {
    if case .gradient(let method) = self { method.readsBaseline } else { true }
  }
}

/// What stands for absent features.
package enum ExplanationBaseline: Sendable {
  /// The mean of the training examples for rows of features; zeros for steps and grids, which are the mean of standardised numbers, and no
  /// residue of sequences. Expected gradients of sequences draw from shuffles.
  case automatic
  /// Zeros.
  case zeros
  /// Shuffles of the sequence that keep the counts of its dinucleotides; attributions are means over them.
  case shuffles(Int)
  /// Other examples; attributions are means over them.
  case examples(Examples)

  /// The number of shuffles of a sequence.
  package static let usualShuffles = 20
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
  /// Segments of pixels, such as superpixels: the numbers of the pixels of each.
  case segments([[Int]])
  /// Sets of features by name, such as gene sets; other features by themselves.
  case sets([(name: String, members: Set<String>)])
}
