import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// The inputs and outputs of a network.
package struct NetworkPlan: Hashable, Sendable {
  /// One input.
  package struct Input: Hashable, Sendable {
    var name: String
    var options: EncoderOptions
    var shape: InputShape
    /// The number of records that occur in training.
    var knownCount: Int

    package init(name: String, options: EncoderOptions, shape: InputShape, knownCount: Int) {
      (self.name, self.options, self.shape, self.knownCount) = (name, options, shape, knownCount)
    }
  }

  var inputs: [Input]
  var fusion: FusionOptions
  var head: HeadOptions
  var members: Int
  /// The number of outputs, K.
  var outputs: Int
  /// Whether every step has outputs.
  var isOfSteps: Bool
  /// The number of time steps of a window; 0 reads sequences at once.
  var window: Int

  package init(
    inputs: [Input], fusion: FusionOptions, head: HeadOptions, members: Int, outputs: Int, isOfSteps: Bool,
    window: Int = 0
  ) {
    (self.inputs, self.fusion, self.head) = (inputs, fusion, head)
    (self.members, self.outputs, self.isOfSteps, self.window) = (members, outputs, isOfSteps, window)
  }

  /// Whether one linear layer leads from an input to the outputs, beside the fusion of the others.
  func isDirect(_ input: Input) -> Bool {
    inputs.count > 1 && input.options.kind == .linear && input.shape.isRow
  }

  /// The inputs whose representations are fused.
  var fused: [Input] { inputs.filter { !isDirect($0) } }

  /// The size of each input's factors; nil where inputs are taken as they are.
  var factorSize: Int? { Fusion.factorSize(fusion, inputs: fused.count, outputs: outputs) }

  /// Whether the outputs come from linear layers alone.
  var isLinear: Bool { inputs.count == 1 ? inputs[0].options.kind == .linear : fused.isEmpty }

  /// Features of all inputs that are rows.
  var rowChannels: Int { inputs.reduce(0) { $0 + ($1.shape.isRow ? $1.shape.channels : 0) } }
}

/// The dense layers from the fused representation to the outputs.
package struct HeadOptions: Codable, Hashable, Sendable {
  /// The sizes of the hidden layers.
  package var hidden = [64]
  /// The dropout rate of the hidden layers.
  package var dropout: Float = 0.2
  /// Whether there is a head; without one the outputs are those of the product of factors.
  package var isUsed = true

  package init() {}
}

/// An ensemble of networks of one shape, whose predictions are averaged, with the encoders that they share.
package struct ModelNetwork: Module {
  /// The shared encoder of each input, nil where each network has its own.
  var shared: [InputEncoder?]
  /// The networks of the ensemble.
  package var members: [NetworkMember]
  let plan: NetworkPlan

  package init(_ plan: NetworkPlan, from weights: WeightBuilder) {
    self.plan = plan
    let encoders = plan.inputs.map { input in
      input.options.isShared
        ? InputEncoder(
          input.options, input.shape, isOfSteps: plan.isOfSteps, window: plan.window,
          from: weights.nested("shared.\(input.name)")) : nil
    }
    shared = encoders
    members = (0..<plan.members).map { i in
      NetworkMember(plan, shared: encoders, from: weights.nested("members.\(i)"))
    }
  }

  /// Returns each network's representations of the records of one input.
  ///
  /// - Parameter known: the row of each record among the learned embeddings, or -1.
  package func encode(_ batch: InputBatch, input: Int, known: [Int32], _ context: Context) -> [BranchOutput] {
    let once = shared[input].map { $0(batch, context) }
    return members.map { $0.branches[input](batch, once, known: known, context) }
  }

  /// Returns each network's outputs of examples, `[N, K]`, before the link.
  ///
  /// - Parameters:
  ///   - encoded: each network's representations for each input.
  ///   - places: for each input the index of each example's record among the representations; nil where they
  ///     are equal.
  package func outputs(_ encoded: [[BranchOutput]], places: [[Int32]?], _ context: Context) -> [Tensor] {
    members.indices.map { m in
      let branches = zip(encoded, places).enumerated().map { i, input in
        let (outputs, places) = input
        return places.map { members[m].branches[i].gathered(outputs[m], $0) } ?? outputs[m]
      }
      return members[m](branches, context)
    }
  }

  /// Returns each network's outputs of some time steps, one row for each step, given its states before them,
  /// and its states after them; for one input whose every step has outputs.
  func window(
    _ batch: InputBatch, from states: [[RecurrentState]]?, _ context: Context
  ) -> (outputs: [Tensor], states: [[RecurrentState]]) {
    let found = members.indices.map { m -> (Tensor, [RecurrentState]) in
      let (steps, after) = (members[m].branches[0].encoder ?? shared[0])!.window(
        batch, from: states?[m], context)
      return (members[m]([BranchOutput(representation: steps.values)], context), after)
    }
    return (found.map(\.0), found.map(\.1))
  }

  /// Lets members of linear layers alone answer all inputs with `logits`, `[K]`.
  mutating func begin(withLogits logits: Tensor) {
    for i in members.indices {
      for j in members[i].branches.indices {
        guard let layer = members[i].branches[j].linear?.layer else { continue }
        members[i].branches[j].linear!.layer.weight = .zeros(layer.weight.shape)
        if layer.bias != nil { members[i].branches[j].linear!.layer.bias = logits }
      }
    }
  }

  /// The penalty on the weights that stand at rows of inputs, the mean over the members: half the sum of their squares, times
  /// the penalty of the input.
  ///
  /// - Parameter base: the penalty of inputs that have none of their own.
  func inputPenalty(_ base: Float) -> Tensor? {
    var sum: Tensor?
    for (weight, own) in members.flatMap(\.inputWeights) where own ?? base > 0 {
      let term = weight.squared().sum() * (0.5 * (own ?? base) / Float(members.count))
      sum = sum.map { $0 + term } ?? term
    }
    return sum
  }

  /// Fits the scaling of token counts on training records, before training.
  mutating func fitCounts(_ batch: InputBatch, input: Int) {
    shared[input]?.fitCounts(batch)
    for i in members.indices { members[i].branches[input].encoder?.fitCounts(batch) }
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    for (i, input) in plan.inputs.enumerated() { visit("shared.\(input.name)", &shared[i]) }
    visit("members", &members)
  }
}

