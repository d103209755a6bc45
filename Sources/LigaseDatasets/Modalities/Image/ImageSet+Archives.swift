import LigaseFormats
import LigaseRuntime

extension ImageSet {
  /// Reads images of an archive of NumPy arrays, or of one array: `images` with `ids`, or the names of MedMNIST (`train_images`,
  /// `train_labels`, `val_…`, `test_…`), which are the split. Other arrays with an element for each image are columns.
  ///
  /// An image without an id is called by its subset and its row, from 0: `test/17`.
  ///
  /// - Parameter subset: the subset to read; nil reads all.
  package init(archive path: String?, subset: Split.Subset? = nil, _ options: Options) throws {
    let archive = try NPZ(contentsOf: path)
    self.path = archive.path
    var sets: [(prefix: String, part: Split.Subset?)] = []
    for (prefix, part) in [("train_", Split.Subset.train), ("val_", .validation), ("test_", .test)]
    where archive.has(prefix + "images") { sets.append((prefix, part)) }
    if archive.has("images") { sets.append(("", nil)) }
    guard !sets.isEmpty else {
      throw FormatError(
        .badData, path: archive.path,
        "found the arrays \(FormatError.list(archive.names, limit: 8)), expected images, or train_images, val_images and test_images"
      )
    }
    if let subset {
      sets.removeAll { $0.part != subset }
      guard !sets.isEmpty else {
        throw FormatError(.badData, path: archive.path, "found no images of the subset \(subset.rawValue)")
      }
    }
    var collector = ImageCollector(options), columns: [String: [(part: Int, values: [String])]] = [:],
      order: [String] = []
    var counts: [Int] = []
    for (i, set) in sets.enumerated() {
      let label = set.part?.rawValue ?? "", name = set.prefix + "images"
      let ids = try Self.ids(archive, set.prefix), start = self.ids.count
      let count = try collector.add(archive.array(name), path: archive.path) { row in
        ids.map { row < $0.count ? $0[row] : "" } ?? (label.isEmpty ? "\(row)" : "\(label)/\(row)")
      }
      guard count > 0 else { throw FormatError(.badData, path: archive.path, "\(name): found no image") }
      if let ids, ids.count != count {
        throw FormatError(
          .badData, path: archive.path,
          "found \(ids.count.counted("id")) for \(count.counted("image")) of \(name)")
      }
      self.ids += ids ?? (0..<count).map { label.isEmpty ? "\($0)" : "\(label)/\($0)" }
      parts += [Split.Subset?](repeating: set.part, count: count)
      counts.append(self.ids.count - start)
      for array in archive.names
      where array.hasPrefix(set.prefix) && array != name && array != set.prefix + "ids" {
        if set.prefix.isEmpty, sets.contains(where: { !$0.prefix.isEmpty && array.hasPrefix($0.prefix) }) {
          continue
        }
        let reader: NPYReader, short = String(array.dropFirst(set.prefix.count))
        do { reader = try archive.array(array) } catch let error as FormatError where error.kind == .badData {
          notes.append("skipped the array \(error.message)")
          continue
        }
        guard reader.header.rowCount == count, !reader.header.shape.isEmpty, reader.header.shape.count <= 2,
          reader.header.rowSize > 0, reader.header.kind != .complex
        else {
          notes.append("skipped the array \(array): it has no element for each image")
          continue
        }
        let values = try reader.strings(), width = reader.header.rowSize
        for k in 0..<width {
          let column = width == 1 ? short : "\(short).\(k)"
          if columns[column] == nil { order.append(column) }
          columns[column, default: []].append(
            (i, stride(from: k, to: values.count, by: width).map { values[$0] }))
        }
      }
    }
    for name in order {
      let found = columns[name]!
      guard found.count == sets.count else {
        notes.append("skipped the array \(name): not every subset has it")
        continue
      }
      self.columns.append((Self.fitting(name), found.flatMap(\.values).map(Self.fitting)))
    }
    let (records, more) = collector.records()
    self.records = records
    notes += more
    var seen: Set<String> = []
    if let twice = self.ids.first(where: { !seen.insert($0).inserted }) {
      throw FormatError(
        .badData, path: archive.path, "found the id \(FormatError.quoted(twice)) twice, expected each once")
    }
  }

  /// A text that fits into a table.
  private static func fitting(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
  }

  private static func ids(_ archive: NPZ, _ prefix: String) throws -> [String]? {
    guard archive.has(prefix + "ids") else { return nil }
    return try archive.array(prefix + "ids").strings().map(fitting)
  }

  /// Reads one array of images, `N H W` or `N H W C`.
  package init(array path: String?, _ options: Options) throws {
    let reader = try NPYReader(contentsOf: path)
    self.path = reader.path
    var collector = ImageCollector(options)
    let count = try collector.add(reader, path: reader.path) { "\($0)" }
    guard count > 0 else { throw FormatError(.badData, path: reader.path, "found no image") }
    ids = (0..<count).map { "\($0)" }
    parts = [Split.Subset?](repeating: nil, count: count)
    (records, notes) = collector.records()
  }
}

extension ImageCollector {
  /// Adds the images of an array, and returns their number.
  mutating func add(_ reader: NPYReader, path: String, name: (Int) -> String) throws -> Int {
    let shape = reader.header.shape
    guard shape.count == 3 || shape.count == 4 && [1, 2, 3, 4].contains(shape[3]),
      reader.header.kind != .complex
    else {
      throw reader.refuse(
        "found an array of the shape \(shape), expected images × height × width, or images × height × width × channels with up to 4 channels"
      )
    }
    guard shape[1] > 0, shape[2] > 0 else {
      throw reader.refuse("found images of \(shape[1]) × \(shape[2]), expected at least one pixel")
    }
    let channels = shape.count == 4 ? shape[3] : 1
    var row = 0
    while let values = try reader.nextRow() {
      try add(
        Image(extents: [shape[1], shape[2]], channels: channels, values: values.map { Float($0) }), name(row),
        path: path)
      row += 1
    }
    return row
  }
}
