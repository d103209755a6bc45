import LigaseDatasets

extension Examples {
  /// Examples of one input that stand for data which is not read yet: of two classes unless values or labels are asked for.
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
