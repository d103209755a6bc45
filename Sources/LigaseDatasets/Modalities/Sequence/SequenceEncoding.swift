import LigaseGenomics
import LigaseTensors

/// The encoding of residues for a network, stored in the model.
package struct SequenceEncoding: Codable, Hashable, Sendable {
  /// The alphabet.
  package var alphabet: SequenceAlphabet
  /// 0 for one-hot channels (with ambiguity codes as mixtures); k for tokens of k residues, each with a
  /// learned embedding.
  package var tokenLength: Int
  /// The length that every sequence must have; nil for any length.
  package var length: Int?

  /// Creates an encoding.
  package init(alphabet: SequenceAlphabet, tokenLength: Int = 0, length: Int? = nil) {
    self.alphabet = alphabet
    self.tokenLength = tokenLength
    self.length = length
  }

  /// The number of channels of a one-hot step.
  package var channels: Int { alphabet.count }

  /// The number of tokens: every k-mer, and one for k-mers that contain an ambiguity code.
  package var tokenCount: Int { (0..<tokenLength).reduce(1) { count, _ in count * alphabet.count } + 1 }

  /// The reason why the encoding cannot be used, if any.
  package var problem: String? {
    let most = alphabet == .protein ? 3 : 8
    if !(0...most ~= tokenLength) {
      return
        "found tokens of \(tokenLength) residues, expected 0 (one-hot) to \(most) for \(alphabet.rawValue)"
    }
    if let length, !(1...(1 << 28) ~= length) { return "found the length \(length)" }
    return nil
  }

  /// The mixture of each byte, 256 rows of `channels`.
  var mixtures: [Float] {
    let (sets, width) = (alphabet.residueSets, channels)
    var table = [Float](repeating: 0, count: 256 * width)
    for byte in 0..<256 where sets[byte] != 0 {
      let share = 1 / Float(sets[byte].nonzeroBitCount)
      for channel in 0..<width where sets[byte] >> UInt32(channel) & 1 == 1 {
        table[byte * width + channel] = share
      }
    }
    return table
  }

  /// Returns a batch of encoded sequences.
  ///
  /// - Parameter sharesEqualSteps: whether equal residues are one row, for inference.
  package func batch(_ sequences: [[UInt8]], sharesEqualSteps: Bool = false) -> InputBatch {
    if tokenLength > 0 { return .tokens(tokens(sequences)) }
    return sharesEqualSteps ? .shared(residues(sequences)) : .steps(oneHot(sequences))
  }

  /// Returns the mixtures of the residues, with equal residues as one row.
  private func residues(_ sequences: [[UInt8]]) -> SharedSteps {
    let (table, width) = (mixtures, channels)
    func mixture(_ byte: Int) -> ArraySlice<Float> { table[(byte * width)..<((byte + 1) * width)] }
    var (rows, kinds) = ([Float](), [Int32](repeating: -1, count: 256))
    var numbers: [Int32] = []
    numbers.reserveCapacity(sequences.reduce(0) { $0 + $1.count })
    for sequence in sequences {
      for byte in sequence {
        if kinds[Int(byte)] < 0 {
          let own = mixture(Int(byte)), known = (0..<256).first { kinds[$0] >= 0 && mixture($0) == own }
          kinds[Int(byte)] = known.map { kinds[$0] } ?? Int32(rows.count / width)
          if known == nil { rows += own }
        }
        numbers.append(kinds[Int(byte)])
      }
    }
    return SharedSteps(
      table: Tensor(rows, shape: [rows.count / width, width]), numbers: numbers,
      layout: GridLayout(lengths: sequences.map(\.count)))
  }

  /// Returns one row of mixtures for each residue, `[sum of L, channels]`.
  func oneHot(_ sequences: [[UInt8]]) -> Grids {
    let layout = GridLayout(lengths: sequences.map(\.count))
    let (table, width) = (mixtures, channels)
    let values = Tensor(shape: [layout.rowCount, width]) { out in
      guard var at = out.baseAddress else { return }
      table.withUnsafeBufferPointer { table in
        for sequence in sequences {
          for byte in sequence {
            at.update(from: table.baseAddress! + Int(byte) * width, count: width)
            at += width
          }
        }
      }
    }
    return Grids(values: values, layout: layout)
  }

  /// Returns the overlapping k-mers, one for each position at which a whole k-mer starts.
  func tokens(_ sequences: [[UInt8]]) -> Ragged<Int32> { Ragged(sequences.map(words)) }

  /// Returns the k-mers of one sequence; a sequence that is shorter than k is one unknown k-mer.
  package func words(of sequence: [UInt8]) -> [Int32] {
    let (sets, width, k) = (alphabet.residueSets, alphabet.count, tokenLength)
    let unknown = Int32(tokenCount - 1), span = (tokenCount - 1) / width
    guard sequence.count >= k else { return sequence.isEmpty ? [] : [unknown] }
    var result: [Int32] = []
    result.reserveCapacity(sequence.count - k + 1)
    var (code, known) = (0, 0)
    for (i, byte) in sequence.enumerated() {
      let set = sets[Int(byte)]
      let isResidue = set.nonzeroBitCount == 1
      code = code % span * width + (isResidue ? set.trailingZeroBitCount : 0)
      known = isResidue ? known + 1 : 0
      if i >= k - 1 { result.append(known >= k ? Int32(code) : unknown) }
    }
    return result
  }
}
