import LigaseDatasets

extension Examples {
  /// Returns placeholder examples of one input before data is read; they have two classes unless `kind` is
  /// values or labels.
  static func nominal(
    _ count: Int, _ records: any Records, _ modality: any Modality, _ kind: Labels.Kind?, time: String? = nil
  ) -> Examples {
    let kind = kind ?? .classes, ids = (1...count).map { "\($0)" }
    if let time {
      var target = TargetDescription("survival", [time])
      target.times = [1]
      return Examples(
        idColumn: "id", ids: ids, records: records, modality: modality, target: target,
        observations: Observations(
          numbers: (0..<count).flatMap { [Float($0), Float($0 % 2)] }, width: 2))
    }
    return Examples(
      idColumn: "id", ids: ids, records: records, modality: modality,
      target: TargetDescription(kind.rawValue, kind == .values ? ["value"] : ["0", "1"]),
      observations: kind == .labels
        ? Observations(numbers: [Float](repeating: 0, count: 2 * count), width: 2)
        : Observations(numbers: (0..<count).map { Float($0 % 2) }, width: 1))
  }
}
