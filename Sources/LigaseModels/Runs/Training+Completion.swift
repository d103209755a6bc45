extension Training {
  /// Runs this training to its end, with the refit where the options require it; returns nil when stopped.
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
