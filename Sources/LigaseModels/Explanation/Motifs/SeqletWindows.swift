import LigaseFormats
import LigaseRuntime

/// The letters and contributions of all sequences in one piece of memory each, and where the seqlets are in it.
struct SeqletWindows: Sendable {
  /// One seqlet, in positions of the joined sequences.
  struct Window: Sendable {
    /// The seqlet with its flanks.
    var range: Range<Int>
    /// The whole sequence.
    var sequence: Range<Int>
    /// One over the Euclidean norm of its contributions, so that seqlets of strong and weak predictions count alike; 0 if all are 0.
    var scale: Float
  }

  /// 0 to 3 for A, C, G and T, 4 for other letters.
  private(set) var letters: [UInt8] = []
  /// The contribution of the letter at each position, in units of the largest one.
  private(set) var values: [Float] = []
  /// The largest absolute contribution.
  private(set) var unit: Float = 1
  private(set) var windows: [Window] = []

  init(sequences: [[UInt8]], attributions: [[Float]], seqlets: [Seqlet]) throws {
    guard sequences.count == attributions.count else {
      throw ExplanationError(
        "found attributions of \(attributions.count) sequences, expected \(sequences.count)")
    }
    let largest = attributions.reduce(Float(0)) { $1.reduce($0) { max($0, abs($1)) } }
    if largest > 0, largest.isFinite { unit = largest }
    var starts: [Int] = []
    for (i, (sequence, attribution)) in zip(sequences, attributions).enumerated() {
      guard sequence.count == attribution.count, attribution.allSatisfy(\.isFinite) else {
        throw ExplanationError(
          "found \(attribution.count) attributions for sequence \(i + 1), "
            + "expected one finite number for each of its \(sequence.count) positions")
      }
      starts.append(letters.count)
      letters += sequence.lazy.map { Motif.letterIndex[Int($0)] }
      values += attribution.lazy.map { [unit] in $0 / unit }
    }
    for seqlet in seqlets {
      guard sequences.indices.contains(seqlet.sequence),
        seqlet.end <= sequences[seqlet.sequence].count
      else {
        throw ExplanationError(
          "found a seqlet at \(seqlet.start)..<\(seqlet.end) of sequence \(seqlet.sequence + 1), "
            + "expected one within a sequence")
      }
      let start = starts[seqlet.sequence]
      add(
        start + seqlet.start..<start + seqlet.end,
        in: start..<start + sequences[seqlet.sequence].count)
    }
  }

  private init() {}

  private mutating func add(_ range: Range<Int>, in sequence: Range<Int>) {
    let energy = values[range].reduce(0.0) { $0 + Double($1) * Double($1) }
    let scale = energy > 0 ? Float(1 / energy.squareRoot()) : 0
    windows.append(Window(range: range, sequence: sequence, scale: scale.isFinite ? scale : 0))
  }

  /// Seqlets whose positions, letters together with their contributions, are shuffled: `count` of them, from seqlets in equal steps.
  func shuffled(count: Int, seed: UInt64) -> SeqletWindows {
    var result = SeqletWindows()
    guard !windows.isEmpty else { return result }
    for k in 0..<count {
      let source = windows[k * windows.count / count]
      var positions = Array(source.range)
      var random = SeededGenerator(seed: seed, stream: "shuffled seqlets", step: k)
      random.shuffle(&positions)
      let start = result.letters.count
      result.letters += positions.map { letters[$0] }
      result.values += positions.map { values[$0] }
      result.add(start..<result.letters.count, in: start..<result.letters.count)
    }
    return result
  }
}
