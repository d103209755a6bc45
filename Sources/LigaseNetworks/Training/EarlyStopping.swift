/// Early stopping: it tracks the best validation metric, and whether training should stop.
package struct EarlyStopping: Codable, Hashable, Sendable {
  /// Whether a smaller metric is better.
  package var smallerIsBetter: Bool
  /// The number of epochs without improvement until training stops; nil never stops.
  package var patience: Int?
  /// The smallest change of the metric that counts as an improvement.
  package var minimumImprovement: Double
  /// The best metric so far.
  package private(set) var best: Double?
  /// The number of epochs since the best one.
  package private(set) var waited = 0

  /// Creates early stopping with its settings.
  package init(smallerIsBetter: Bool = true, patience: Int? = nil, minimumImprovement: Double = 0) {
    self.smallerIsBetter = smallerIsBetter
    self.patience = patience
    self.minimumImprovement = minimumImprovement
  }

  /// Records the metric of an epoch; returns whether it is the best so far. Before any finite metric has been
  /// seen, a non-finite metric counts as an improvement.
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
