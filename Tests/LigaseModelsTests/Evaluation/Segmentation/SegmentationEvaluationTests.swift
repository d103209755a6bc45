import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseTensors
import TestSupport
import Testing

@Suite struct SegmentationEvaluationTests {
  private let folder = TemporaryFolder()
  private let extents = [6, 8, 10]

  /// Writes a volume given by a formula in (z, y, x).
  private func write(
    _ name: String, extents: [Int]? = nil, spacing: [Double] = [2, 1, 1], origin: Double = 0,
    _ value: (Int, Int, Int) -> Float
  ) throws {
    let extents = extents ?? self.extents
    var values: [Float] = []
    for z in 0..<extents[0] {
      for y in 0..<extents[1] { for x in 0..<extents[2] { values.append(value(z, y, x)) } }
    }
    var image = Image(extents: extents, channels: 1, values: values)
    image.spacing = spacing
    image.affine = [
      spacing[2], 0, 0, origin, 0, spacing[1], 0, 0, 0, 0, spacing[0], 0, 0, 0, 0, 1,
    ]
    try image.writeNIfTI(to: folder.file(name), overwrite: true)
  }

  /// Four cases with two labels; `a` and `b` are predicted.
  private init() throws {
    for (name, shift) in [("a", 0), ("b", 1), ("c", 0), ("d", 2)] {
      func label(_ z: Int, _ y: Int, _ x: Int) -> Float {
        1...3 ~= z && 2...5 ~= y && 2 + shift...6 + shift ~= x ? (x < 4 + shift ? 1 : 2) : 0
      }
      try write("\(name)-labels.nii.gz", label)
      // The channel is bright in the labels, with a brighter spot far away and outside the mask.
      try write("\(name)-ct.nii.gz") { z, y, x in
        (z, y, x) == (5, 7, 0) ? 40 : label(z, y, x) > 0 ? Float(10 + (x + y) % 3) : Float((z + y) % 4)
      }
      try write("\(name)-noise.nii.gz") { z, y, x in Float((z * 31 + y * 17 + x * 7) % 13) }
      try write("\(name)-mask.nii.gz") { z, _, _ in z < 5 ? 1 : 0 }
    }
    guard mkdir(folder.file("p"), 0o755) == 0 else { fatalError("cannot make a folder") }
    try write("p/a.nii.gz") { z, y, x in 1...3 ~= z && 2...5 ~= y && 2...6 ~= x ? (x < 5 ? 1 : 2) : 0 }
    try write("p/b.nii.gz") { z, y, x in 1...3 ~= z && 2...5 ~= y && 3...5 ~= x ? 1 : 0 }
  }

  private let columns = "id\tsplit\tct\tlabels\tmask\n"

  private func row(_ id: String, _ split: String = "") -> String {
    "\(id)\t\(split)\t\(id)-ct.nii.gz\t\(id)-labels.nii.gz\t\(id)-mask.nii.gz\n"
  }

  private func evaluate(
    _ table: String, _ regions: [String] = [],
    _ change: (inout SegmentationEvaluation.Options) -> Void = { _ in }
  )
    throws -> SegmentationEvaluation
  {
    var options = SegmentationEvaluation.Options()
    options.regions = try regions.map(SegmentationRegion.init(parsing:))
    options.bootstrap = Bootstrap(resamples: 50, seed: 1)
    change(&options)
    let cases = try CaseTable(Table(contentsOf: folder.write(table, to: "cases.tsv")))
    return try SegmentationEvaluation(predictions: folder.file("p"), cases: cases, options)
  }

  private func score(_ found: SegmentationEvaluation, _ model: String, _ group: String, _ metric: String)
    -> Score?
  {
    found.scores.first { $0.model == model && $0.group == group && $0.metric == metric }
  }

