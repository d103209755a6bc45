import TestSupport
import Testing

/// Label maps of volumes, from simulated NIfTI files.
@Suite struct SegmentationTrainTests {
  /// Writes cases of two channels, labels and masks as NIfTI.
  private func cases(_ shell: Shell, _ count: Int, spacing: (Int) -> Float = { _ in 1 }) {
    var table = "id\tsplit\tflair\tt1\tlabels\tmask\n"
    for i in 0..<count {
      let extents = [8, 9, 10]
      var images: [String: [Float]] = [:]
      for z in 0..<8 {
        for y in 0..<9 {
          for x in 0..<10 {
            let isInside = abs(z - 3 - i % 2) < 2 && abs(y - 4) < 2 && abs(x - 3 - i) < 3
            let noise = Float((x * 7 + y * 13 + z * 5 + i * 11) % 17) / 17
            images["flair", default: []].append(noise + (isInside ? 3 : 0))
            images["t1", default: []].append(10 - noise)
            images["labels", default: []].append(isInside ? 1 : 0)
            images["mask", default: []].append(x > 0 ? 1 : 0)
          }
        }
      }
      for (name, values) in images {
        _ = shell.folder.write(nifti(values, extents, spacing: spacing(i)), to: "p\(i)_\(name).nii")
      }
      table +=
        "p\(i)\t\(i < count - 1 ? "train" : "test")\tp\(i)_flair.nii\tp\(i)_t1.nii\tp\(i)_labels.nii\tp\(i)_mask.nii\n"
    }
    _ = shell.folder.write(table, to: "cases.tsv")
  }

