import LigaseRuntime

extension Training {
  /// The lines reported before the run.
  package var report: [String] {
    let options = manifest.options
    let kinds = manifest.inputs.map { input in
      let kind = options.inputs[input.name]!.encoder.kind.rawValue
      return manifest.inputs.count > 1 ? "\(kind) for \(input.name)" : kind
    }
    var lines = [
      (options.ensemble > 1 ? "ensemble of \(options.ensemble) networks" : "network")
        + " (\(kinds.joined(separator: ", "))), \(trainer.model.parameterCount.counted("parameter")); "
        + "\(train.count.grouped) training and \(validation.count.grouped) validation \(unit)"
    ]
    lines += choices.map { $0.report(unit) }
    if let setting = options.setting { lines.append("prediction setting: \(setting)") }
    if !options.training.offsets.isEmpty {
      lines.append(
        "the network models the residual after the effects of \(options.training.offsets.joined(separator: " and "))"
      )
    }
    for part in options.blend {
      lines.append(
        "blend of the network and \(part.predictor), "
          + (part.share.map { "weight \($0)" } ?? "weight chosen on the validation \(unit)"))
    }
    lines += predictors.flatMap(\.notes)
    let counts = manifest.provenance.classCounts
    if !counts.isEmpty, counts.count <= 12 {
      lines.append("classes: " + objective.names.map { "\($0) \(counts[$0] ?? 0)" }.joined(separator: ", "))
    }
    if let rare = objective.names.first(where: { counts[$0] ?? 2 < 2 }) {
      lines.append(
        "the class '\(rare)' has too few training \(unit) (\(counts[rare] ?? 0)) for useful predictions"
      )
    }
    if options.training.choosesPenalties == true {
      let chosen = manifest.inputs.compactMap { input in
        options.inputs[input.name]!.encoder.inputPenalty.map { "\(input.name) \($0)" }
      }
      if !chosen.isEmpty {
        lines.append(
          "penalty chosen on \(PenaltyChoice.folds) inner folds: \(chosen.joined(separator: ", "))")
      }
    }
    if options.training.choosesEpochs == true, !isRefit {
      lines.append("\(epochs.counted("epoch")) chosen on \(Self.epochFolds) inner folds")
    }
    if validation.isEmpty, !isRefit {
      let idle = [
        options.training.patience > 0 ? "patience" : nil,
        options.training.schedule.name == .plateau ? "the schedule plateau" : nil,
      ].compactMap { $0 }
      if !idle.isEmpty {
        lines.append("\(idle.joined(separator: " and ")) without effect: there are no validation \(unit)")
      }
    }
    let leaks = LeakCheck.features(prepared, objective: objective, rows: train)
    if !leaks.isEmpty {
      lines.append(
        "warning: \(leaks.count.counted("feature")) alone can predict the target almost perfectly, as a copy of it can: "
          + leaks.prefix(5).map { "\($0.name) (\(Float($0.score)))" }.joined(separator: ", "))
    }
    lines += manifest.inputs.flatMap { input in
      input.preparation.base.notes.map { manifest.inputs.count > 1 ? "\(input.name): \($0)" : $0 }
    }
    for input in manifest.inputs {
      let encoder = options.inputs[input.name]!.encoder
      if encoder.linearWordLength > 1, encoder.hasLinearPath || encoder.kind == .linear {
        lines.append(
          "the linear path reads positional k-mers of up to \(encoder.linearWordLength) residues")
      }
    }
    if let transfer { lines += transfer.report(transferred, frozen: trainer.frozen) }
    return lines
  }
}

extension Model {
  /// The weights of a blend and its validation metrics, one line for each predictor.
  package var blendReport: [String] {
    let stem = "validation_\(manifest.objective.base.metricName)"
    func shown(_ name: String) -> String {
      manifest.provenance.metrics[name].map { "\(Float($0))" } ?? "-"
    }
    return manifest.blend.map { part in
      "blend: weight \(Float(part.share)) for \(part.predictor); validation "
        + "\(manifest.objective.base.metricName): network \(shown(stem + "_network")), \(part.predictor) "
        + "\(shown(stem + "_\(part.predictor)")), blend \(shown(stem))"
    }
  }
}
