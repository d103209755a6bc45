import LigaseFormats
import LigaseRuntime

extension ImageSet {
  /// Reads images of an archive, an array, a folder, a file, or the table that lists them.
  ///
  /// - Parameters:
  ///   - subset: the subset of an archive to read; nil reads all.
  ///   - key: the column of ids of a table; nil takes the paths.
  package init(
    contentsOf path: String?, subset: Split.Subset? = nil, _ options: Options,
    key: (Table) -> String? = { _ in nil }
  ) throws {
    let source = try Self.source(path)
    if let subset, source != .archive {
      throw FormatError(
        .badData, path: path ?? "-",
        "found no archive, expected an archive (.npz) for the subset \(subset.rawValue): only archives have subsets"
      )
    }
    switch source {
    case .archive: try self.init(archive: path, subset: subset, options)
    case .array: try self.init(array: path, options)
    case .folder: try self.init(folder: path!, options)
    case .image: try self.init(files: [path!], options)
    case .table:
      let table = try Table(contentsOf: path)
      try self.init(table: table, column: nil, key: key(table), options)
      notes += table.notices.map { "\(table.path): \($0)" }
    }
  }

  /// Reads image files.
  ///
  /// - Parameter ids: what they are called; nil takes the paths.
  package init(files: [String], ids: [String]? = nil, _ options: Options) throws {
    path = files.first ?? "-"
    self.ids = ids ?? files
    var collector = ImageCollector(options)
    for file in files { try collector.add(file: file, file) }
    (records, notes) = collector.records()
    parts = [Split.Subset?](repeating: nil, count: files.count)
  }

  /// Reads a folder: a folder for each class with its images, below folders `train`, `val` and `test` where there are such; or images alone.
  ///
  /// An image is called by its path below the folder.
  package init(folder: String, _ options: Options) throws {
    let files = try Self.files(in: folder)
    guard !files.isEmpty else {
      throw FormatError(
        .badData, path: folder,
        "found no image, expected files that end in \(Self.suffixes.sorted().joined(separator: ", "))")
    }
    try self.init(files: files.map { folder + "/" + $0 }, ids: files, options)
    path = folder
    let steps = files.map { $0.split(separator: "/").dropLast().map(String.init) }
    let areSplit = steps.allSatisfy { $0.first.flatMap(Split.Subset.init(name:)) != nil }
    if areSplit { parts = steps.map { Split.Subset(name: $0[0]) } }
    let classes = steps.map { $0.dropFirst(areSplit ? 1 : 0) }
    if classes.allSatisfy({ !$0.isEmpty }) { columns = [("class", classes.map { $0.first! })] }
  }

  /// Reads the images that a table lists.
  ///
  /// - Parameters:
  ///   - column: the column of paths; nil takes the one whose paths exist.
  ///   - key: the column of ids; nil takes the paths.
  package init(table: Table, column: String?, key: String?, _ options: Options) throws {
    try table.requireRows()
    let folder = options.root ?? (table.path == "-" ? "." : FilePath.folder(of: table.path))
    func full(_ path: String) -> String { path.hasPrefix("/") ? path : folder + "/" + path }
    // The column of which most paths exist; those that do not are named as they are read.
    func existing(_ name: String) throws -> Int {
      try table.strings(name).prefix(100).count { !$0.isEmpty && access(full($0), R_OK) == 0 }
    }
    var (found, most) = (column, 0)
    if column == nil {
      for name in table.columnNames {
        let count = try existing(name)
        if count > most { (found, most) = (name, count) }
      }
    }
    guard let found else {
      throw FormatError(
        .badData, path: table.path,
        "found no column of paths to images below \(folder), in \(FormatError.list(table.columnNames, limit: 8))"
      )
    }
    let paths = try table.strings(found)
    var collector = ImageCollector(options)
    for (row, name) in paths.enumerated() {
      guard !name.isEmpty else {
        throw FormatError(
          .badData, path: table.path, line: table.line(ofRow: row), "found no path under \(found)")
      }
      try collector.add(file: full(name), name)
    }
    path = table.path
    ids = try key.map { try table.strings($0) } ?? paths
    (records, notes) = collector.records()
    columns = try table.columnNames.filter { $0 != found && $0 != key }.map { ($0, try table.strings($0)) }
    parts = [Split.Subset?](repeating: nil, count: ids.count)
    notes.append("images: column \(found), \(ids.count.counted("file"))")
  }

  /// Suffixes of images of height and width.
  package static let suffixes: Set<String> = ["png", "jpg", "jpeg", "pgm", "ppm", "dcm"]

  /// The images in a folder and those below, by their paths in order.
  private static func files(in folder: String) throws -> [String] {
    var (found, waiting) = ([String](), [""])
    while let inner = waiting.popLast() {
      for name in try FilePath.names(in: inner.isEmpty ? folder : folder + "/" + inner) {
        let path = inner.isEmpty ? name : inner + "/" + name
        if FilePath.isFolder(folder + "/" + path) {
          guard path.count(where: { $0 == "/" }) < 16 else { continue }
          waiting.append(path)
        } else if suffixes.contains(FilePath.suffix(of: name)) {
          found.append(path)
        }
      }
    }
    return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The kind of a file of images.
  package enum Source { case archive, array, folder, image, table }

  /// The kind of a file, by its bytes; standard input is taken for an archive.
  package static func source(_ path: String?) throws -> Source {
    guard let path, path != "-" else { return .archive }
    if FilePath.isFolder(path) { return .folder }
    let head = try ByteReader(contentsOf: path, content: .binary).peek(8)
    if head.starts(with: ZipArchive.magic), head.count > 3, [3, 5].contains(head[2]) { return .archive }
    if head.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) { return .array }
    return ["tsv", "csv", "txt", "tab"].contains(FilePath.suffix(of: path)) ? .table : .image
  }
}
