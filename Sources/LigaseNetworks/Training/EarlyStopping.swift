/// Watches a validation metric: which epoch is the best, and when waiting longer is pointless.
public struct EarlyStopping: Codable, Hashable, Sendable {
  /// Whether a smaller metric is better.
  public var smallerIsBetter: Bool
  /// How many epochs without improvement are waited for; nil waits for ever.
  public var patience: Int?
  /// What counts as an improvement.
  public var minimumImprovement: Double
  /// The best metric so far.
  public private(set) var best: Double?
  /// Epochs since the best one.
  public private(set) var waited = 0

  /// Joins the settings.
  public init(smallerIsBetter: Bool = true, patience: Int? = nil, minimumImprovement: Double = 0) {
    self.smallerIsBetter = smallerIsBetter
    self.patience = patience
    self.minimumImprovement = minimumImprovement
  }

  /// Notes an epoch's metric; returns whether it is the best so far. A metric that is not a finite number is, only
  /// until the first that is one.
  public mutating func record(_ metric: Double) -> Bool {
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
  public var isOver: Bool { patience.map { waited >= $0 } ?? false }
}
