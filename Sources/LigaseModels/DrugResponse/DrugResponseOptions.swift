/// Everything a user can choose for `train drug-response`, with the defaults that need no tuning.
public struct DrugResponseOptions: Codable, Hashable, Sendable {
  /// What is taken off the response before the network sees it, and added back to its predictions.
  public enum Residual: String, Codable, CaseIterable, Sendable {
    /// The effects of whatever validation shows to be known: of drugs, of lines, of both, or of neither.
    case auto
    /// The mean of all training responses.
    case mean
    /// The mean of each drug.
    case drug
    /// The mean of each drug, with a share of every prediction from similar profiles: for lines that training does
    /// not know.
    case profile
    /// The mean of each line.
    case line
    /// The effects of drugs and lines together.
    case both
  }

  /// Whether entities seen in training have learned vectors.
  public enum Embeds: String, Codable, CaseIterable, Sendable {
    /// Where validation knows them from training.
    case auto
    /// Always.
    case always
    /// Never.
    case never
  }

  /// How the network is trained.
  public struct Training: Codable, Hashable, Sendable {
    /// At most this many passes over the training pairs; 0 chooses by the split: 30, or 40 for unknown lines or drugs.
    public var epochs = 0
    /// Pairs a step; 0 chooses by the split: 1024, or 8192 for unknown lines or drugs.
    public var batchSize = 0
    /// The highest learning rate; 0 chooses by the split: 0.01, or 0.004 for unknown lines or drugs.
    public var learningRate: Float = 0
    /// The share of the steps over which the learning rate climbs.
    public var warmup: Float = 0.05
    /// AdamW's weight decay of the encoders and the head.
    public var weightDecay: Float = 0.3
    /// AdamW's weight decay of learned vectors.
    public var embeddingDecay: Float = 0
    /// The penalty on the squares of the vectors in which lines and drugs meet, summed over those of a batch.
    public var latentPenalty: Float = 1e-4
    /// The decay a step of the moving average of weights that is validated and kept; 0 keeps the weights themselves.
    public var averageDecay: Float = 0.99
    /// Stops after so many epochs without a better validation error; 0 never stops early.
    public var patience = 10
    /// Gradients longer than this are scaled down to it; 0 leaves them.
    public var clipNorm: Float = 5
    /// What is taken off the response.
    public var residual = Residual.auto
    /// The share of a prediction that similar profiles have, under the residual `profile`; the network has the rest.
    public var kernelShare: Float = 0.5
    /// Whether lines seen in training have learned vectors.
    public var lineVectors = Embeds.auto
    /// Whether drugs seen in training have learned vectors.
    public var drugVectors = Embeds.auto

    /// The defaults.
    public init() {}
  }

  /// The network.
  public var architecture = DrugResponseArchitecture()
  /// Its training.
  public var training = Training()

  /// The defaults.
  public init() {}

  /// What is wrong with the numbers, if anything.
  public var problem: String? {
    let t = training
    if let problem = architecture.problem { return problem }
    if t.epochs < 0 { return "found \(t.epochs) epochs, expected at least 1, or 0 to choose" }
    if t.batchSize < 0 { return "found a batch size of \(t.batchSize), expected at least 1, or 0 to choose" }
    if !(t.learningRate >= 0 && t.learningRate.isFinite) {
      return "found a learning rate of \(t.learningRate), expected more than 0, or 0 to choose"
    }
    if !(t.averageDecay >= 0 && t.averageDecay < 1) {
      return "found an average decay of \(t.averageDecay), expected at least 0 and less than 1"
    }
    if !(0...1 ~= t.kernelShare) { return "found a kernel share of \(t.kernelShare), expected 0 to 1" }
    if !(t.warmup >= 0 && t.warmup < 1) { return "found a warm-up of \(t.warmup), expected at least 0 and less than 1" }
    if t.weightDecay < 0 || t.embeddingDecay < 0 || t.clipNorm < 0 || t.patience < 0 {
      return "found a negative decay, norm or patience, expected at least 0"
    }
    return nil
  }
}
