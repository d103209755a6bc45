import LigaseTensors

extension Trainer {
  private static var sections: [(String, WritableKeyPath<Trainer, Model?>)] {
    [("average", \.average), ("best", \.best)]
  }

  /// The optimiser with the state that a checkpoint saves.
  private var memory: any SavedOptimizer {
    get {
      guard let saved = optimizer as? any SavedOptimizer else {
        preconditionFailure(
          "Trainer: a checkpoint of \(type(of: optimizer)), which says nothing of its memory")
      }
      return saved
    }
    set { optimizer = newValue }
  }

  /// Every tensor of the run: weights, their average, the best ones and the optimiser's averages.
  package var tensors: [(name: String, tensor: Tensor)] {
    var all = model.namedTensors.map { ("model/\($0.name)", $0.tensor) }
    for (section, path) in Self.sections {
      all += (self[keyPath: path]?.namedTensors ?? []).map { ("\(section)/\($0.name)", $0.tensor) }
    }
    all += memory.state.sorted { $0.key < $1.key }.map { ("optimizer/\($0.key)", $0.value) }
    return all
  }

  /// Resumes a saved run.
  ///
  /// - Parameters:
  ///   - saved: the state at saving.
  ///   - tensor: the saved tensor of a name, or nil.
  /// - Throws: `ModuleLoadingError` when a tensor is missing or has another shape, or the state is invalid
  ///   for this run.
  package mutating func resume(from saved: State, names: [String], tensor: (String) -> Tensor?) throws {
    guard saved.epoch >= 0, saved.batch >= 0, saved.step >= saved.epoch, saved.lossCount >= 0 else {
      throw ModuleLoadingError(
        description: "found epoch \(saved.epoch), batch \(saved.batch), step \(saved.step)")
    }
    try trained.module.load { tensor("model/\($0)") }
    for (section, path) in Self.sections {
      guard names.contains(where: { $0.hasPrefix("\(section)/") }) else {
        self[keyPath: path] = nil
        continue
      }
      var part = model
      try part.load { tensor("\(section)/\($0)") }
      self[keyPath: path] = part
    }
    let shapes = Dictionary(uniqueKeysWithValues: model.namedTensors.map { ($0.name, $0.tensor.shape) })
    memory.state = [:]
    for name in names where name.hasPrefix("optimizer/") {
      let key = String(name.dropFirst("optimizer/".count)), shape = tensor(name)?.shape
      guard let end = key.lastIndex(of: "/"), let expected = shapes[String(key[..<end])], shape == expected
      else {
        throw ModuleLoadingError(
          description: "the tensor '\(name)' has the shape \(shape ?? []), which is that of no parameter")
      }
      memory.state[key] = tensor(name)
    }
    try requireWholeAverages()
    memory.step = saved.step
    state = saved
  }

  /// Throws where a running average of some parameters is missing, because it would restart at zeros.
  private func requireWholeAverages() throws {
    func split(_ key: String) -> (parameter: Substring, average: Substring) {
      let end = key.lastIndex(of: "/") ?? key.startIndex
      return (key[..<end], key[end...].dropFirst())
    }
    let averages = Set(memory.state.keys.map { split($0).average }).sorted()
    for (name, role, _) in trained.namedTensors where role == .parameter {
      if let lost = averages.first(where: { memory.state["\(name)/\($0)"] == nil }) {
        throw ModuleLoadingError(description: "the tensor 'optimizer/\(name)/\(lost)' is missing")
      }
    }
  }
}
