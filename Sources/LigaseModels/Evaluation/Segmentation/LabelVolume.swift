import LigaseFormats
import LigaseRuntime

/// A volume, or an image as a volume of one slice, with a label from 0 to 65535 in each voxel; 0 is the background.
package struct LabelVolume: Sendable {
  /// The file as the user named it.
  package let path: String
  package let grid: VoxelGrid
  /// The labels in the order of the grid.
  package let labels: [UInt16]
  /// The affine map of ``Image/affine``.
  let affine: [Double]?
  /// The extents as the file has them: x first.
  let shape: [Int]

  /// Reads a file.
  ///
  /// - Throws: `FormatError` for several channels, and for values that are not whole numbers from 0 to 65535.
  package init(contentsOf path: String) throws { try self.init(Image(contentsOf: path), path: path) }

  /// Takes the labels of an image.
  package init(_ image: Image, path: String) throws {
    guard image.channels == 1 else {
      throw FormatError(
        .badData, path: path, "found \(image.channels) channels, expected labels: one value in each voxel")
    }
    self.path = path
    grid = VoxelGrid(image)
    (affine, shape) = (image.affine, image.extents.reversed())
    var failure: Int?
    labels = image.values.withUnsafeBufferPointer { values in
      [UInt16](unsafeUninitializedCapacity: values.count) { target, count in
        for i in values.indices {
          let value = values[i]
          let isLabel = value >= 0 && value <= 65535 && value == value.rounded(.towardZero)
          target.initializeElement(at: i, to: isLabel ? UInt16(value) : 0)
          if !isLabel, failure == nil { failure = i }
        }
        count = values.count
      }
    }
    if let i = failure {
      let (height, width) = (grid.extents[1], grid.extents[2])
      throw FormatError(
        .badData, path: path,
        "found the value \(image.values[i]) in the voxel (\(i % width), \(i / width % height), \(i / width / height)), "
          + "expected labels: whole numbers from 0 to 65535")
    }
  }

  /// Labels a set of voxels with 1, in the place of another volume.
  init(_ set: [Bool], as other: LabelVolume) {
    precondition(set.count == other.grid.count, "LabelVolume: \(set.count) voxels, not \(other.grid.count)")
    (path, grid, affine, shape) = (other.path, other.grid, other.affine, other.shape)
    labels = set.map { $0 ? 1 : 0 }
  }

  /// The volume with label 1 in the voxels of a region.
  func binary(_ region: SegmentationRegion) -> LabelVolume {
    LabelVolume(labels.map(region.contains), as: self)
  }

  /// Throws unless another file has the same shape, and the same affine map up to a tenth of a voxel at every corner.
  ///
  /// - Parameter noun: what the other file is: `truth`, `mask`, ….
  package func requireSamePlace(as other: LabelVolume, _ noun: String) throws {
    try Self.requireSamePlace(shape, affine, path, as: other.shape, other.affine, other.path, noun)
  }

  /// Throws unless an image has the same shape and affine map.
  package func requireSamePlace(as image: Image, _ noun: String, path other: String) throws {
    try Self.requireSamePlace(shape, affine, path, as: image.extents.reversed(), image.affine, other, noun)
  }

  private static func requireSamePlace(
    _ shape: [Int], _ affine: [Double]?, _ path: String, as otherShape: [Int], _ otherAffine: [Double]?,
    _ otherPath: String, _ noun: String
  ) throws {
    func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " x ") }
    guard shape.filter({ $0 > 1 }) == otherShape.filter({ $0 > 1 }) else {
      throw FormatError(
        .badData, path: path,
        "found the shape \(text(shape)), but the \(noun) \(otherPath) has \(text(otherShape)); expected the same"
      )
    }
    guard let affine, let otherAffine else { return }
    let corners = (0..<8).map { corner in
      (0..<3).map { $0 < shape.count && corner >> $0 & 1 == 1 ? Double(shape[$0] - 1) : 0 }
    }
    func step(_ column: Int) -> Double {
      (0..<3).reduce(0) { $0 + otherAffine[$1 * 4 + column] * otherAffine[$1 * 4 + column] }.squareRoot()
    }
    let tolerance = 0.1 * (0..<min(3, shape.count)).map(step).min()!
    let isSame = corners.allSatisfy { corner in
      let shift = (0..<3).reduce(0.0) { sum, row in
        let own = affine[row * 4 + 3] + (0..<3).reduce(0) { $0 + affine[row * 4 + $1] * corner[$1] }
        let there =
          otherAffine[row * 4 + 3] + (0..<3).reduce(0) { $0 + otherAffine[row * 4 + $1] * corner[$1] }
        return sum + (own - there) * (own - there)
      }
      return shift.squareRoot() <= tolerance
    }
    guard isSame else {
      func text(_ affine: [Double]) -> String {
        "["
          + (0..<3).map { row in
            affine[row * 4..<row * 4 + 4].map { $0 == $0.rounded() && abs($0) < 1e9 ? "\(Int($0))" : "\($0)" }
              .joined(separator: " ")
          }.joined(separator: "; ") + "]"
      }
      throw FormatError(
        .badData, path: path,
        "found the affine \(text(affine)), but the \(noun) \(otherPath) has \(text(otherAffine)); expected the same"
      )
    }
  }
}
