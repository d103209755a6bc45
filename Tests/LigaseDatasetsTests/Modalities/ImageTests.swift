import Glibc
import LigaseDatasets
import LigaseFormats
import LigaseTensors
import TestSupport
import Testing

@Suite struct ImageTests {
  private let folder = TemporaryFolder()

  private func archive(_ name: String, _ body: (NPZWriter) throws -> Void) throws -> String {
    let writer = NPZWriter(try OutputFile(folder.file(name)))
    try body(writer)
    try writer.close()
    return folder.file(name)
  }

  /// A ramp of whole numbers.
  private func ramp(_ count: Int, from first: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(($0 + first) % 256) }
  }

  // MARK: - Reading

  @Test func subsetsOfAnArchiveAreItsSplit() throws {
    let path = try archive("m.npz") { writer in
      for (i, subset) in ["train", "val", "test"].enumerated() {
        let n = 3 - i
        try writer.add("\(subset)_images", bytes: ramp(n * 4, from: i * 50), shape: [n, 2, 2])
        try writer.add("\(subset)_labels", bytes: (0..<n).map { UInt8($0 % 2) }, shape: [n, 1])
        try writer.add("\(subset)_scan", texts: (0..<n).map { "s\($0)" })
        try writer.add("\(subset)_extra", bytes: [1, 2, 3, 4, 5, 6, 7], shape: [7])
      }
    }
    let set = try ImageSet(archive: path, ImageSet.Options())
    #expect(set.ids == ["train/0", "train/1", "train/2", "val/0", "val/1", "test/0"])
    #expect(set.parts == [.train, .train, .train, .validation, .validation, .test])
    #expect(
      set.columns.map(\.name) == ["labels", "scan"]
        && set.columns[0].values == ["0", "1", "0", "0", "1", "0"])
    #expect(set.records[3].values == [50, 51, 52, 53] && set.records[5].values == [100, 101, 102, 103])
    #expect(set.notes.count { $0.hasPrefix("skipped the array") } == 3)
    let test = try ImageSet(archive: path, subset: .test, ImageSet.Options())
    #expect(test.ids == ["test/0"] && test.columns[1].values == ["s0"])
    #expect(try set.table().columnNames == ["image", "labels", "scan", "subset"])
  }

  @Test func idsAndColoursOfAnArchive() throws {
    let path = try archive("c.npz") { writer in
      try writer.add("images", bytes: ramp(24), shape: [2, 2, 2, 3])
      try writer.add("ids", texts: ["a", "b"])
    }
    let set = try ImageSet(archive: path, ImageSet.Options())
    #expect(set.ids == ["a", "b"] && set.records.channels(of: 0) == 3 && set.records[1].values[0] == 12)
    // Three equal channels are grey, unless the model reads colours.
    let grey = try archive("g.npz") { writer in
      try writer.add("images", bytes: [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4], shape: [1, 2, 2, 3])
    }
    #expect(try ImageSet(archive: grey, ImageSet.Options()).records[0].values == [1, 2, 3, 4])
    var options = ImageSet.Options()
    options.channels = 3
    #expect(try ImageSet(archive: grey, options).records[0].values.count == 12)
    options.channels = 1
    #expect(throws: FormatError.self) { try ImageSet(archive: path, options) }
  }

  @Test func archivesThatAreNoImages() throws {
    func refuses(_ words: String, _ body: (NPZWriter) throws -> Void) throws {
      let path = try archive("bad\(words.count).npz", body)
      do {
        _ = try ImageSet(archive: path, ImageSet.Options())
        Issue.record("reads \(words)")
      } catch { #expect("\(error)".contains(words), "\(error)") }
    }
    try refuses("found the arrays x, expected images") { try $0.add("x", bytes: [1], shape: [1]) }
    try refuses("expected images × height × width") { try $0.add("images", bytes: [1, 2], shape: [2]) }
    try refuses("found no image") { try $0.add("images", bytes: [], shape: [0, 2, 2]) }
    try refuses("found images of 0 × 2") { try $0.add("images", bytes: [], shape: [1, 0, 2]) }
    try refuses("found 1 id for 2 images") {
      try $0.add("images", bytes: ramp(8), shape: [2, 2, 2])
      try $0.add("ids", texts: ["a"])
    }
    try refuses("found the id 'a' twice") {
      try $0.add("images", bytes: ramp(8), shape: [2, 2, 2])
      try $0.add("ids", texts: ["a", "a"])
    }
    try refuses("found the value nan in 0") {
      try $0.add("images", floats: [1, 2, .nan, 4], shape: [1, 2, 2])
    }
  }

  @Test func foldersNameClassesAndSubsets() throws {
    let image = Image(extents: [2, 2], channels: 1, values: [0, 80, 160, 255])
    for path in ["train/cat/1.png", "train/dog/2.png", "test/cat/3.png"] {
      let parts = path.split(separator: "/")
      for depth in 1..<parts.count { mkdir(folder.file(parts[..<depth].joined(separator: "/")), 0o777) }
      try image.writePNG(to: folder.file(path), window: 0...255)
    }
    folder.write("no image", to: "train/readme.txt")
    let set = try ImageSet(folder: folder.path, ImageSet.Options())
    #expect(set.ids == ["test/cat/3.png", "train/cat/1.png", "train/dog/2.png"])
    #expect(set.parts == [.test, .train, .train] && set.columns[0].values == ["cat", "cat", "dog"])
    #expect(set.records[0] == image)
    let table = try Table(
      contentsOf: folder.write("patient,file\np1,train/cat/1.png\np2,test/cat/3.png\n", to: "t.csv"))
    let listed = try ImageSet(table: table, column: nil, key: "patient", ImageSet.Options())
    #expect(listed.ids == ["p1", "p2"] && listed.records.count == 2)
    #expect(throws: FormatError.self) {
      try ImageSet(table: table, column: "patient", key: nil, ImageSet.Options())
    }
    mkdir(folder.file("empty"), 0o777)
    #expect(throws: FormatError.self) { try ImageSet(folder: folder.file("empty"), ImageSet.Options()) }
  }

  /// Images keep their values whatever their type, in memory and in the temporary file.
  @Test func imagesAreStoredWithoutLoss() throws {
    let images = [
      Image(extents: [1, 3], channels: 1, values: [0, 255, 7]),
      Image(extents: [2, 1], channels: 1, values: [-1000, 32767]),
      Image(extents: [1, 2], channels: 2, values: [0.5, -0.0, 1e30, 70000]),
      Image(extents: [1, 2], channels: 1, values: [256, 1]),
    ]
    for limit in [0, 3, 5, 1 << 20] {
      let store = ImageStore(memoryLimit: limit)
      for image in images { try store.append(image) }
      #expect(store.count == 4)
      for (i, image) in images.enumerated() {
        #expect(
          store.image(i).values.map(\.bitPattern) == image.values.map(\.bitPattern)
            && store.image(i).extents == image.extents)
      }
    }
  }

  // MARK: - Transforms

  @Test func resizingKeepsMeansAndLines() {
    let image = Image(extents: [4, 4], channels: 1, values: (0..<16).map { Float($0) })
    #expect(image.resized(to: [4, 4]) == image)
    let half = image.resized(to: [2, 2])
    #expect(abs(half.values.reduce(0, +) / 4 - 7.5) < 1e-5)
    // A linear image stays linear where it grows, away from its border.
    let line = Image(extents: [1, 4], channels: 1, values: [0, 1, 2, 3]).resized(to: [1, 8])
    #expect(zip(line.values, [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func paddingAndCroppingKeepTheMiddle() {
    let image = Image(extents: [3, 3], channels: 1, values: (1...9).map { Float($0) })
    #expect(image.paddedOrCropped(to: [1, 1]).values == [5])
    let padded = image.paddedOrCropped(to: [5, 3])
    #expect(padded.values == [1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1])
    #expect(image.paddedOrCropped(to: [5, 1]).values == [1, 2, 5, 8, 1])
    #expect(padded.paddedOrCropped(to: [3, 3]) == image)
    // From even to odd MONAI leaves out the first place, not the last.
    let even = Image(extents: [1, 4], channels: 1, values: [1, 2, 3, 4])
    #expect(even.paddedOrCropped(to: [1, 3]).values == [2, 3, 4])
    #expect(even.paddedOrCropped(to: [1, 3]).placedBack(in: [1, 4]).values == [0, 2, 3, 4])
    for width in 1...9 {
      let back = even.paddedOrCropped(to: [3, width]).placedBack(in: [1, 4]).values
      #expect(zip(back, even.values).allSatisfy { $0 == $1 || $0 == 0 && width < 4 }, "\(width): \(back)")
    }
  }

  @Test func intensitiesAreScaledAndCut() {
    let image = Image(extents: [1, 5], channels: 1, values: [-2000, -1000, -300, 400, 3000])
    #expect(image.scaledIntensity(from: -1000, to: 400).values == [0, 0, 0.5, 1, 1])
    #expect(image.scaledIntensity(from: 3, to: 3).values == [0, 0, 0, 0, 0])
  }

  // MARK: - Symmetries, augmentation

  private func records(_ count: Int, _ value: (Int, Int, Int) -> Float) throws -> ImageRecords {
    try ImageRecords(
      (0..<count).map { n in
        Image(extents: [8, 8], channels: 1, values: (0..<64).map { value(n, $0 / 8, $0 % 8) })
      })
  }

  private func group(_ records: ImageRecords, _ change: (inout ImageModality) -> Void = { _ in })
    -> ImagePreparation
  {
    var modality = ImageModality()
    change(&modality)
    return modality.fit(records, rows: Array(0..<records.count), observed: nil).preparation
  }

  @Test func flipsAreThoseUnderWhichMeanImagesStayAlike() throws {
    func distance(_ y: Int, _ x: Int) -> Float {
      Float((2 * y - 7) * (2 * y - 7) + (2 * x - 7) * (2 * x - 7))
    }
    #expect(group(try records(4) { Float($0) + distance($1, $2) }).symmetries.count == 8)
    // A gradient from top to bottom is like itself after left and right change places, and after nothing else.
    #expect(group(try records(4) { n, y, _ in Float(n + y) }).symmetries == [0, 1])
    #expect(
      group(try records(4) { n, y, x in Float(n + (31 * y + 17 * x + 7 * x * y) % 13) }).symmetries == [0])
    #expect(group(try records(4) { Float($0) + Float($1 == 0 && $2 == 0 ? 9 : 0) }).symmetries == [0, 4])
    // Mean images of noise show no direction.
    var random = SeededGenerator(seed: 5)
    let noise = try records(30) { _, _, _ in Float(random.nextNormal()) }
    #expect(group(noise).symmetries.count == 8)
    // The user's word counts.
    let slope = try records(4) { n, y, _ in Float(n + y) }
    #expect(group(slope) { $0.augmentation = .none }.symmetries == [0])
    #expect(
      group(slope) {
        $0.augmentation.randFlip = .both; $0.augmentation.randRotate90 = .none
      }.symmetries == [0, 1, 2, 3])
    #expect(
      group(slope) {
        $0.augmentation.randFlip = .none; $0.augmentation.randRotate90 = .all
      }.symmetries.count == 4)
    #expect(
      group(slope) {
        $0.augmentation.randFlip = .both; $0.augmentation.randRotate90 = .all
      }.symmetries.count == 8)
  }

  @Test func viewsAreTheEightLays() throws {
    let records = try records(2) {
      Float($0) + Float(($1 - 3) * ($1 - 4) * 2 + ($2 - 3) * ($2 - 4) * 2) + ($1 == 0 && $2 == 1 ? 0.01 : 0)
    }
    var modality = ImageModality()
    modality.normalizeIntensity = .none
    let (preparation, encoded) = modality.fit(records, rows: [0, 1], observed: nil)
    #expect(encoded.viewCount == 8 && preparation.symmetries.count == 8)
    let views = (0..<8).map { encoded.batch([0], view: $0).steps!.values.scalars }
    #expect(Set(views).count == 8 && views[0] == records[0].values)
    let sorted = views.map { $0.sorted() }
    #expect(sorted.allSatisfy { $0 == sorted[0] })
  }

  @Test func augmentationIsSeededAndKeepsWhatItShould() throws {
    let records = try records(3) { Float($0 * 64 + $1 * 8 + $2) }
    var modality = ImageModality()
    modality.augmentation.randRotate = 20
    modality.augmentation.randAdjustContrast = 0.3
    let (_, encoded) = modality.fit(records, rows: [0, 1, 2], observed: nil)
    func batch(_ key: UInt64) -> [Float] {
      encoded.trainingBatch([2, 0], key: { key }).steps!.values.scalars
    }
    #expect(batch(1) == batch(1) && batch(1) != batch(2))
    // Without changes a training batch is the batch.
    modality.augmentation = .none
    let plain = modality.fit(records, rows: [0, 1, 2], observed: nil).encoded
    #expect(
      plain.trainingBatch([1, 2], key: { 7 }).steps!.values.scalars
        == plain.batch([1, 2], view: 0).steps!.values.scalars)
    // Shifts of whole pixels and flips make no new values.
    modality.augmentation.randTranslate = 0.5
    modality.augmentation.randFlip = .both
    let shifted = modality.fit(records, rows: [0, 1, 2], observed: nil).encoded
    let values = Set(plain.batch([1], view: 0).steps!.values.scalars)
    for key in 1...20 as ClosedRange<UInt64> {
      #expect(Set(shifted.trainingBatch([1], key: { key }).steps!.values.scalars).isSubset(of: values))
    }
  }

  @Test func standardisationIsThatOfTheTrainingImages() throws {
    let records = try records(4) { n, y, _ in Float(n * 10 + y) }
    let (preparation, encoded) = ImageModality().fit(records, rows: [0, 1], observed: nil)
    let values = encoded.batch([0, 1], view: 0).steps!.values.scalars.map { Double($0) }
    let mean = values.reduce(0, +) / 128, square = values.reduce(0) { $0 + $1 * $1 } / 128
    #expect(abs(mean) < 1e-5 && abs(square - 1) < 1e-4 && preparation.means[0] == 8.5)
  }

  @Test func imagesOfSeveralSizesAreRefusedOrResized() throws {
    let records = try ImageRecords([
      Image(extents: [2, 2], channels: 1, values: [1, 2, 3, 4]),
      Image(extents: [2, 3], channels: 1, values: [1, 2, 3, 4, 5, 6]),
    ])
    let mixed = group(records)
    #expect(
      mixed.problem?.contains("image 0 of 2 × 2 and image 1 of 2 × 3, expected images of one size") == true)
    #expect(group(records) { $0.resize = [4, 4] }.problem == nil)
    let both = group(records) { $0.resizeWithPadOrCrop = [3, 3] }
    #expect(
      both.problem == nil
        && both.encode(records).batch([0, 1], view: 0).steps!.layout.extents(of: 1) == [3, 3])
    let colours = try ImageRecords([
      Image(extents: [1, 1], channels: 1, values: [1]),
      Image(extents: [1, 1], channels: 3, values: [1, 2, 3]),
    ])
    #expect(group(colours).problem?.contains("with 1 channel and image 1 with 3") == true)
  }
}
