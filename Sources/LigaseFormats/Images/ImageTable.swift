/// Writes what is known about image files as a table, one row a file.
package final class ImageTable {
  private let table: TSVWriter
  private let showsIdentifiers: Bool
  private let showsStatistics: Bool

  private static let properties = [
    "byte_order", "form", "alpha", "modality", "photometric", "bits_stored", "transfer_syntax",
  ]
  private static let identifiers =
    DICOMTag.identifiers.map(\.column) + ["description", "auxiliary_file", "intent_name"]

  /// Writes the header row. Texts that may identify a patient, and the range and mean of the values, have columns on
  /// demand.
  package init(_ output: OutputFile, identifiers: Bool, statistics: Bool) throws {
    (showsIdentifiers, showsStatistics) = (identifiers, statistics)
    let columns =
      [
        "file", "format", "width", "height", "depth", "channels", "type", "spacing_x", "spacing_y",
        "spacing_z",
        "orientation", "affine", "slope", "intercept", "window_center", "window_width",
      ] + ImageTable.properties
    table = try TSVWriter(
      output,
      columns: columns + (statistics ? ["minimum", "maximum", "mean"] : [])
        + (identifiers ? ImageTable.identifiers : []))
  }

  /// Writes the row of a file; `image` gives the statistics of its values.
  package func add(_ file: ImageFile, image: Image? = nil) throws {
    let info = file.info
    try table.plainField(file.path)
    try table.field(info.format)
    for axis in 0..<3 {
      let place = info.extents.count - 1 - axis
      if place >= 0 { table.field(info.extents[place]) } else { table.missing() }
    }
    if info.extents.isEmpty { table.missing() } else { table.field(info.channels) }
    try table.field(info.type)
    for axis in 0..<3 {
      let place = (info.spacing?.count ?? 0) - 1 - axis
      if let spacing = info.spacing, place >= 0 { table.field(spacing[place]) } else { table.missing() }
    }
    try table.field(info.orientation ?? "")
    let numbers = info.affine?.map { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : "\($0)" }
    try table.field(numbers?.joined(separator: " ") ?? "")
    for number in [info.scale?.slope, info.scale?.intercept, info.window?.center, info.window?.width] {
      if let number { table.field(number) } else { table.missing() }
    }
    try add(info.properties, of: ImageTable.properties)
    if showsStatistics {
      let range = image?.valueRange
      let finite = image?.values.lazy.filter(\.isFinite)
      let sum = finite?.reduce((0.0, 0)) { ($0.0 + Double($1), $0.1 + 1) }
      for number in [range?.lowerBound, range?.upperBound, sum.map { $0.0 / Double($0.1) }] {
        if let number { table.field(number) } else { table.missing() }
      }
    }
    if showsIdentifiers { try add(info.identifiers, of: ImageTable.identifiers) }
    try table.endRow()
  }

  private func add(_ properties: [ImageInfo.Property], of columns: [String]) throws {
    for column in columns {
      let value = properties.first { $0.name == column }?.value ?? ""
      try table.field(FormatError.printable(value.utf8))
    }
  }
}
