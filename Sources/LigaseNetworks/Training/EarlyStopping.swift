/// Watches a validation metric: which epoch is the best, and when waiting longer is pointless.
package struct EarlyStopping: Codable, Hashable, Sendable {
  /// Whether a smaller metric is better.
  package var smallerIsBetter: Bool
  /// How many epochs without improvement are waited for; nil waits for ever.
  package var patience: Int?
  /// The direction of improvement.
  package var minimumImprovement: Double
  /// The best metric so far.
  package private(set) var best: Double?
  /// Epochs since the best one.
  package private(set) var waited = 0

  /// Joins the settings.
  package init(smallerIsBetter: Bool = true, patience: Int? = nil, minimumImprovement: Double = 0) {
    self.smallerIsBetter = smallerIsBetter
    self.patience = patience
    self.minimumImprovement = minimumImprovement
  }

  /// Notes an epoch's metric; returns whether it is the best so far. A metric that is not a finite number is, only
  /// until the first that is one.
  package mutating func record(_ metric: Double) -> Bool {
    let isBetter =
      best.map { smallerIsBetter ? metric < $0 - minimumImprovement : metric > $0 + minimumImprovement }
      ?? true
    if isBetter {
      if metric.isFinite { best = metric }
      waited = 0
    } else {
      waited += 1
    }
    return isBetter
  }

  /// Whether patience has run out.
  package var isOver: Bool { patience.map { waited >= $0 } ?? false }
}
