import LigaseTensors

/// A kind of input: its options, and the preparation of its records for a network.
///
/// A new modality is one folder with a `Modality`, its `Records` and its `Preparation`, and one line in ``Modalities``.
package protocol Modality: Codable, Hashable, Sendable {
  /// The name in options and model files.
  static var name: String { get }
  /// The number of spatial axes of a record: 0 for a row of features, 1 for steps.
  static var axes: Int { get }
  /// The fitted preparation, which is stored in the model.
  associatedtype Fitted: Preparation

  /// Creates the default options.
  init()

  /// Fits on training records.
  ///
  /// - Parameters:
  ///   - records: all records; they must be of this modality.
  ///   - rows: the training records; at least one.
  ///   - observed: the observation of each record, where each record is one example.
  /// - Returns: the fitted preparation, and all encoded records.
  func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: Fitted, encoded: any EncodedRecords
  )

  /// Reads the records of a file.
  ///
  /// - Parameter preparation: the preparation of a model that is to read them, to which they are brought; nil for training.
  static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput

  /// The modality without the preparations that use labels, for baselines.
  var withoutLabels: Self { get }

  /// The reason why the options cannot be used, if any.
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
  /// The number of classes, where the observations are classes.
  package var classCount: Int?

  package init(_ observations: Observations, classCount: Int?) {
    (self.observations, self.classCount) = (observations, classCount)
  }
}

/// The preparation of records for a network: fitted on training records and stored in the model.
package protocol Preparation: Codable, Hashable, Sendable {
  /// The name of its modality.
  static var modality: String { get }
  /// Encodes records for a network.
  func encode(_ records: any Records) -> any EncodedRecords
  /// The shape of an encoder's input.
  var shape: InputShape { get }
  /// The reason why the preparation cannot be used, if any; checked before memory is allocated for a network.
  var problem: String? { get }
  /// The preparation in the output of `info`.
  var summary: [(name: String, value: String)] { get }
  /// Lines for people about the fit, reported before training.
  var notes: [String] { get }
  /// The names of the features, where records are rows of named features.
  var featureNames: [String] { get }
  /// The names of the numbers that a network reads: of a row, or of a step; empty where they have none.
  var channelNames: [String] { get }
}

extension Preparation {
  package var notes: [String] { [] }
  package var featureNames: [String] { [] }
  package var channelNames: [String] { featureNames }
}

/// The records of one input, as read.
package protocol Records: Sendable {
  /// The number of records.
  var count: Int { get }
  /// Some of them, in the order given.
  func selecting(_ rows: [Int]) -> Self
  /// Adds all records to a digest.
  func add(to digest: inout some ContentDigest)
  /// Returns a description of the record that is the same in any file, whatever its id; nil where only the id
  /// identifies it.
  func content(of record: Int) -> String?
  /// The columns that name a step of a record, beside its keys; empty where records have no steps.
  var stepColumns: [String] { get }
  /// Returns the number of steps of a record.
  func stepCount(of record: Int) -> Int
  /// Returns the fields that name a step, one for each of `stepColumns`.
  func stepFields(of record: Int, step: Int) -> [String]
}

extension Records {
  package func content(of record: Int) -> String? { nil }
  package var stepColumns: [String] { [] }
  package func stepCount(of record: Int) -> Int { 1 }
  package func stepFields(of record: Int, step: Int) -> [String] { [] }
}

/// A digest, such as a hash, to which names and numbers are added in order.
package protocol ContentDigest {
  mutating func add(_ names: [String])
  mutating func add(_ values: [Float])
  mutating func add(bytes: [UInt8])
}

