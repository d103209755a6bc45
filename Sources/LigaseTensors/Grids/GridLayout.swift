/// The rows of each example of a batch in a packed matrix, and their spatial arrangement: one row, the steps
/// of a sequence, the pixels of an image, the voxels of a volume. Examples have their own extents.
///
/// Example `s` has `lengths[s]` consecutive rows. The last spatial axis is contiguous: the pixel (y, x) of an
/// image of width W is row `y W + x`.
///
/// ```swift
/// let sequences = GridLayout(lengths: [5, 9, 3])       // three sequences: 17 rows
/// let images = GridLayout(extents: [[28, 28], [16, 20]])  // two images: 784 and 320 rows
/// print(sequences.rowCount, sequences.offsets, images.extents(of: 1))
/// ```
public struct GridLayout: Equatable, Sendable {
  /// The number of spatial axes: 0 for one row per example, 1 for sequences, 2 for images, 3 for volumes.
  public let rank: Int
  /// The number of rows of each of the N examples: the length L of a sequence, H W of an image, D H W of a volume.
  public let lengths: [Int]
  /// The first row of each example, and the number of all rows at the end (N + 1 numbers).
  public let offsets: [Int]
  /// The extents of each example, `rank` numbers each; empty where they follow from the lengths.
  private let sides: [Int]

  /// Creates sequences of the given lengths.
  public init(lengths: [Int]) { self.init(rank: 1, lengths: lengths, sides: []) }

  /// Creates one row for each of `count` examples.
  public init(rows count: Int) {
    self.init(rank: 0, lengths: [Int](repeating: 1, count: count), sides: [])
  }

  /// Creates grids with one to three spatial axes.
  ///
  /// - Parameter extents: those of each example, such as `[height, width]`; all have the same number of axes.
  public init(extents: [[Int]]) {
    let rank = extents.first?.count ?? 1
    require(
      (1...3).contains(rank) && extents.allSatisfy { $0.count == rank },
      "GridLayout: extents of \(Set(extents.map(\.count)).sorted()) axes, expected 1 to 3, the same for all")
    self.init(
      rank: rank, lengths: extents.map(Tensor.elementCount(of:)),
      sides: rank == 1 ? [] : Array(extents.joined()))
  }

  private init(rank: Int, lengths: [Int], sides: [Int]) {
    require(lengths.allSatisfy { $0 >= 0 }, "GridLayout: a negative length")
    (self.rank, self.lengths, self.sides) = (rank, lengths, sides)
    var offsets = [0]
    offsets.reserveCapacity(lengths.count + 1)
    for length in lengths { offsets.append(offsets.last! + length) }
    self.offsets = offsets
  }

  /// The number of examples, N.
  public var count: Int { lengths.count }
  /// The number of rows of all examples together.
  public var rowCount: Int { offsets.last! }
  /// The largest number of rows of an example.
  package var longest: Int { lengths.max() ?? 0 }

  /// Returns the extents of an example, `rank` numbers.
  public func extents(of example: Int) -> [Int] {
    switch rank {
    case 0: []
    case 1: [lengths[example]]
    default: Array(sides[(example * rank)..<((example + 1) * rank)])
    }
  }

  /// Returns the extents of an example on three spatial axes, 1 on those that it lacks.
  func space(of example: Int) -> Space {
    if rank < 2 { return Space(depth: 1, height: 1, width: lengths[example]) }
    let first = example * rank
    return Space(
      depth: rank == 3 ? sides[first] : 1, height: sides[first + rank - 2], width: sides[first + rank - 1])
  }

  /// The extents of a window, of its positions or of an example on three spatial axes.
  struct Space: Equatable, Sendable {
    var depth, height, width: Int
    /// The number of rows of the last axis.
    var lines: Int { depth * height }
    var count: Int { depth * height * width }
  }
}

/// A batch of element sequences of different lengths, without padding: tokens, labels.
///
/// ```swift
/// let tokens = Ragged<Int32>([[0, 3, 1], [2, 2], []])  // three sequences of 3, 2 and 0 tokens
/// let vectors = Embedding(4, 8, from: .drawing(seed: 1))(tokens)  // rows [5, 8]
/// ```
public struct Ragged<Element: Sendable>: Sendable {
  /// The layout of the sequences.
  package let layout: GridLayout
  /// The elements of all sequences, one sequence after the other.
  package let elements: [Element]

  /// Creates a batch of sequences.
  public init(_ sequences: [[Element]]) {
    layout = GridLayout(lengths: sequences.map(\.count))
    elements = Array(sequences.joined())
  }
}