/// The output of a branch for a batch of records.
package struct BranchOutput {
  /// The input of the fusion.
  package var representation: Tensor?
  /// The outputs of a linear path.
  var straight: Tensor?

  /// Returns the rows of some records.
  func gathered(_ rows: [Int32]) -> BranchOutput {
    BranchOutput(
      representation: representation?.gatheredRows(rows), straight: straight?.gatheredRows(rows))
  }
}

/// One network: a branch for each input, their fusion, and a head.
package struct NetworkMember: Module {
  /// A branch for each input.
  var branches: [InputBranch]
  /// The fusion.
  var fusion: Fusion
  /// The head.
  var head: MultilayerPerceptron?
  private let plan: NetworkPlan

  init(_ plan: NetworkPlan, shared: [InputEncoder?], from weights: WeightBuilder) {
    self.plan = plan
    branches = zip(plan.inputs, shared).map { input, encoder in
      InputBranch(input, plan, shared: encoder, from: weights.nested("inputs.\(input.name)"))
    }
    fusion = Fusion(
      plan.fusion, inputs: plan.fused.count, outputs: plan.outputs, from: weights.nested("fusion"))
    guard plan.head.isUsed, !plan.isLinear else { return }
    let channels = Fusion.outputSize(
      plan.fusion, channels: zip(branches, plan.inputs).filter { !plan.isDirect($1) }.map(\.0.outputSize),
      outputs: plan.outputs)
    head = MultilayerPerceptron(
      [channels] + plan.head.hidden + [plan.outputs], dropout: plan.head.dropout,
      from: weights.nested("head"))
  }

  func callAsFunction(_ x: [BranchOutput], _ context: Context) -> Tensor {
    var terms = x.compactMap(\.straight)
    if !plan.isLinear {
      let (fused, outputs) = fusion(x.compactMap(\.representation), hasHead: head != nil, context)
      if let head, let fused { terms.insert(head(fused, context), at: 0) }
      if let outputs { terms.insert(outputs, at: 0) }
    }
    return terms.dropFirst().reduce(terms[0], +)
  }

  /// Weights that stand at rows of inputs, and the penalty of each input that has one of its own.
  fileprivate var inputWeights: [(weight: Tensor, penalty: Float?)] {
    zip(branches, plan.inputs).flatMap { branch, input in
      let isDense = input.shape.isRow && input.options.kind.isDense
      return [
        branch.linear?.layer.weight,
        isDense && plan.fused.count == 1 && !plan.isDirect(input)
          ? head?.layers.first?.weight : isDense ? branch.projection?.layers.first?.weight : nil,
      ].compactMap { weight in weight.map { ($0, input.options.inputPenalty) } }
    }
  }

  /// Visits the parameters under their names.
  package mutating func visitParameters(_ visit: ParameterVisitor) {
    for (i, input) in plan.inputs.enumerated() { visit("inputs.\(input.name)", &branches[i]) }
    visit("fusion", &fusion)
    visit("head", &head)
  }
}

