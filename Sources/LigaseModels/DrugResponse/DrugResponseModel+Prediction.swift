import LigaseDatasets
import LigaseFormats
import LigaseTensors

extension DrugResponseModel {
  /// Brings an expression matrix to the model's genes, by name.
  ///
  /// - Parameters:
  ///   - matrix: values as the model's training data came, before counts per million and logarithm.
  ///   - leastShare: the share of the model's genes that must be there.
  /// - Throws: `JoinError` when fewer are; `FormatError` for values the transformations refuse.
  public func align(
    _ matrix: consuming ExpressionMatrix, leastShare: Double = 0.5
  ) throws -> (matrix: ExpressionMatrix, alignment: GeneAlignment) {
    try GeneOrder(
      scaler: manifest.expression, countsPerMillion: manifest.countsPerMillion,
      logTransformed: manifest.logTransformed
    ).align(matrix, leastShare: leastShare)
  }

  /// Predicts the response of pairs.
  ///
  /// - Parameters:
  ///   - pairs: lines and drugs by their rows in the two tables.
  ///   - expression: profiles of the model's genes, as `align` returns them.
  ///   - drugs: the drugs.
  /// - Returns: one response a pair, in the unit of the training target.
  public func predict(_ pairs: DrugResponsePairs, expression: ExpressionMatrix, drugs: DrugTable) -> [Float] {
    precondition(expression.genes == manifest.expression.genes, "predict: the genes are not the model's")
    let inputs = DrugResponseInputs(manifest, expression: expression, drugs: drugs)
    let outputs = network.outputs(inputs, lines: pairs.lines, drugs: pairs.drugs)
    return combine(outputs, inputs, lines: pairs.lines, drugs: pairs.drugs)
  }

  /// Predictions from the network's outputs: what is added back, and the kernel's share where the drug is known.
  func combine(_ outputs: [Float], _ inputs: DrugResponseInputs, lines: [Int32], drugs: [Int32]) -> [Float] {
    let similar = kernel.map { $0.responses(inputs.expression) }
    let share = kernel == nil ? 0 : Double(manifest.kernelShare), drugCount = manifest.drugs.count
    return outputs.indices.map { i in
      let line = Int(lines[i]), drug = inputs.drugIDs[Int(drugs[i])]
      let learned =
        manifest.baseline.value(drug: drug, line: inputs.lineIDs[line]) + manifest.baseline.scale
        * Double(outputs[i])
      guard let similar, drug >= 0 else { return Float(learned) }
      let said = similar.withUnsafeBufferPointer { $0[line * drugCount + Int(drug)] }
      return Float((1 - share) * learned + share * Double(said))
    }
  }

  /// Lines for people about what the pairs ask of the model beyond its training.
  public func report(_ pairs: DrugResponsePairs, expression: ExpressionMatrix, drugs: DrugTable) -> [String] {
    func unseen(_ ids: [String], used: [Int32], known: [String]) -> [String] {
      let known = Set(known)
      return Set(used).sorted().map { ids[Int($0)] }.filter { !known.contains($0) }
    }
    var lines: [String] = []
    let newDrugs = unseen(drugs.ids, used: pairs.drugs, known: manifest.drugs)
    let newLines = unseen(expression.samples, used: pairs.lines, known: manifest.lines)
    if !newDrugs.isEmpty {
      lines.append(
        "\(newDrugs.count) drugs were not in training (\(FormatError.list(newDrugs, limit: 3))): "
          + (manifest.baseline.drugEffects.isEmpty
            ? "their level comes from SMILES alone"
            : "their level is taken to be the average drug's; train with a split by drug to predict new drugs")
      )
    }
    if !newLines.isEmpty {
      lines.append(
        "\(newLines.count) cell lines were not in training (\(FormatError.list(newLines, limit: 3)))")
    }
    let vocabulary = manifest.vocabulary
    let unknown = Set(
      Set(pairs.drugs).flatMap { drugs.tokens[Int($0)] }.filter { vocabulary.number(of: $0) == 0 })
    if !unknown.isEmpty {
      lines.append("SMILES tokens that training never saw: \(FormatError.list(unknown.sorted(), limit: 8))")
    }
    return lines
  }
}
