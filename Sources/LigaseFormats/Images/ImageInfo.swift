/// What the header of an image file says, without its pixels.
package struct ImageInfo: Sendable, Equatable {
  /// The format: `PNG`, `JPEG`, `PGM`, `PPM`, `NIfTI-1`, `NIfTI-2`, `Analyze 7.5`, `DICOM`.
  package var format: String
  /// The number of places along each axis, the slowest first; empty where the file has no pixels.
  package var extents: [Int]
  /// The number of channels.
  package var channels: Int
  /// The type of a stored number: `uint8`, `int16`, `float32`, ….
  package var type: String
  /// The distance between neighbours along each axis of ``extents`` in millimetres.
  package var spacing: [Double]?
  /// The affine map of ``Image/affine``.
  package var affine: [Double]?
  /// Whether the affine map is what is assumed of files that state none (NIfTI without a form).
  package var isAffineAssumed = false
  /// The factor and the term that turn stored numbers into values; nil where there are none.
  package var scale: (slope: Double, intercept: Double)?
  /// The centre and width of the window that the file proposes for display.
  package var window: (center: Double, width: Double)?
  /// Further properties that identify nobody, by their column.
  package var properties: [Property] = []
  /// Texts that may identify a patient, by their column.
  package var identifiers: [Property] = []
  /// What was unusual about the file, in sentences.
  package var notices: [String] = []

  /// A named text.
  package struct Property: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  package init(format: String, extents: [Int], channels: Int, type: String) {
    (self.format, self.extents, self.channels, self.type) = (format, extents, channels, type)
  }

  /// The directions in which the axes x, y and z of an affine map rise, as three letters: `RAS`, `LPS`, …. The axis
  /// that is nearest to a direction of the patient takes it first.
  package var orientation: String? {
    guard let affine else { return nil }
    let columns = (0..<3).map { column -> [Double] in
      let entries = (0..<3).map { affine[$0 * 4 + column] }
      let length = entries.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return entries.map { $0 / length }
    }
    guard columns.joined().allSatisfy(\.isFinite) else { return nil }
    let nearest = columns.map { $0.map(abs).max()! }
    var free = [0, 1, 2]
    var letters = ["", "", ""]
    for column in [0, 1, 2].sorted(by: { (nearest[$1], $0) < (nearest[$0], $1) }) {
      let row = free.max { abs(columns[column][$0]) < abs(columns[column][$1]) }!
      free.removeAll { $0 == row }
      letters[column] = columns[column][row] > 0 ? ["R", "A", "S"][row] : ["L", "P", "I"][row]
    }
    return letters.joined()
  }

  package static func == (a: ImageInfo, b: ImageInfo) -> Bool {
    a.format == b.format && a.extents == b.extents && a.channels == b.channels && a.type == b.type
      && a.spacing == b.spacing && a.affine == b.affine && a.scale?.slope == b.scale?.slope
      && a.scale?.intercept == b.scale?.intercept && a.window?.center == b.window?.center
      && a.window?.width == b.window?.width && a.properties == b.properties
      && a.identifiers == b.identifiers && a.notices == b.notices
  }
}
