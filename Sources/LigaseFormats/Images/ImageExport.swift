import LigaseRuntime

/// Converts image files to PNG or NIfTI: one file, or files in a folder, all of them or none.
package struct ImageExport {
  /// The formats of outputs.
  package enum Format: String, CaseIterable, Sendable {
    /// 8-bit pictures, one for each slice.
    case png
    /// NIfTI, one file for each image.
    case nii
    /// NumPy's arrays of 32-bit floats, one file for each image.
    case npy
  }

  private let output: String
  private let isFolder: Bool
  private let format: Format
  private let window: ClosedRange<Double>?
  private let overwrite: Bool

  /// Creates a conversion to a file, or to files in a folder; `window` is the interval from black to white.
  package init(
    to output: String, isFolder: Bool, format: Format, window: ClosedRange<Double>?, overwrite: Bool
  ) {
    self.output = output.count > 1 && output.hasSuffix("/") ? String(output.dropLast()) : output
    (self.isFolder, self.format, self.window, self.overwrite) = (isFolder, format, window, overwrite)
  }

  /// Returns the names of the outputs of each file, one for each slice of a picture. Throws where a name is taken.
  package func names(for files: [ImageFile]) throws -> [[String]] {
    var sources: [String: String] = [:]
    return try files.map { file in
      let depth = file.info.extents.count == 3 ? file.info.extents[0] : 1
      guard isFolder else {
        if format == .png, depth > 1 {
          throw FormatError(
            .badData, path: file.path,
            "found \(depth) slices, expected an image of two axes for one PNG file",
            remedy: .nameFolder)
        }
        return [output]
      }
      let stem = output + "/" + ImageExport.stem(file.path)
      let width = max(4, String(depth).utf8.count)
      let names =
        format != .png
        ? [stem + (format == .nii ? ".nii.gz" : ".npy")]
        : file.info.extents.count < 3
          ? [stem + ".png"]
          : (1...depth).map {
            let digits = String($0)
            return stem + "-" + String(repeating: "0", count: width - digits.utf8.count) + digits + ".png"
          }
      for name in names {
        if let other = sources.updateValue(file.path, forKey: name) {
          throw FormatError(
            .badData, path: file.path,
            "would be written as \(FormatError.printable(name.utf8)), as would \(FormatError.printable(other.utf8))"
          )
        }
      }
      return names
    }
  }

  /// Returns the last part of a path without the suffix of a format.
  private static func stem(_ path: String) -> String {
    let name = path == "-" || path == "/" ? "image" : FilePath.name(of: path)
    let suffixes = [
      ".nii.gz", ".nii", ".hdr.gz", ".img.gz", ".hdr", ".img", ".dcm", ".png", ".jpg", ".jpeg", ".pgm",
      ".ppm",
    ]
    for suffix in suffixes where name.lowercased().hasSuffix(suffix) && name.utf8.count > suffix.utf8.count {
      return String(name.dropLast(suffix.count))
    }
    return name == ".." || name == "." ? "image" : name
  }

  /// Writes all outputs. On an error what was written is removed. Returns the windows of the pictures.
  @discardableResult
  package func write(_ files: [ImageFile]) throws -> [ClosedRange<Double>?] {
    let names = try names(for: files)
    for name in names.joined() where !overwrite && access(name, F_OK) == 0 {
      throw FormatError(.cannotCreate, path: name, "already exists", remedy: .replaceOutput)
    }
    let isNew = isFolder && mkdir(output, 0o777) == 0
    let existing = Set(names.joined().filter { access($0, F_OK) == 0 })
    var written: [String] = []
    do {
      return try zip(files, names).map { file, names in
        let image = try file.image()
        guard format == .png else {
          if format == .npy {
            try image.writeNPY(to: names[0], overwrite: overwrite)
          } else {
            try image.writeNIfTI(to: names[0], overwrite: overwrite)
          }
          written.append(names[0])
          return nil
        }
        let shown = window ?? image.window ?? image.valueRange
        for (index, name) in names.enumerated() {
          try image.slice(index).writePNG(to: name, window: shown, overwrite: overwrite)
          written.append(name)
        }
        return shown
      }
    } catch {
      // What was there before and has been replaced is no longer there to be restored.
      for name in written where !existing.contains(name) { unlink(name) }
      if isNew { rmdir(output) }
      throw error
    }
  }
}
