import ArgumentParser
import Glibc
import LigaseFormats
import LigaseRuntime

/// `ligase parse image`.
struct ParseImage: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image",
    abstract: "Describe images and volumes as a table, or convert them to PNG, NIfTI or NumPy arrays.",
    discussion: """
      Example:  ligase parse image scan.dcm --info
                ligase parse image scan.nii.gz -o slices/ --format png --window -1000:400
                ligase parse image series/ -o volume.nii.gz

      Formats: PNG, JPEG, PGM, PPM, NIfTI-1 and NIfTI-2 (.nii, .nii.gz, .hdr with .img), DICOM, and folders of DICOM \
      slices. The table has one row per file: sizes, type, spacing in millimetres, orientation, affine map (x, y, z to \
      right, front, top), slope, intercept and window, then minimum, maximum and mean of the values. Texts that may \
      identify a patient are shown only with --identifiers, and no output file contains them.
      """)

  @Argument(help: "Images, or folders of DICOM slices; `-` or nothing is standard input.")
  var files: [String] = []

  @Flag(help: "Read only the headers: no minimum, maximum and mean.")
  var info = false

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Convert to this file, or to files in this folder (a name that ends in /).", valueName: "path"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Output format: png (8 bits, one file per slice), nii or npy (default: suffix of the output).",
      valueName: "format"))
  var format: ImageExport.Format?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Values that become black and white in PNG (default: window of the file, else the range of the values).",
      valueName: "low:high"))
  var window: Window?

  @Flag(help: "Read DICOM files without a preamble.")
  var force = false

  @Flag(help: "Accept missing slices and unequal distances in a DICOM series.")
  var allowGaps = false

  @Flag(help: "Add columns with texts that may identify a patient.")
  var identifiers = false

  @Flag(help: "Replace existing outputs.")
  var overwrite = false

  @OptionGroup var shards: ShardOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    try FileArguments.refuseSharedInput(files)
    if let output {
      if info || identifiers {
        throw ValidationError("\(info ? "--info" : "--identifiers") and --output cannot be combined")
      }
      if output.isEmpty || output == "-" { throw ValidationError("--output needs a file or a folder") }
      guard let format = chosenFormat else {
        throw ValidationError(
          isFolder
            ? "--format must be given where --output is a folder"
            : "the output must end in .png, .nii, .nii.gz or .npy, or --format be given")
      }
      if !isFolder, files.count > 1 {
        throw ValidationError("several images need a folder: --output \(output)/")
      }
      if window != nil, format != .png { throw ValidationError("--window needs --format png") }
    } else {
      if format != nil { throw ValidationError("--format needs --output") }
      if window != nil { throw ValidationError("--window needs --output") }
      if overwrite { throw ValidationError("--overwrite needs --output") }
    }
  }

  /// Whether the output is a folder.
  private var isFolder: Bool {
    guard let output else { return false }
    return output.hasSuffix("/") || FilePath.isFolder(output)
  }

  private var chosenFormat: ImageExport.Format? {
    if let format { return format }
    guard let output, !isFolder else { return nil }
    return output.hasSuffix(".png")
      ? .png
      : output.hasSuffix(".npy") ? .npy : output.hasSuffix(".nii") || output.hasSuffix(".nii.gz") ? .nii : nil
  }

  func run() throws {
    let options = ImageFile.Options(force: force, allowGaps: allowGaps)
    let part = try shards.part(of: files) { files.count }
    let paths = part.map { Array(files[$0.records]) } ?? (files.isEmpty ? ["-"] : files)
    if let output, let format = chosenFormat { return try convert(paths, options, to: output, format) }
    let target = try OutputFile(nil, part: part)
    let table = try ImageTable(target, identifiers: identifiers, statistics: !info)
    for path in paths {
      let file = try open(path, options)
      try table.add(file, image: info ? nil : try file.image())
    }
    try target.close()
  }

  /// Reads a header and reports what is unusual about the file.
  private func open(_ path: String, _ options: ImageFile.Options) throws -> ImageFile {
    let file = try ImageFile(contentsOf: path, options: options)
    for notice in file.info.notices
    where info || file.info.format != "DICOM" || !notice.hasPrefix("no pixels") {
      report.warn("\(ReportOptions.place(path)): \(notice)")
    }
    return file
  }

  private func convert(
    _ paths: [String], _ options: ImageFile.Options, to output: String, _ format: ImageExport.Format
  ) throws {
    let export = ImageExport(
      to: output, isFolder: isFolder, format: format, window: window?.values, overwrite: overwrite)
    let images = try paths.map { try open($0, options) }
    let count = try export.names(for: images).joined().count
    if !isFolder {
      try FileArguments.refuseExisting(output, overwrite: overwrite)
      try FileArguments.requirePlace(of: output)
    }
    let windows = try export.write(images)
    for (path, shown) in zip(paths, windows) where window == nil {
      guard let shown, shown != 0...255 else { continue }
      report.note(
        "\(ReportOptions.place(path)): black is \(Window.shown(shown.lowerBound)), white is \(Window.shown(shown.upperBound)); --window overrides this"
      )
    }
    report.detail("wrote \(count.counted("file"))")
  }
}

/// An interval of values, as `LOW:HIGH`.
struct Window: ExpressibleByArgument {
  let values: ClosedRange<Double>

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let low = Double(parts[0]), let high = Double(parts[1]), low.isFinite,
      high.isFinite,
      low < high
    else { return nil }
    values = low...high
  }

  /// Returns a number without a fraction of zeros.
  static func shown(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}

extension ImageExport.Format: ExpressibleByArgument {}
