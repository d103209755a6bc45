import LigaseDatasets

extension Examples {
  /// Returns placeholder examples of one input before data is read; they have two classes unless `kind` is
  /// values or labels.
  static func nominal(
    _ count: Int, _ records: any Records, _ modality: any Modality, _ kind: Labels.Kind?
  ) -> Examples {
    let kind = kind ?? .classes
    return Examples(
      idColumn: "id", ids: (1...count).map { "\($0)" }, records: records, modality: modality,
      target: TargetDescription(kind.rawValue, kind == .values ? ["value"] : ["0", "1"]),
      observations: kind == .labels
        ? Observations(numbers: [Float](repeating: 0, count: 2 * count), width: 2)
        : Observations(numbers: (0..<count).map { Float($0 % 2) }, width: 1))
  }
}
