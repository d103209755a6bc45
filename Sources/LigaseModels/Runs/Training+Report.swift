extension Training {
  /// What people are told before the run.
  package var report: [String] {
    let options = manifest.options
    let kinds = manifest.inputs.map { input in
      let kind = options.inputs[input.name]!.encoder.kind.rawValue
      return manifest.inputs.count > 1 ? "\(input.name) by \(kind)" : kind
    }
    var lines = [
      "network: \(kinds.joined(separator: ", ")), \(trainer.model.parameterCount) parameters"
        + (options.ensemble > 1 ? " in \(options.ensemble) networks" : "")
        + "; \(train.count) training and \(validation.count) validation \(unit)"
    ]
    if let setting = options.setting { lines.append("defaults for the setting \(setting)") }
    if !options.training.offsets.isEmpty {
      lines.append("learns what the effects of \(options.training.offsets.joined(separator: " and ")) leave")
    }
    for part in options.blend {
      lines.append(
        "blend: \(part.predictor) beside the network, "
          + (part.share.map { "with a share of \($0)" } ?? "with the share that validation \(unit) choose"))
    }
    lines += predictors.flatMap(\.notes)
    let counts = manifest.provenance.classCounts
    if !counts.isEmpty, counts.count <= 12 {
      lines.append("classes: " + objective.names.map { "\($0) \(counts[$0] ?? 0)" }.joined(separator: ", "))
    }
    if let rare = objective.names.first(where: { counts[$0] ?? 2 < 2 }) {
      lines.append(
        "the class '\(rare)' has \(counts[rare] ?? 0) training \(unit): what is predicted for it means little"
      )
    }
    for input in manifest.inputs {
      let encoder = options.inputs[input.name]!.encoder
      if encoder.linearWordLength > 1, encoder.hasLinearPath || encoder.kind == .linear {
        lines.append(
          "the linear path reads k-mers of up to \(encoder.linearWordLength) residues at their places")
      }
    }
    if let transfer { lines += transfer.report(transferred, frozen: trainer.frozen) }
    return lines
  }
}

extension Model {
  /// What people are told of a blend once its shares are known.
  package var blendReport: [String] {
    let stem = "validation_\(manifest.objective.base.metricName)"
    func shown(_ name: String) -> String {
      manifest.provenance.metrics[name].map { "\(Float($0))" } ?? "-"
    }
    return manifest.blend.map { part in
      "blend: \(part.predictor) has \(Float(part.share)) of each prediction; validation "
        + "\(manifest.objective.base.metricName): network \(shown(stem + "_network")), \(part.predictor) "
        + "\(shown(stem + "_\(part.predictor)")), blend \(shown(stem))"
    }
  }
}