/// The branch of one input: its encoder, the projection to factors, learned embeddings of known records, and
/// a linear path.
///
/// ```
/// x = projection(encoder(record)) + linear(record) + embedding of the record
/// ```
/// where the fusion is a product or a gate; else the representation is that of the encoder, and the linear
/// path leads to the outputs. Records that do not occur in training have the embedding of unknown records,
/// which is trained by random replacement of known ones.
struct InputBranch: Module {
  /// The encoder, unless the networks share it.
  var encoder: InputEncoder?
  /// The projection from the encoder to the factors.
  var projection: MultilayerPerceptron?
  /// The linear path from the input to the outputs or the factors.
  var linear: LinearPath?
  /// The embeddings of known records; the last row is for unknown records.
  var known: Embedding?
  /// The representation, and the straight outputs, of an example that lacks the input, one row each.
  var missing, missingStraight: Embedding?
  /// The number of channels of the representation.
  let outputSize: Int
  private let options: EncoderOptions
  private let hasFactors, isDirect: Bool

  init(
    _ input: NetworkPlan.Input, _ plan: NetworkPlan, shared: InputEncoder?, from weights: WeightBuilder
  ) {
    options = input.options
    let own =
      shared
      ?? InputEncoder(
        input.options, input.shape, isOfSteps: plan.isOfSteps, window: plan.window,
        from: weights.nested("encoder"))
    if shared == nil { encoder = own }
    let isDirect = plan.isDirect(input)
    self.isDirect = isDirect
    hasFactors = plan.factorSize != nil && !isDirect
    // Encoders begin as small corrections of the learned vectors; alone, they begin larger.
    if let size = plan.factorSize, !isDirect {
      projection = MultilayerPerceptron(
        [own.outputSize] + options.projection + [size], dropout: options.dropout,
        outputScale: options.embedsKnown ? 0.35 : 0.85, from: weights.nested("projection"))
      if options.embedsKnown {
        known = Embedding(input.knownCount + 1, size, deviation: 0.1, from: weights.nested("known"))
      }
      outputSize = size
    } else {
      outputSize = own.outputSize
    }
    if options.hasLinearPath && (hasFactors || !plan.isOfSteps) || options.kind == .linear {
      linear = LinearPath(
        options, input.shape, outputs: hasFactors ? plan.factorSize! : plan.outputs,
        isOfSteps: plan.isOfSteps,
        bias: isDirect ? plan.isLinear && input == plan.inputs[0] : !hasFactors, scale: hasFactors ? 0.1 : 1,
        from: weights.nested("linear"))
    }
    if options.missingRate != nil {
      if !isDirect { missing = Embedding(1, outputSize, deviation: 0.1, from: weights.nested("missing")) }
      if linear != nil, !hasFactors {
        missingStraight = Embedding(1, plan.outputs, deviation: 0, from: weights.nested("missing_straight"))
      }
    }
  }

  func callAsFunction(
    _ batch: InputBatch, _ once: EncodedBatch?, known rows: [Int32], _ context: Context
  ) -> BranchOutput {
    let encoded = once ?? encoder!(batch, context)
    let straight = linear.map { $0(batch, dropped: encoded, context) }
    guard let projection else {
      return BranchOutput(representation: isDirect ? nil : encoded.representation, straight: straight)
    }
    var x = projection(encoded.representation, context)
    if let straight { x = x + straight }
    if let known { x = x + known(places(rows, known, context)) }
    return BranchOutput(representation: x)
  }

  /// The outputs of records at the places of examples; the learned ones where an example lacks the input: place -1.
  func gathered(_ output: BranchOutput, _ places: [Int32]) -> BranchOutput {
    guard places.contains(-1) else { return output.gathered(places) }
    func gathered(_ rows: Tensor?, _ learned: Embedding?) -> Tensor? {
      guard let rows, let learned else { return nil }
      let last = Int32(rows.shape[0])
      return Tensor.concatenatedRows([rows, learned.weight]).gatheredRows(places.map { $0 < 0 ? last : $0 })
    }
    return BranchOutput(
      representation: gathered(output.representation, missing),
      straight: gathered(output.straight, missingStraight))
  }

  /// Returns the row of each record among the learned embeddings.
  private func places(_ rows: [Int32], _ known: Embedding, _ context: Context) -> [Int32] {
    let unknown = Int32(known.weight.shape[0] - 1)
    var places = rows.map { $0 < 0 ? unknown : $0 }
    if context.isTraining, options.unknownRate > 0 {
      var random = SeededGenerator(seed: context.nextKey())
      for i in places.indices where random.nextUniform() < Double(options.unknownRate) { places[i] = unknown }
    }
    return places
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("encoder", &encoder)
    visit("projection", &projection)
    visit("linear", &linear)
    visit("known", &known)
    visit("missing", &missing)
    visit("missing_straight", &missingStraight)
  }
}
