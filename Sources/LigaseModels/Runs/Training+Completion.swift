extension Training {
  /// This training run to its end, with the second run where the options ask for it; nil when told to stop.
  func completed(
    shouldStop: () -> Bool = { false }, onEpoch: (Training, Double?) -> Void = { _, _ in }
  ) throws -> Training? {
    var training = self
    func drive() throws -> Bool {
      try training.run(shouldStop: shouldStop, onEpoch: { now, epoch in onEpoch(now, epoch.metric) })
        == .finished
    }
    guard try drive() else { return nil }
    if let again = try training.refit() {
      training = again
      guard try drive() else { return nil }
    }
    return training
  }
}
