import LigaseFormats
import LigaseRuntime

/// Images with their ids, and what their files say of each.
package struct ImageSet {
  /// The name of the column of ids.
  package static let idColumn = "image"

  /// The id of each image.
  package internal(set) var ids: [String] = []
  /// The images.
  package internal(set) var records: ImageRecords
  /// Further columns, with a text for each image: labels, groups, subsets.
  package internal(set) var columns: [(name: String, values: [String])] = []
  /// The subset of each image, where the files say it.
  package internal(set) var parts: [Split.Subset?] = []
  /// Notes about the reading, one line each.
  package internal(set) var notes: [String] = []
  /// The file or folder, for errors.
  package internal(set) var path: String

  /// The columns as a table, ids first; `subset` where the files say the subsets.
  package func table() throws -> Table {
    var all = [(Self.idColumn, ids)] + columns.map { ($0.name, $0.values) }
    if parts.contains(where: { $0 != nil }) { all.append(("subset", parts.map { $0?.rawValue ?? "" })) }
    var text = all.map(\.0).joined(separator: "\t") + "\n"
    for row in ids.indices {
      let fields = all.map { $0.1[row] }
      if let bad = fields.first(where: { $0.utf8.contains { $0 == 9 || $0 == 10 || $0 == 13 } }) {
        throw FormatError(
          .badData, path: path,
          "found \(FormatError.quoted(bad)), expected names without tabs and line breaks")
      }
      text += fields.joined(separator: "\t") + "\n"
    }
    return try Table(bytes: Array(text.utf8), path: path, delimiter: .tab)
  }

  /// The columns as a table, without the subsets.
  package func labels() throws -> Table {
    var set = self
    set.parts = []
    return try set.table()
  }

  /// What a reader of images needs to know of the model that is to read them, or of nothing for training.
  package struct Options: Sendable {
    /// The number of channels of the model.
    package var channels: Int?
    /// The extents of the model's images, where other ones are not resized.
    package var extents: [Int]?
    /// The folder of relative paths in a table; nil is that of the table.
    package var root: String?
    /// Read DICOM without its preamble.
    package var force = false

    package init() {}

    /// Those of a model.
    package init(_ preparation: ImagePreparation) {
      channels = preparation.channels
      let options = preparation.options
      if options.resize == nil, options.resizeWithPadOrCrop == nil, options.spacing == nil {
        extents = preparation.extents
      }
    }
  }
}

/// Collects images, one after the other.
struct ImageCollector {
  private let store = ImageStore()
  private let options: ImageSet.Options
  private var names: [String] = []
  /// Whether every colour image has three equal channels.
  private var areGrey = true
  private var withAlpha = 0
  private var inverted = 0
  /// What was unusual about files: the first of them, and how many there are.
  private var unusual: (notice: String, count: Int)?

  init(_ options: ImageSet.Options) { self.options = options }

  /// Reads and adds a file.
  mutating func add(file path: String, _ name: String) throws {
    let file = try ImageFile(contentsOf: path, options: ImageFile.Options(force: options.force))
    var image = try file.image()
    if file.info.isAffineAssumed { image.affine = nil }
    try add(image, name, path: path)
    if let notice = file.info.notices.first {
      unusual = (unusual?.notice ?? "\(name): \(notice)", (unusual?.count ?? 0) + 1)
    }
  }

  /// Adds an image of a file.
  mutating func add(_ image: Image, _ name: String, path: String) throws {
    // A volume of one slice is an image.
    var image = image.extents.count == 3 && image.extents[0] == 1 ? image.slice(0) : image
    guard image.extents.count == 2 else {
      throw FormatError(
        .badData, path: path,
        "found \(name) with \(image.extents.count) axes (\(image.extents.map(String.init).joined(separator: " × "))), expected an image of height and width"
      )
    }
    if image.hasOpacity {
      withAlpha += 1
      image = image.withoutAlpha
    }
    if let bad = image.values.first(where: { !$0.isFinite }) {
      throw FormatError(.badData, path: path, "found the value \(bad) in \(name), expected finite numbers")
    }
    if let sum = image.inversion {
      inverted += 1
      image = image.mapped { Float(sum - Double($0)) }
    }
    if image.channels == 3, areGrey { areGrey = image.hasEqualChannels }
    if let channels = options.channels, image.channels != channels,
      !(channels == 1 && image.channels == 3 && image.hasEqualChannels),
      !(channels == 3 && image.channels == 1)
    {
      throw FormatError(
        .badData, path: path,
        "found \(image.channels == 1 ? "a grey image" : "a colour image of \(image.channels) channels")\(name.isEmpty ? "" : " (\(name))"), expected \(channels == 1 ? "grey" : "\(channels) channels"), as the model was trained"
      )
    }
    if let extents = options.extents, image.extents != extents {
      throw FormatError(
        .badData, path: path,
        "found an image of \(image.extents[0]) × \(image.extents[1])\(name.isEmpty ? "" : " (\(name))"), expected \(extents[0]) × \(extents[1]), as the model was trained"
      )
    }
    try store.append(image)
    names.append(name)
  }

  /// The images, and notes about them.
  func records() -> (records: ImageRecords, notes: [String]) {
    let isColour = (0..<store.count).contains { store.channels(of: $0) == 3 }
    let channels = options.channels ?? (isColour && areGrey ? 1 : nil)
    var notes: [String] = []
    if isColour, areGrey, options.channels == nil {
      notes.append("colour images with three equal channels are read as grey")
    }
    if withAlpha > 0 { notes.append("the opacity of \(withAlpha.counted("image")) is not read") }
    if inverted > 0 {
      notes.append("inverted \(inverted.counted("image")) in which small values are bright (MONOCHROME1)")
    }
    if let (notice, count) = unusual {
      notes.append(
        notice + (count > 1 ? "; there are notices about \((count - 1).counted("more image"))" : ""))
    }
    return (ImageRecords(store, names: names, channels: channels), notes)
  }
}

extension Image {
  /// Whether the three channels are equal everywhere.
  var hasEqualChannels: Bool {
    for place in stride(from: 0, to: values.count, by: 3) {
      let value = values[place]
      if values[place + 1] != value || values[place + 2] != value { return false }
    }
    return true
  }

  /// The image without its last channel.
  var withoutAlpha: Image { selecting(channels: Array(0..<(channels - 1))) }

  /// Some of the channels; one can occur several times.
  func selecting(channels chosen: [Int]) -> Image {
    var kept: [Float] = []
    kept.reserveCapacity(values.count / channels * chosen.count)
    for place in stride(from: 0, to: values.count, by: channels) {
      for channel in chosen { kept.append(values[place + channel]) }
    }
    var result = Image(extents: extents, channels: chosen.count, values: kept)
    (result.spacing, result.affine) = (spacing, affine)
    return result
  }
}