  /// A NIfTI-1 file of 32-bit floats.
  private func nifti(_ values: [Float], _ extents: [Int], spacing: Float) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 352)
    func set<T: FixedWidthInteger>(_ value: T, _ at: Int) {
      withUnsafeBytes(of: value.littleEndian) { for (i, byte) in $0.enumerated() { bytes[at + i] = byte } }
    }
    set(Int32(348), 0)
    for (i, size) in ([3] + extents.reversed() + [1, 1, 1, 1]).enumerated() { set(Int16(size), 40 + 2 * i) }
    set(Int16(16), 70)
    set(Int16(32), 72)
    for i in 0..<4 { set((i > 0 ? spacing : 1).bitPattern, 76 + 4 * i) }
    set(Float(352).bitPattern, 108)
    for (i, byte) in "n+1".utf8.enumerated() { bytes[344 + i] = byte }
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
    return bytes
  }

  @Test func fromATableOfCasesToLabelMaps() {
    let shell = Shell()
    cases(shell, 4)
    let outcome = shell.run(
      """
      set -e
      ligase train segmentation cases.tsv --channels flair,t1 --architecture deepmedic-tiny --epochs 1 --seed 1 -o m.safetensors 2> log
      cat log
      ligase info m.safetensors | head -12
      ligase predict m.safetensors cases.tsv --subset test -o maps/ 2>&1
      ls maps; ligase parse image maps/p3.nii.gz --info | cut -f2-4 | tail -1
      ligase predict m.safetensors --channel t1=p3_t1.nii --channel flair=p3_flair.nii --mask p3_mask.nii -o one.nii.gz -q
      cmp maps/p3.nii.gz one.nii.gz && echo same
      ligase evaluate maps --truth cases.tsv --pictures pictures/ --picture-channel flair -q | head -2; ls pictures
      ligase parse image pictures/p3.png --info | cut -f2-4 | tail -1
      ligase predict m.safetensors cases.tsv -o maps/ 2>&1 | tail -1 || true
      ligase predict m.safetensors --channel flair=p3_flair.nii -o two.nii.gz 2>&1 | tail -1 || true
      ligase predict m.safetensors --channel flair=p3_flair.nii --channel t1=one.nii.gz --channel x=one.nii.gz -o two.nii.gz 2>&1 | tail -1 || true
      ligase predict m.safetensors cases.tsv 2>&1 | tail -1 || true
      """)
    for text in [
      "4 cases, channels flair, t1; labels 0, 1; mask mask", "network (deepmedic-tiny), 3,25",
      "3 training and 0 validation cases", "segments/s", "wrote maps/p3.nii.gz: label 1",
      "p3.nii.gz\nNIfTI-1", "same\n", "model\tforeground\tdice", "p3.png\nPNG",
      "maps/p3.nii.gz: already exists", "no --channel t1=FILE",
      "the model has no channel 'x', expected flair, t1", "label maps are files",
    ] { #expect(outcome.output.contains(text), "no '\(text)' in \(outcome.output)\(outcome.error)") }
  }

  /// Cases of two spacings; label maps, pictures and maps have the grid of each input.
  @Test func casesOfOtherSpacingsAreResampledAndExplained() {
    let shell = Shell()
    cases(shell, 5, spacing: { $0 == 1 || $0 == 4 ? 2 : 1 })
    let outcome = shell.run(
      """
      set -e
      echo '{"training": {"epochs": 1}, "inputs": {"volume": {"preparation": {"settings": {"segmentsPerVolume": 20}}}}}' > few.json
      train() { ligase train segmentation cases.tsv --channels flair,t1 --architecture deepmedic-tiny --config few.json --seed 1 "$@" 2>&1; }
      train -o m.safetensors
      ligase info m.safetensors | grep spacing
      ligase predict m.safetensors cases.tsv --subset test -o maps/ 2>&1
      ligase parse image maps/p4.nii.gz --info | cut -f2-5,8 | tail -1
      ligase explain m.safetensors cases.tsv --method grad-cam --class 1 --picture pictures/ --maps cam/ --subset test
      ligase explain m.safetensors cases.tsv --method occlusion --window 5mm --stride 4 --class 1 --maps lost/ --subset test 2>&1
      ligase explain m.safetensors cases.tsv --method guided-grad-cam --class 1 --picture guided/ --subset test -q
      ls lost guided; ls pictures cam; ligase parse image cam/p4.nii.gz --info | cut -f2-5,8 | tail -1
      train --spacing 2,1,1 --crop-foreground -o n.safetensors | tail -1
      ligase info n.safetensors | grep spacing
      ligase predict n.safetensors cases.tsv --subset test -o other/ 2>&1
      code() { "$@" 2>&1 || echo "code $?"; }
      code ligase explain m.safetensors cases.tsv --method grad-cam --layer none
      code ligase explain m.safetensors cases.tsv --method grad-cam --class 9
      code ligase explain m.safetensors cases.tsv --method shap
      code ligase explain m.safetensors cases.tsv --method occlusion --top 3
      code ligase explain m.safetensors cases.tsv --method grad-cam --maps cam/
      code train --spacing 2,0,1 -o o.safetensors
      code train --spacing 900,900,0.001 --overwrite -o m.safetensors
      """)
    for text in [
      "2 cases with another spacing than p0 (1.0 × 1.0 × 1.0 mm), such as p1 (2.0 × 2.0 × 2.0 mm)",
      "spacing\t1.0 × 1.0 × 1.0 mm", "wrote maps/p4.nii.gz: label 1", "NIfTI-1\t10\t9\t8\t2\n",
      "id\toutput\tscore\tx\ty\tz\tvalue\np4\t1\t", "cam:\np4.nii.gz", "pictures:\np4.png",
      "lost:\np4.nii.gz", "guided:\np4.png", " boxes left out, ", " predictions of windows",
      "grad-cam, guided-grad-cam and occlusion explain it", "--top does not apply to occlusion of volumes",
      "spacing\t2.0 × 1.0 × 1.0 mm", "wrote other/p4.nii.gz", "expected one of deepmedic.pathways.0",
      "--class must be one of 0, 1", "cam/p4.nii.gz: already exists",
      "--spacing must be two or three numbers", "code 64",
    ] { #expect(outcome.output.contains(text), "no '\(text)' in \(outcome.output)\(outcome.error)") }
  }

  @Test func tablesThatDoNotFitAreErrors() {
    let shell = Shell()
    cases(shell, 3)
    let outcome = shell.run(
      """
      train() { ligase train segmentation "$@" --epochs 1 -o m.safetensors 2>&1 | tail -1; }
      train cases.tsv --labels truth
      train cases.tsv --channels flair,t9
      sed 's/p1_labels.nii//' cases.tsv > t.tsv; train t.tsv
      sed 's/p1_t1.nii/p1_none.nii/' cases.tsv > t.tsv; train t.tsv
      sed 's/p0_labels.nii/p0_mask.nii/; s/p1_labels.nii/p1_mask.nii/; s/p2_labels.nii/p2_t1.nii/' cases.tsv > t.tsv; train t.tsv
      train cases.tsv --loss huber
      train cases.tsv --architecture lstm
      train cases.tsv --channels flair,t1 --architecture lesion-cnn
      ligase cv segmentation cases.tsv 2>&1 | head -1
      """)
    for text in [
      "found no column of labels 'truth'", "t9", "found no labels of the case 'p1'", "p1_none.nii",
      "expected whole numbers from 0 to 65535", "found the loss huber", "lesion-cnn",
    ] { #expect(outcome.output.contains(text), "no '\(text)' in \(outcome.output)\(outcome.error)") }
  }
}