/// Encoded records that are ready for batches.
package protocol EncodedRecords: Sendable {
  /// The number of records.
  var count: Int { get }
  /// Returns the amount of work for a record: its length, or 1.
  func weight(of record: Int) -> Int
  /// The number of views of a record whose predictions are averaged: 2 where both strands are used.
  var viewCount: Int { get }
  /// Returns a batch of records for inference; equal steps may be one row.
  func batch(_ records: [Int], view: Int) -> InputBatch
  /// Returns a batch of records for training.
  ///
  /// - Parameter key: draws the key of a generator, for random changes of records.
  func trainingBatch(_ records: [Int], key: () -> UInt64) -> InputBatch
  /// The number of training samples of a record in an epoch: more than 1 where parts are drawn.
  var samplesPerRecord: Int { get }
  /// Returns some time steps of records, fewer where a record ends before.
  func window(_ records: [Int], steps: Range<Int>) -> InputBatch
  /// Returns the number of time steps of a record.
  func stepCount(of record: Int) -> Int
}

extension EncodedRecords {
  package func window(_ records: [Int], steps: Range<Int>) -> InputBatch {
    preconditionFailure("EncodedRecords: records without time steps")
  }
  package func stepCount(of record: Int) -> Int { 1 }
  package func weight(of record: Int) -> Int { 1 }
  package var viewCount: Int { 1 }
  package var samplesPerRecord: Int { 1 }
}

/// The shape of an encoder's input.
package struct InputShape: Hashable, Sendable {
  /// The number of channels of a step, or of features of a row.
  package var channels: Int
  /// The number of different tokens, where steps are tokens; 0 otherwise.
  package var tokens = 0
  /// The length of all sequences, where it is equal; nil where it varies.
  package var length: Int?
  /// Whether the input is one row of features rather than steps.
  package var isRow: Bool
  /// Whether steps are one-hot channels.
  package var isOneHot = false
  /// The extents of all grids, such as height and width; empty for rows and steps.
  package var extents: [Int] = []

  package init(row channels: Int) { (self.channels, isRow) = (channels, true) }

  /// Grids of pixels or voxels.
  package init(grid channels: Int, extents: [Int]) {
    (self.channels, self.extents, isRow, length) = (channels, extents, false, extents.reduce(1, *))
  }

  /// The number of spatial axes: 0 for rows, 1 for steps, 2 for images, 3 for volumes.
  package var axes: Int { isRow ? 0 : max(extents.count, 1) }

  /// Steps that are tokens, one-hot channels, or numbers.
  package init(steps channels: Int, tokens: Int = 0, length: Int? = nil, isOneHot: Bool? = nil) {
    (self.channels, self.tokens, self.length, isRow) = (channels, tokens, length, false)
    self.isOneHot = isOneHot ?? (tokens == 0)
  }
}

/// Rows of numbers, `[N, F]`, that are ready for batches.
package struct EncodedRows: EncodedRecords {
  package let values: Tensor
  /// The random changes of rows in training, if any.
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

/// Random changes of the features of a record in training.
protocol RowAugmentation: Sendable {
  /// Changes the row of a record.
  func apply(to row: inout ArraySlice<Float>, of record: Int, using random: inout SeededGenerator)
}

/// The available modalities.
package enum Modalities: Registry {
  static let all: [any Modality.Type] = [
    SequenceModality.self, ExpressionModality.self, GenotypeModality.self, SMILESModality.self,
    ClinicalModality.self, SeriesModality.self, ImageModality.self, VolumeModality.self,
  ]

  package static let tag = "modality"
  package static func name(of base: any Modality) -> String { type(of: base).name }
  package static func kind(named name: String) -> (any Decodable.Type)? { all.first { $0.name == name } }
  /// The names of the modalities.
  package static var names: [String] { all.map { $0.name } }
  /// The modality of a name.
  package static func named(_ name: String) -> (any Modality.Type)? { all.first { $0.name == name } }
  /// Returns the number of spatial axes of a modality; nil for an unknown name.
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

/// The options of any modality, encoded with its name.
package typealias AnyModality = Registered<Modalities>

/// The preparation of any modality, encoded with its name.
package typealias AnyPreparation = Registered<Preparations>

extension Registered<Preparations> {
  /// The name of the modality.
  package var modality: String { name }
}
