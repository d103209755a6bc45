import TestSupport
import Testing

/// `evaluate` on a folder of label volumes.
@Suite struct SegmentationCommandTests: CommandSuite {
  let shell = Shell()

  /// A NIfTI-1 file of bytes, voxels of 1 x 1 x 2 mm, the value of (x, y, z) given by a formula.
  private func nifti(_ sizes: [Int], _ value: (Int, Int, Int) -> UInt8) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 352)
    func set(_ field: [UInt8], at offset: Int) {
      bytes.replaceSubrange(offset..<offset + field.count, with: field)
    }
    func half(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
    func float(_ value: Float) -> [UInt8] { (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 255) } }
    set(half(348), at: 0)
    for (i, size) in ([3] + sizes + [1, 1, 1, 1]).enumerated() { set(half(size), at: 40 + 2 * i) }
    set(half(2), at: 70)
    set(half(8), at: 72)
    for (i, step) in [1, 1, 1, 2].enumerated() { set(float(Float(step)), at: 76 + 4 * i) }
    set(float(352), at: 108)
    set(float(1), at: 112)
    set(Array("n+1".utf8), at: 344)
    for z in 0..<sizes[2] { for y in 0..<sizes[1] { for x in 0..<sizes[0] { bytes.append(value(x, y, z)) } } }
    return bytes
  }

  /// Three cases, of which `a` and `b` are predicted.
  init() {
    var table = "id,ct,lesion\n"
    for (name, shift) in [("a", 0), ("b", 1), ("c", 2)] {
      func label(_ x: Int, _ y: Int, _ z: Int) -> UInt8 {
        2...5 ~= x && 2 + shift...4 + shift ~= y && 1...3 ~= z ? (z == 1 ? 2 : 1) : 0
      }
      shell.folder.write(nifti([8, 9, 6], label), to: "\(name)-lesion.nii")
      shell.folder.write(
        nifti([8, 9, 6]) { label($0, $1, $2) * 50 + UInt8(($0 + $1) % 3) }, to: "\(name)-ct.nii")
      table += "\(name),\(name)-ct.nii,\(name)-lesion.nii\n"
      if name == "c" { continue }
      // Predictions lie one voxel further along x.
      shell.folder.write(nifti([8, 9, 6]) { $0 == 0 ? 0 : label($0 - 1, $1, $2) }, to: "\(name).nii")
    }
    shell.folder.write(table, to: "cases.csv")
  }

  @Test func aFolderOfLabelVolumes() {
    let line = "ligase evaluate p --truth cases.csv --labels-column lesion --region whole=1,2 --resamples 20"
    let found = shell.run("mkdir p; gzip a.nii; mv a.nii.gz b.nii p; \(line)")
    #expect(found.status == 0, "\(found.error)")
    let rows = found.output.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows[0] == ["model", "group", "metric", "value", "low", "high", "n"])
    #expect(rows.contains(["model", "whole", "dice", "0.75", "0.75", "0.75", "2"]), "\(found.output)")
    #expect(rows.contains(["model", "2", "iou", "0.6", "0.6", "0.6", "2"]))
    #expect(
      rows.contains(["model", "whole", "hd95", "1.0", "1.0", "1.0", "2"])
        || rows.contains(["model", "whole", "hd95", "1", "1", "1", "2"]))
    #expect(
      rows.contains(["threshold", "whole", "dice", "1.0", "1.0", "1.0", "2"])
        || rows.contains(["threshold", "whole", "dice", "1", "1", "1", "2"]))
    #expect(rows.contains(["model", "b/whole", "dice", "0.75", "", "", "1"]))
    for words in [
      "2 cases evaluated; 1 case of cases.csv without a prediction", "baseline threshold: ct, sigma 0 mm",
      "dice", "whole, threshold",
    ] {
      #expect(found.error.contains(words), "\(found.error)")
    }
    let json = shell.run(line + " --json -q -j 1")
    #expect(json.output.contains("\"group\" : \"a/whole\"") && json.error.isEmpty)
    #expect(shell.run(line + " -q -j 1").output == found.output)
  }

  @Test func optionsWithoutEffect() {
    let line = "ligase evaluate p --truth cases.csv --labels-column lesion"
    for (option, words) in [
      ("--region whole", "--region: expected a name and labels such as whole=1,2,4 (got 'whole')"),
      ("--region a=1 --region a=2", "--region names a twice"),
      ("--positive 1", "--positive has no effect: p is a folder"),
      ("--mask m.fa", "--mask has no effect"), ("--split s.tsv", "--split has no effect"),
      ("--na x", "--na has no effect"),
    ] {
      let found = shell.run("mkdir -p p; \(line) \(option)")
      #expect(found.status == 64 && found.error.contains(words), "\(found.error)")
    }
    let table = shell.run("ligase evaluate cases.csv --truth cases.csv --region whole=1")
    #expect(
      table.status == 64 && table.error.contains("--region has no effect without a folder"), "\(table.error)")
    let empty = shell.run("mkdir -p p; \(line)")
    #expect(
      empty.status == 65 && empty.error.contains("found no prediction for a case of cases.csv"),
      "\(empty.error)")
    let column = shell.run("mkdir -p p; ligase evaluate p --truth cases.csv")
    #expect(column.status == 65 && column.error.contains("found no column 'labels'"), "\(column.error)")
  }
}
