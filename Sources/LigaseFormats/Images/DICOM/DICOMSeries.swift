import LigaseRuntime

/// The slices of a series in a folder, as a volume.
struct DICOMSeries {
  let path: String
  /// The files in the order of their positions.
  private let files: [String]
  private let stack: DICOMStack?
  private let options: ImageFile.Options
  /// The header of the volume.
  let info: ImageInfo

  /// What must be the same in all slices.
  private struct Header {
    var name: String
    var series: String?
    var layout: DICOMLayout
    var geometry: DICOMGeometry
  }

  /// Reads the headers of all files in a folder; files of other formats, and DICOM files without pixels, are
  /// skipped.
  init(folder: String, options: ImageFile.Options) throws {
    (path, self.options) = (folder, options)
    var headers: [Header] = []
    var skipped: [String] = []
    var first: DICOMFile?
    for name in try DICOMSeries.names(in: folder) {
      let file = folder + "/" + name
      let reader = try ByteReader(contentsOf: file, content: .binary)
      let head = try reader.peek(ImageFile.headSize)
      guard DICOMFile.recognizes(head) || options.force && DICOMFile.resembles(head) else {
        skipped.append(name)
        continue
      }
      let dicom = try DICOMFile(try reader.readImage(), force: options.force, path: file)
      guard dicom.truncation != nil || dicom.dataset[.pixelData] != nil else {
        skipped.append(name)
        continue
      }
      headers.append(
        Header(
          name: name, series: dicom.dataset.text(.seriesUID), layout: try dicom.layout(),
          geometry: try DICOMGeometry(of: dicom)))
      if first == nil { first = dicom }
    }
    guard let first else {
      throw FormatError(
        .badData, path: folder,
        "found no DICOM image in the folder (\(skipped.count.counted("other file"))), expected the slices of a series"
      )
    }
    try DICOMSeries.checkAlike(headers, path: folder)
    var info = first.info
    if headers.count > 1 {
      let stack = try DICOMStack(
        headers.map { DICOMStack.Slice(name: $0.name, geometry: $0.geometry) }, allowGaps: options.allowGaps,
        path: folder)
      (info.spacing, info.affine) = (stack.spacing, stack.affine)
      if let notice = stack.notice { info.notices.append(notice) }
      info.extents = [headers.count] + info.extents
      _ = try ImageSize.count(info.extents + [info.channels], path: folder)
      files = stack.order.map { folder + "/" + headers[$0].name }
      self.stack = stack
    } else {
      (files, stack) = ([folder + "/" + headers[0].name], nil)
    }
    if !skipped.isEmpty {
      info.notices.append(
        "skipped \(skipped.count.counted("file")) without DICOM pixels: \(FormatError.list(skipped, limit: 3))"
      )
    }
    self.info = info
  }

  /// The names of the regular files of a folder in order, without hidden ones.
  private static func names(in folder: String) throws -> [String] {
    try FilePath.names(in: folder).filter { name in
      var status = stat()
      return stat(folder + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
  }

  /// Throws where files are of several series, of several sizes, or volumes themselves.
  private static func checkAlike(_ headers: [Header], path: String) throws {
    func refuse(_ message: String) -> FormatError { FormatError(.badData, path: path, message) }
    let first = headers[0]
    let series = Set(headers.map(\.series))
    if series.count > 1, let other = headers.first(where: { $0.series != first.series }) {
      let counts = [first, other].map { header in headers.count { $0.series == header.series } }
      throw refuse(
        "found \(series.count) series: \(first.name) is of one with \(counts[0].counted("file")), \(other.name) of another "
          + "with \(counts[1]); expected a folder for each series")
    }
    for header in headers {
      let (a, b) = (first.layout, header.layout)
      if b.frames > 1, headers.count > 1 {
        throw refuse(
          "found \(b.frames) frames in \(header.name), expected one file or files of one slice each")
      }
      guard a.rows == b.rows, a.columns == b.columns, a.channels == b.channels,
        a.photometric == b.photometric
      else {
        func shown(_ layout: DICOMLayout) -> String {
          "\(layout.columns) x \(layout.rows) \(layout.photometric.rawValue)"
        }
        throw refuse(
          "found \(shown(a)) in \(first.name) and \(shown(b)) in \(header.name), expected slices of one size and kind"
        )
      }
    }
  }

  /// Decodes the slices, one at a time.
  func image() throws -> Image {
    guard let stack else { return try slice(files[0]).image() }
    var values: [Float] = []
    var volume: Image?
    for file in files {
      let slice = try slice(file).image()
      if volume == nil {
        volume = slice
        values.reserveCapacity(slice.values.count * files.count)
      }
      guard slice.values.count == volume?.values.count else {
        throw FormatError(.inputOutput, path: file, "the file changed while the series was read")
      }
      values += slice.values
    }
    var image = Image(extents: info.extents, channels: info.channels, values: values)
    (image.spacing, image.affine) = (stack.spacing, stack.affine)
    (image.window, image.inversion) = (volume?.window, volume?.inversion)
    return image
  }

  private func slice(_ file: String) throws -> DICOMFile {
    try DICOMFile(contentsOf: file, force: options.force)
  }
}
