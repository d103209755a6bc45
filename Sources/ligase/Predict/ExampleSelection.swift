import LigaseDatasets
import LigaseFormats
import LigaseModels

/// The examples that a job processes: all, or the part of a shard, whose number is counted by reading the files once before.
struct ExampleSelection {
  /// What the output is a part of; nil where all examples are processed.
  let part: ShardManifest?
  /// The first examples of all; nil unless the part needs them.
  let head: Examples?
  /// All examples, where the source gives them at once.
  private let all: Examples?
  private let options: ExampleOptions
  private let model: Model
  private let source: any TaskSource.Type

  init(_ options: ExampleOptions, _ model: Model, _ source: any TaskSource.Type) throws {
    (self.options, self.model, self.source) = (options, model, source)
    var (found, batches, total): (Examples?, Int, Int) = (nil, 0, 0)
    part = try options.shards.part(of: options.files) {
      // This reading reports; a second one, of examples in batches, is quiet.
      try options.read(model, source) { examples in
        if batches == 0 { found = examples }
        batches += 1
        total += examples.count
      }
      return total
    }
    head = found
    all = batches == 1 ? found : nil
  }

  /// Passes the examples of the part to `body`, in batches where the source is a stream.
  func read(_ body: (Examples) throws -> Void) throws {
    guard let part else { return try options.read(model, source, body) }
    var first = 0
    func take(_ examples: Examples) throws {
      let own = part.records.clamped(to: first..<(first + examples.count))
      if own.count == examples.count {
        try body(examples)
      } else if !own.isEmpty {
        try body(examples.selecting(own.map { $0 - first }))
      }
      first += examples.count
    }
    if let all { return try take(all) }
    var quiet = options
    quiet.report.quiet = true
    try quiet.read(model, source, take)
  }
}
