/// Phase sets of each allele (PSL, PSO, PSQ), from 4.4 on.
extension VCFStrictReading {
  /// The positions of the fields of phase sets in FORMAT; nil where there are none.
  struct PhaseFields: Equatable {
    var set: Int?
    var sets: Int?
    var ordinals: Int?
    var qualities: Int?
  }

  /// Finds the fields of phase sets, and of the copy number, in FORMAT.
  mutating func findPhaseFields(_ keys: [Bytes]) {
    phaseFields = nil
    hasCopyNumber = keys.contains { $0.spells("CN") }
    if minor < 4 { return }
    let fields = PhaseFields(
      set: keys.firstIndex { $0.spells("PS") }, sets: keys.firstIndex { $0.spells("PSL") },
      ordinals: keys.firstIndex { $0.spells("PSO") }, qualities: keys.firstIndex { $0.spells("PSQ") })
    if fields.sets != nil || fields.ordinals != nil || fields.qualities != nil { phaseFields = fields }
  }

  /// Checks the phase sets of one sample.
  mutating func checkPhaseSets(_ sample: Bytes, _ fields: PhaseFields, hasGenotype: Bool, column: Int) {
    let values = sample.split(separator: 0x3A, omittingEmptySubsequences: false).map { Bytes(rebasing: $0) }
    func list(_ index: Int?) -> [Bytes?]? {
      guard let index, index < values.count, !values[index].isEmpty, !values[index].spells(".") else {
        return nil
      }
      return values[index].split(separator: 0x2C, omittingEmptySubsequences: false).map {
        let value = Bytes(rebasing: $0)
        return value.isEmpty || value.spells(".") ? nil : value
      }
    }
    let sets = list(fields.sets)
    if sets != nil, list(fields.set) != nil {
      add("phase-set", column: column, "found values of both PS and PSL, expected one of them")
    }
    if hasGenotype, let sets {
      let phases = VCF.Genotype(String(decoding: values[0], as: UTF8.self)).phases
      for (set, isPhased) in zip(sets, phases) where set != nil && !isPhased {
        add(
          "phase-set", column: column,
          "found the phase set \(FormatError.quoted(set!)) of an unphased allele in \(FormatError.quoted(values[0])), expected '.'"
        )
        break
      }
    }
    for (index, name, severity) in [
      (fields.ordinals, "PSO", Problem.Severity.error), (fields.qualities, "PSQ", .warning),
    ] {
      guard let values = list(index) else { continue }
      let isLone = values.indices.contains { place in
        values[place] != nil && (sets == nil || place < sets!.count && sets![place] == nil)
      }
      if isLone {
        add(
          severity == .error ? "phase-set" : "phase-quality", severity, column: column,
          "found \(name) of an allele without a phase set in PSL, expected '.'")
      }
    }
  }
}
