import LigaseTensors

/// A kind of input: the choices that a user has, and how records are prepared for a network.
///
/// A new modality is one folder with a `Modality`, its `Records` and its `Preparation`, and one line in ``Modalities``.
package protocol Modality: Codable, Hashable, Sendable {
  /// The name under which options and model files know it.
  static var name: String { get }
  /// Axes of space of a record: 0 for a row of features, 1 for steps.
  static var axes: Int { get }
  /// The fitted preparation, which is stored in the model.
  associatedtype Fitted: Preparation

  /// The choices where the user makes none.
  init()

  /// Fits on training records.
  ///
  /// - Parameters:
  ///   - records: all records; those of another modality are wrong use.
  ///   - rows: the training records; at least one.
  ///   - observed: what was observed of each record, where each record is one example.
  /// - Returns: what was fitted, and all records as a network reads them.
  func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: Fitted, encoded: any EncodedRecords
  )

  /// The same without what looks at labels: how baselines read the records.
  var withoutLabels: Self { get }

  /// Why the choices cannot be used, if so.
  var problem: String? { get }
}

extension Modality {
  package static var axes: Int { 0 }
  package var axes: Int { Self.axes }
  package var withoutLabels: Self { self }
  package var problem: String? { nil }
}

/// The observation of each record.
package struct ObservedRecords: Sendable {
  /// The observations.
  package var observations: Observations
  /// K, where each record is of one of K classes.
  package var classCount: Int?

  package init(_ observations: Observations, classCount: Int?) {
    (self.observations, self.classCount) = (observations, classCount)
  }
}

/// What was done to records before a network read them: fitted on training records, kept with the model.
package protocol Preparation: Codable, Hashable, Sendable {
  /// The name of its modality.
  static var modality: String { get }
  /// Records as a network reads them.
  func encode(_ records: any Records) -> any EncodedRecords
  /// The shape of an encoder's input.
  var shape: InputShape { get }
  /// Why it cannot be used, if so; checked before memory is taken for a network.
  var problem: String? { get }
  /// Lines for people: what `info` shows.
  var summary: [(name: String, value: String)] { get }
}

/// Records of one input as they were read.
package protocol Records: Sendable {
  /// How many.
  var count: Int { get }
  /// Adds all that was read to a digest.
  func add(to digest: inout some ContentDigest)
  /// What makes a record the same in any file, whatever its name there; nil where only its name does.
  func content(of record: Int) -> String?
}

extension Records {
  package func content(of record: Int) -> String? { nil }
}

/// Takes names and numbers in order, such as a hash.
package protocol ContentDigest {
  mutating func add(_ names: [String])
  mutating func add(_ values: [Float])
  mutating func add(bytes: [UInt8])
}

/// Records ready to be cut into batches.
package protocol EncodedRecords: Sendable {
  /// How many.
  var count: Int { get }
  /// How much there is to do for a record: its length, or 1.
  func weight(of record: Int) -> Int
  /// Views of a record whose predictions are averaged: 2 where either strand means the same.
  var viewCount: Int { get }
  /// Records for inference; equal steps may be one row.
  func batch(_ records: [Int], view: Int) -> InputBatch
  /// Records for training.
  ///
  /// - Parameter key: draws the key of a generator, where records change at random.
  func trainingBatch(_ records: [Int], key: () -> UInt64) -> InputBatch
  /// Some time steps of records, fewer where a record ends before.
  func window(_ records: [Int], steps: Range<Int>) -> InputBatch
  /// The time steps of a record.
  func stepCount(of record: Int) -> Int
}

extension EncodedRecords {
  package func window(_ records: [Int], steps: Range<Int>) -> InputBatch {
    preconditionFailure("EncodedRecords: records without time steps")
  }
  package func stepCount(of record: Int) -> Int { 1 }
  package func weight(of record: Int) -> Int { 1 }
  package var viewCount: Int { 1 }
}

/// The shape of an encoder's input.
package struct InputShape: Hashable, Sendable {
  /// Channels of a step, or features of a row.
  package var channels: Int
  /// Tokens, where steps are tokens; 0 otherwise.
  package var tokens = 0
  /// The length of all sequences, where it is the same; nil where it varies.
  package var length: Int?
  /// Whether the input is one row of features rather than steps.
  package var isRow: Bool
  /// Whether steps are one-hot channels.
  package var isOneHot = false

  package init(row channels: Int) { (self.channels, isRow) = (channels, true) }

  /// Steps that are tokens, one-hot channels, or numbers.
  package init(steps channels: Int, tokens: Int = 0, length: Int? = nil, isOneHot: Bool? = nil) {
    (self.channels, self.tokens, self.length, isRow) = (channels, tokens, length, false)
    self.isOneHot = isOneHot ?? (tokens == 0)
  }
}

/// Rows of numbers, `[N, F]`, ready to be cut into batches.
package struct EncodedRows: EncodedRecords {
  package let values: Tensor
  /// What changes rows at random in training, if anything does.
  let augmentation: (any RowAugmentation)?

  package init(_ values: Tensor) { self.init(values, nil) }

  init(_ values: Tensor, _ augmentation: (any RowAugmentation)?) {
    (self.values, self.augmentation) = (values, augmentation)
  }

  package var count: Int { values.shape[0] }
  package func batch(_ records: [Int], view: Int) -> InputBatch {
    .rows(values.gatheredRows(records.map { Int32($0) }))
  }

  package func trainingBatch(_ records: [Int], key: () -> UInt64) -> InputBatch {
    guard let augmentation else { return batch(records, view: 0) }
    var random = SeededGenerator(seed: key())
    let width = values.shape[1]
    var rows = values.gatheredRows(records.map { Int32($0) }).scalars
    for (i, record) in records.enumerated() {
      augmentation.apply(to: &rows[(i * width)..<((i + 1) * width)], of: record, using: &random)
    }
    return .rows(Tensor(rows, shape: [records.count, width]))
  }
}

/// A random change of the features of a record in training.
protocol RowAugmentation: Sendable {
  /// Changes the row of a record.
  func apply(to row: inout ArraySlice<Float>, of record: Int, using random: inout SeededGenerator)
}

/// The modalities there are.
package enum Modalities: Registry {
  static let all: [any Modality.Type] = [
    SequenceModality.self, ExpressionModality.self, GenotypeModality.self, SMILESModality.self,
    SeriesModality.self,
  ]

  package static let tag = "modality"
  package static func name(of base: any Modality) -> String { type(of: base).name }
  package static func kind(named name: String) -> (any Decodable.Type)? { all.first { $0.name == name } }
  /// Axes of space of the records of a modality; nil for an unknown name.
  package static func axes(of name: String) -> Int? { all.first { $0.name == name }?.axes }
}

/// The preparations of the modalities.
package enum Preparations: Registry {
  package static let tag = Modalities.tag
  package static func name(of base: any Preparation) -> String { type(of: base).modality }
  package static func kind(named name: String) -> (any Decodable.Type)? {
    func fitted<M: Modality>(_: M.Type) -> any Decodable.Type { M.Fitted.self }
    return Modalities.all.first { $0.name == name }.map { fitted($0) }
  }
}

/// The choices of some modality, coded with its name.
package typealias AnyModality = Registered<Modalities>

/// The preparation of some modality, coded with its name.
package typealias AnyPreparation = Registered<Preparations>

extension Registered<Preparations> {
  /// The name of its modality.
  package var modality: String { name }
}
