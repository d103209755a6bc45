import LigaseFormats
import TestSupport
import Testing

@Suite struct DICOMSeriesTests {
  let folder = TemporaryFolder()

  private func write(_ heights: [Double], shift: Double = 0) {
    for (i, z) in heights.enumerated() {
      // Names and numbers of instances are in another order than the positions.
      folder.write(
        DICOMBuilder.slice(at: "5\\\(shift * z)\\\(z)", first: Int(z * 10)), to: "s\((i * 7) % 10).dcm")
    }
  }

  private func refusal(
    _ message: String, allowGaps: Bool = false, _ location: SourceLocation = #_sourceLocation
  )
    -> FormatError?
  {
    let error = #expect(throws: FormatError.self, sourceLocation: location) {
      try ImageFile(contentsOf: folder.path, options: .init(allowGaps: allowGaps))
    }
    #expect(error?.message == message, sourceLocation: location)
    return error
  }

  @Test func slicesStandInTheOrderOfTheirPositions() throws {
    write([7.5, 0, 5, 2.5])
    folder.write("not an image", to: "notes.txt")
    let file = try ImageFile(contentsOf: folder.path)
    let image = try file.image()
    #expect(image.extents == [4, 2, 3] && image.spacing == [2.5, 1, 2])
    let first = (0..<4).map { image.values[$0 * 6] }
    #expect(first == [-1000, -950, -900, -850])
    #expect(image.affine == [-2, 0, 0, -5, 0, -1, 0, 0, 0, 0, 2.5, 0, 0, 0, 0, 1])
    #expect(file.info.notices == ["skipped 1 file without DICOM pixels: notes.txt"])
    #expect(file.info.extents == image.extents && file.info.orientation == "LPS")
  }

  @Test func positionsThatAreRoundedStayEven() throws {
    write([0, 1.2, 2.5, 3.8, 5])
    #expect(try Image(contentsOf: folder.path).spacing?[0] == 1.25)
  }

  @Test func gapsNameTheirFiles() throws {
    write([0, 2.5, 5, 12.5])
    let error = refusal(
      "found 7.5 mm between s4.dcm and s1.dcm and 2.5 mm between other slices: 2 slices missing")
    #expect(error?.remedy == .acceptGaps)
    let file = try ImageFile(contentsOf: folder.path, options: .init(allowGaps: true))
    #expect(try file.image().extents == [4, 2, 3])
    #expect(file.info.notices.first?.hasPrefix("accepted: found 7.5 mm between s4.dcm and s1.dcm") == true)
  }

  @Test func unevenSlicesNameTheirFiles() {
    write([0, 2.5, 5.8, 7.5, 10])
    _ = refusal(
      "found 3.3 mm between s7.dcm and s4.dcm and 2.5 mm between other slices, expected equal distances")
  }

  @Test func repeatedSlicesNameTheirFiles() {
    write([0, 2.5, 5, 2.5])
    _ = refusal(
      "found the same position in s1.dcm and s7.dcm, expected one slice at each position", allowGaps: true)
  }

  @Test func tiltIsRefused() {
    write([0, 2.5, 5], shift: 0.2)
    let error = refusal(
      "found slices that are shifted by 0.5 mm each against their normal (gantry tilt of 11.31 degrees), expected slices "
        + "above each other")
    #expect(error?.remedy == .rewrite(with: "dcm2niix FILE"))
  }

  @Test func slicesShiftedSidewaysNameTheirFiles() {
    write([0, 2.5, 5, 7.5])
    folder.write(DICOMBuilder.slice(at: "5\\0.05\\2.5", first: 25), to: "s7.dcm")
    #expect(throws: Never.self) { try ImageFile(contentsOf: folder.path) }
    folder.write(DICOMBuilder.slice(at: "45\\0\\2.5", first: 25), to: "s7.dcm")
    _ = refusal("found s7.dcm shifted sideways by 40 mm against s0.dcm, expected slices above each other")
  }

  @Test func enhancedFilesOfOneFrameMakeASeries() throws {
    for z in [0, 2, 4] {
      var position = DICOMBuilder(), orientation = DICOMBuilder(), measures = DICOMBuilder(),
        values = DICOMBuilder()
      position.add(0x0020, 0x0032, "DS", "5\\0\\\(z)")
      orientation.add(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0")
      measures.add(0x0028, 0x0030, "DS", "1\\2")
      values.add(0x0028, 0x1052, "DS", "\(z)")
      values.add(0x0028, 0x1053, "DS", "3")
      var group = DICOMBuilder(), builder = DICOMBuilder()
      group.add(0x0020, 0x9113, items: [position.bytes], isOpen: false)
      group.add(0x0020, 0x9116, items: [orientation.bytes], isOpen: false)
      group.add(0x0028, 0x9110, items: [measures.bytes], isOpen: false)
      group.add(0x0028, 0x9145, items: [values.bytes], isOpen: false)
      builder.addLayout(rows: 1, columns: 2, frames: 1)
      builder.add(0x5200, 0x9230, items: [group.bytes], isOpen: false)
      builder.add(0x7FE0, 0x0010, "OW", [1, 2].flatMap { builder.number(UInt16($0)) })
      folder.write(builder.file(), to: "e\(z).dcm")
    }
    let image = try Image(contentsOf: folder.path), one = try ImageFile(contentsOf: folder.file("e2.dcm"))
    #expect(image.values == [3, 6, 5, 8, 7, 10] && image.spacing == [2, 1, 2])
    #expect(one.info.affine?[11] == 2 && one.info.scale?.slope == 3)
  }

  @Test func mixedFoldersNameTheirFiles() {
    write([0, 2.5])
    folder.write(DICOMBuilder.slice(at: "5\\0\\5", series: "1.2.4"), to: "t.dcm")
    _ = refusal(
      "found 2 series: s0.dcm is of one with 2 files, t.dcm of another with 1; expected a folder for each series"
    )
    folder.write(DICOMBuilder.slice(at: "5\\0\\5", columns: 4), to: "t.dcm")
    _ = refusal(
      "found 3 x 2 MONOCHROME2 in s0.dcm and 4 x 2 MONOCHROME2 in t.dcm, expected slices of one size and kind"
    )
    folder.write(DICOMBuilder.slice(at: "5\\0\\5", orientation: "0\\1\\0\\0\\0\\-1"), to: "t.dcm")
    _ = refusal("found different orientations in s0.dcm and t.dcm, expected parallel slices")
  }

  @Test func foldersWithoutImages() {
    _ = refusal("found no DICOM image in the folder (0 other files), expected the slices of a series")
  }
}
