import LigaseTensors

/// What a network reads for some examples.
public enum InputBatch: Sendable {
  /// Features of every step of sequences of their own lengths.
  case steps(Sequences)
  /// A token a step.
  case tokens(Ragged<Int32>)
  /// One row of features an example, `[N, F]`.
  case rows(Tensor)

  /// The number of examples.
  public var count: Int {
    switch self {
    case .steps(let sequences): sequences.count
    case .tokens(let tokens): tokens.layout.count
    case .rows(let rows): rows.shape[0]
    }
  }

  /// The same batch with equal steps computed once, where no gradient is wanted.
  public func sharingEqualSteps() -> InputBatch {
    if case .steps(let sequences) = self { .steps(sequences.sharingEqualSteps()) } else { self }
  }
}

/// The inputs of all examples, ready to be cut into batches.
public enum EncodedInputs: Sendable {
  /// Residues, encoded when a batch is made.
  case sequences([[UInt8]], SequenceEncoding)
  /// Features, `[N, F]`.
  case rows(Tensor)

  /// The number of examples.
  public var count: Int {
    switch self {
    case .sequences(let sequences, _): sequences.count
    case .rows(let rows): rows.shape[0]
    }
  }

  /// How much there is to do for an example: its length, or 1.
  public func weight(of row: Int) -> Int {
    if case .sequences(let sequences, _) = self { return max(1, sequences[row].count) }
    return 1
  }

  /// The batch of the given examples.
  ///
  /// - Parameters:
  ///   - augmentation: changes sequences in training; nil leaves them as they are.
  ///   - sharesEqualSteps: whether equal residues are one row, for inference.
  public func batch(
    _ rows: [Int], augmentation: SequenceAugmentation? = nil, sharesEqualSteps: Bool = false
  ) -> InputBatch {
    switch self {
    case .rows(let values): return .rows(values.gatheredRows(rows.map { Int32($0) }))
    case .sequences(let sequences, let encoding):
      var batch = rows.map { sequences[$0] }
      if var augmentation { for i in batch.indices { augmentation.apply(to: &batch[i], encoding.alphabet) } }
      return encoding.batch(batch, sharesEqualSteps: sharesEqualSteps)
    }
  }
}
