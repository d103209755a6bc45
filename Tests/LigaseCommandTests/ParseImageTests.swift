import TestSupport
import Testing

@Suite struct ParseImageTests: CommandSuite {
  let shell = Shell()

  private let header =
    "file\tformat\twidth\theight\tdepth\tchannels\ttype\tspacing_x\tspacing_y\tspacing_z\torientation\taffine\tslope\t"
    + "intercept\twindow_center\twindow_width\tbyte_order\tform\talpha\tmodality\tphotometric\tbits_stored\ttransfer_syntax"

  /// Writes a volume of 2 x 2 x 3 numbers as NIfTI by way of its bytes: a header of zeros but for what is set.
  private func writeVolume(_ name: String = "v.nii") {
    var bytes = [UInt8](repeating: 0, count: 352)
    func set(_ offset: Int, _ values: [UInt8]) {
      bytes.replaceSubrange(offset..<offset + values.count, with: values)
    }
    set(0, [0x5C, 1])
    set(40, [3, 0, 3, 0, 2, 0, 2, 0])
    set(70, [2, 0, 8, 0])
    for axis in 1...3 { set(76 + 4 * axis, [0, 0, 0x80, 0x3F]) }
    set(108, [0, 0, 0xB0, 0x43])
    set(148, Array("Doe, Jane".utf8))
    set(344, Array("n+1".utf8))
    shell.folder.write(bytes + (0..<12).map { UInt8($0 * 10) }, to: name)
  }

  @Test func tablesOfImages() {
    shell.folder.write(Array("P5 2 1 255\n".utf8) + [10, 30], to: "a.pgm")
    let row = "\tPGM\t2\t1\t\t1\tuint8" + String(repeating: "\t", count: 16)
    expect("ligase parse image a.pgm --info", "\(header)\na.pgm\(row)\n")
    expect("ligase parse image < a.pgm", "\(header)\tminimum\tmaximum\tmean\n-\(row)\t10\t30\t20\n")
    writeVolume()
    let volume =
      "v.nii\tNIfTI-1\t3\t2\t2\t1\tuint8\t1\t1\t1\tLAS\t-1 0 0 1 0 1 0 -0.5 0 0 1 -0.5 0 0 0 1\t\t\t\t\tlittle\tpixdim\t\t\t\t\t"
    expect("ligase parse image v.nii", "\(header)\tminimum\tmaximum\tmean\n\(volume)\t0\t110\t55\n")
    // What people have written is shown on demand only.
    let shown = shell.run("ligase parse image v.nii --info --identifiers | cut -f 38")
    #expect(shown.output == "description\nDoe, Jane\n" && shown.status == 0, "\(shown)")
  }

  @Test func conversions() {
    writeVolume()
    let outcome = shell.run(
      "ligase parse image v.nii -o slices/ --format png --window 0:110 -v && ls slices && ligase parse image slices/*.png | cut -f 1-4,24-26"
    )
    #expect(
      outcome.output
        == "v-0001.png\nv-0002.png\nfile\tformat\twidth\theight\tminimum\tmaximum\tmean\n"
        + "slices/v-0001.png\tPNG\t3\t2\t0\t116\t58\nslices/v-0002.png\tPNG\t3\t2\t139\t255\t197\n",
      "\(outcome)")
    #expect(outcome.error == "ligase: wrote 2 files\n")
    expect(
      "ligase parse image v.nii -o w.nii.gz && ligase parse image w.nii.gz | cut -f 7,10,11,24-26",
      "type\tspacing_z\torientation\tminimum\tmaximum\tmean\nuint8\t1\tLAS\t0\t110\t55\n")
    #expect(shell.run("gzip -dc w.nii.gz | grep -c Doe").output == "0\n")
    expect(
      "ligase parse image v.nii -o low/ --format png --window -110:110 && ligase parse image low/v-0001.png | cut -f 24,25",
      "minimum\tmaximum\n128\t185\n")
    shell.folder.write(Array("P5 2 1 65535\n".utf8) + [1, 0, 2, 0], to: "a.pgm")
    expect(
      "ligase parse image a.pgm -o a.png", "",
      "ligase: a.pgm: black is 0, white is 65535; --window overrides this\n")
  }

  @Test func errorsLeaveNothing() {
    writeVolume()
    shell.folder.write("P5 2 2 255\nab", to: "short.pgm")
    shell.folder.write([UInt8](repeating: 0, count: 64) + Array("noise".utf8), to: "noise")
    _ = shell.run("mkdir empty; touch taken.png")
    for (line, status, error) in [
      ("absent.png", 66, "absent.png: cannot open: No such file or directory"),
      ("short.pgm", 74, "short.pgm: at byte 13: truncated: the file ends within the image"),
      (
        "empty", 65,
        "empty: found no DICOM image in the folder (0 other files), expected the slices of a series"
      ),
      (
        "v.nii -o v.png", 65,
        "v.nii: found 2 slices, expected an image of two axes for one PNG file (write the slices to a folder with --output DIR/ --format png)"
      ),
      ("short.pgm -o taken.png", 73, "taken.png: already exists (--overwrite replaces it)"),
      (
        "v.nii short.pgm -o new/ --format png", 74,
        "short.pgm: at byte 13: truncated: the file ends within the image"
      ),
      ("v.nii ./v.nii -o new/ --format nii", 65, "./v.nii: would be written as new/v.nii.gz, as would v.nii"),
      ("v.nii -o new/", 64, "--format must be given where --output is a folder (--help explains)"),
      ("v.nii --info -o x.nii", 64, "--info and --output cannot be combined (--help explains)"),
      ("v.nii --window 0:1", 64, "--window needs --output (--help explains)"),
      (
        "v.nii -o x.png --window 5:1", 64,
        "The value '5:1' is invalid for '--window <low:high>' (--help explains)"
      ),
      (
        "noise", 65,
        "noise: found the first bytes '\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00' of no known image format, expected PNG, JPEG, PGM, PPM, NIfTI or DICOM"
      ),
    ] as [(String, Int32, String)] {
      let outcome = shell.run("ligase parse image \(line) > out")
      #expect(outcome.status == status && outcome.error == "ligase: error: \(error)\n", "\(line): \(outcome)")
    }
    #expect(shell.folder.names == ["empty", "noise", "out", "short.pgm", "taken.png", "v.nii"])
  }
}