  @Test func metricsOfCasesAndTheirMeans() throws {
    let found = try evaluate(columns + row("a") + row("b"), ["whole=1,2"])
    #expect(found.ids == ["a", "b"] && found.notes.contains { $0.hasPrefix("no baseline: no case is in") })
    // Case a: the whole is exact; of label 1, 24 voxels of truth and 36 of the prediction share 24.
    #expect(score(found, "model", "a/whole", "dice")?.value == 1)
    #expect(score(found, "model", "a/whole", "hd95")?.value == 0)
    #expect(score(found, "model", "a/1", "dice")?.value == 48.0 / 60)
    #expect(score(found, "model", "a/1", "iou")?.value == 24.0 / 36)
    #expect(score(found, "model", "a/1", "sensitivity")?.value == 1)
    #expect(score(found, "model", "a/1", "specificity")?.value == (480.0 - 36) / (480 - 24))
    // Case b: 60 true voxels, 36 of them predicted, all with label 1.
    #expect(score(found, "model", "b/whole", "dice")?.value == 72.0 / 96)
    #expect(score(found, "model", "b/2", "dice")?.value == 0)
    let missing = score(found, "model", "b/2", "hd95")
    #expect(missing?.value == nil && missing?.n == 0)
    let mean = try #require(score(found, "model", "whole", "dice"))
    #expect(mean.value == 0.875 && mean.n == 2 && mean.low == 0.75 && mean.high == 1)
    #expect(score(found, "model", "2", "hd95")?.n == 1)
    #expect(
      found.notes.contains(
        "class 2: 1 case with it in only one of them have a Dice coefficient of 0 and no distances"))
    #expect(found.scores.allSatisfy { $0.model == "model" })
    #expect(found.summary[0].split(separator: " ") == ["dice", "whole"])
    // Without regions all labels are the foreground, and classes are shown.
    let plain = try evaluate(columns + row("a") + row("b"))
    #expect(score(plain, "model", "foreground", "dice") == mean.called("foreground"))
    #expect(plain.summary[0].split(separator: " ") == ["dice", "1", "2"])
  }

  @Test func absentRegionsAreNotCounted() throws {
    let found = try evaluate(columns + row("a") + row("b"), ["none=7", "edge=2,9"])
    #expect(
      score(found, "model", "none", "dice")?.value == nil && score(found, "model", "none", "dice")?.n == 0)
    #expect(score(found, "model", "none", "specificity")?.value == 1)
    #expect(found.notes.contains { $0.hasPrefix("region none: no voxel in any truth or prediction") })
    try write("p/b.nii.gz") { _, _, _ in 0 }
    try write("b-labels.nii.gz") { _, _, _ in 0 }
    let empty = try evaluate(columns + row("a") + row("b"), ["whole=1,2"])
    #expect(
      score(empty, "model", "whole", "dice")?.value == 1 && score(empty, "model", "whole", "dice")?.n == 1)
    #expect(empty.notes.contains("region whole: 1 case without it in truth and prediction are not counted"))
  }

  @Test func theBaselineIsFittedOnOtherCases() throws {
    let all = columns + row("a") + row("b") + row("c") + row("d")
    let found = try evaluate(all)
    // The threshold lies between background and labels; the bright spot is outside the mask.
    #expect(score(found, "threshold", "foreground", "dice")?.value == 1)
    #expect(score(found, "threshold", "b/foreground", "dice")?.value == 1)
    #expect(
      found.notes.contains {
        $0.contains("baseline threshold: ct, sigma 0 mm, threshold ")
          && $0.hasSuffix("fitted on 2 cases with a mean Dice coefficient of 1.000")
      }, "\(found.notes)")
    #expect(
      found.notes[0] == "2 cases evaluated; 2 cases of \(folder.file("cases.tsv")) without a prediction")
    #expect(!found.scores.contains { $0.model == "threshold" && $0.group.hasSuffix("1") })
    // Rows of the subset train are preferred, and evaluated ones of it are reported.
    let split = try evaluate(
      columns + row("a", "test") + row("b", "train") + row("c", "val") + row("d", "test"))
    #expect(split.notes.contains { $0.contains("fitted on 1 case ") } && split.warnings.count == 1)
    for id in ["c", "d"] { try write("\(id)-mask.nii.gz") { _, _, _ in 0 } }
    #expect(try evaluate(all).notes.contains { $0.hasPrefix("no baseline: no threshold finds the region") })
    // The best of several channels is used, or the one that is named.
    var two = "id\tnoise\tct\tlabels\n"
    for id in ["a", "b", "c", "d"] {
      two += "\(id)\t\(id)-noise.nii.gz\t\(id)-ct.nii.gz\t\(id)-labels.nii.gz\n"
    }
    #expect(try evaluate(two).notes.contains { $0.contains("threshold: ct,") })
    #expect(
      try evaluate(two) { $0.baselineChannel = "noise" }.notes.contains { $0.contains("threshold: noise,") })
    let error = #expect(throws: FormatError.self) { try evaluate(two) { $0.baselineChannel = "mr" } }
    #expect(error?.description.contains("found no channel 'mr'") == true)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let all = columns + row("a") + row("b") + row("c") + row("d")
    let scores = try [1, 4].map { threads in
      try ThreadTeam.withThreads(threads) {
        let json = try evaluate(all, ["whole=1,2"]).json()
        #expect((ThreadTeam.current.forkCount > 0) == (threads > 1))
        return json
      }
    }
    #expect(scores[0] == scores[1])
  }

  @Test func casesAreResampledByAColumn() throws {
    func table(_ values: [String]) -> String {
      "id\tpatient\tlabels\n"
        + zip(["a", "b"], values).map { "\($0)\t\($1)\t\($0)-labels.nii.gz\n" }.joined()
    }
    let together = try evaluate(table(["x", "x"])) { $0.resampleBy = "patient" }
    let mean = score(together, "model", "foreground", "dice")
    #expect(mean?.low == 0.875 && mean?.high == 0.875)
    #expect(throws: FormatError.self) { try evaluate(table(["x", "y"])) { $0.resampleBy = "site" } }
  }

  @Test func filesThatAreRefused() throws {
    let table = columns + row("a") + row("b")
    func expect(_ words: String...) {
      do {
        _ = try evaluate(table)
        Issue.record("accepts \(words)")
      } catch { #expect(words.allSatisfy("\(error)".contains), "\(error)") }
    }
    try write("p/a.nii.gz", extents: [6, 8, 9]) { _, _, _ in 0 }
    expect("p/a.nii.gz: found the shape 9 x 8 x 6, but the truth ", "a-labels.nii.gz has 10 x 8 x 6")
    try write("p/a.nii.gz", origin: 3) { _, _, _ in 0 }
    expect("p/a.nii.gz: found the affine [1 0 0 3; 0 1 0 0; 0 0 2 0], but", "has [1 0 0 0; 0 1 0 0; 0 0 2 0]")
    try write("p/a.nii.gz", origin: 0.01) { _, _, _ in 0 }
    #expect(throws: Never.self) { try evaluate(table) }
    try write("p/a.nii.gz") { $2 == 4 && $1 == 3 ? 1.5 : 0 }
    expect("p/a.nii.gz: found the value 1.5 in the voxel (4, 3, 0), expected labels: whole numbers")
    try write("p/a.nii.gz") { $2 == 4 ? -1 : 0 }
    expect("found the value -1.0 in the voxel (4, 0, 0)")
    folder.write("no volume", to: "p/a.nii.gz")
    expect("p/a.nii.gz")
  }

  @Test func foldersWithoutCases() throws {
    try write("p/z.nii.gz") { _, _, _ in 0 }
    let found = try evaluate(columns + row("a") + row("c"))
    #expect(found.notes[1] == "files in \(folder.file("p")) that belong to no case: 2 (b.nii.gz, z.nii.gz)")
    let error = #expect(throws: FormatError.self) { try evaluate(columns + row("c")) }
    #expect(error?.description.contains("found no prediction for a case of") == true)
    #expect(error?.description.contains("expected files such as c.nii.gz; the folder has a.nii.gz") == true)
    let without = #expect(throws: FormatError.self) { try evaluate("id\tlabels\na\tNA\n") }
    #expect(without?.description.contains("cases.tsv:2: found no labels of a") == true)
  }

  @Test func regionsThatAreRefused() throws {
    for text in [
      "", "whole", "whole=", "=1", "whole=1,", "whole=0", "whole=65536", "whole=1,1", "7=1", "a/b=1", "w=x",
    ] {
      #expect(throws: SegmentationRegion.Problem.self, "\(text)") { try SegmentationRegion(parsing: text) }
    }
    #expect(try SegmentationRegion(parsing: "core=4,1").labels == [1, 4])
  }
}

extension Score {
  /// The score with another group.
  fileprivate func called(_ group: String) -> Score {
    var other = self
    other.group = group
    return other
  }
}
