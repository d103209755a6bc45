import TestSupport
import Testing

/// Commands on images, from the archive of simulated patches.
@Suite struct ImageCommandTests {
  private static let data =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fixtures/imaging"

  @Test func crossValidationUsesAllImagesAndNoSubsets() {
    let shell = Shell()
    let outcome = shell.run(
      "ligase cv image \(Self.data)/patches.npz --folds 2 --epochs 1 --seed 1 > folds.tsv 2> log; cat log; wc -l < folds.tsv; head -1 folds.tsv"
    )
    #expect(outcome.status == 0)
    #expect(
      outcome.output.contains("the subsets of the input are not used: cv assigns all examples to folds"))
    #expect(
      outcome.output.contains("241\nimage\tfold\tprediction\tprobability:0\tprobability:1"),
      "\(outcome.output)")
  }

  @Test func fromFilesToPredictionsMapsAndFindings() {
    let shell = Shell()
    let outcome = shell.run(
      """
      set -e
      ligase train image \(Self.data)/patches.npz --epochs 2 --seed 1 --write-augmented 9 -q -o m.safetensors
      ligase predict m.safetensors \(Self.data)/patches.npz --subset test -q > p.tsv
      cut -f1 p.tsv | sed -n '2p;41p'
      ligase evaluate p.tsv --truth \(Self.data)/patches.npz -q > scores.tsv; grep -c sensitivity_at scores.tsv
      ligase parse image m.safetensors.augmented.png --info | cut -f2-4 | tail -1
      ligase explain m.safetensors m.safetensors.augmented.png --method grad-cam --picture o.png --maps o.npz --boxes b.tsv -q | head -1
      head -1 b.tsv; ligase parse image o.png --info | cut -f2-4 | tail -1
      ligase predict m.safetensors m.safetensors.augmented.png 2>&1 | tail -1 || true; ligase explain m.safetensors p.tsv --method grad-cam 2>&1 | tail -1 || true
      ligase explain m.safetensors \(Self.data)/patches.npz --subset test --method grad-cam --class 2 2>&1 | tail -1 || true
      """)
    #expect(outcome.output.hasPrefix("test/0\ntest/39\n2\n"), "\(outcome.output)\(outcome.error)")
    for text in [
      "image\toutput\tscore\tx\ty\tvalue\n", "image\toutput\tx\ty\tx_min\ty_min\tx_max\ty_max\tscore\n",
      "found an image of 98 × 98", "expected 32 × 32, as the model was trained",
      "found no column of paths to images",
      "--class must be one of 0, 1 (got '2'; the nearest is '0')",
    ] { #expect(outcome.output.contains(text), "no '\(text)' in \(outcome.output)\(outcome.error)") }
  }

  /// A table of paths below another folder, for training, predictions and pictures of maps.
  @Test func aTableOfPathsBelowAFolder() {
    let shell = Shell()
    let outcome = shell.run(
      """
      set -e
      ligase train image \(Self.data)/patches.npz --epochs 1 --seed 1 --write-augmented 1 -q -o m
      mkdir -p scans/a tables; for i in 1 2 3 4 5 6 7 8; do cp m.augmented.png scans/a/$i.png; done
      (printf 'file\\tpatient\\tclass\\n'; for i in 1 2 3 4 5 6 7 8; do printf "a/$i.png\\tP$((i % 4))\\t$((i % 2))\\n"; done) > tables/t.tsv
      ligase train image --table tables/t.tsv --root scans --label class --group patient --epochs 1 -q -o t
      ligase predict t tables/t.tsv --root scans -q | cut -f1 | head -2
      ligase explain t tables/t.tsv --root scans --method grad-cam --picture pictures -q > /dev/null; ls pictures | head -1
      ligase predict t scans/a/1.png scans/a/2.png -q | wc -l
      ligase predict t tables/t.tsv 2>&1 | tail -1 || true
      """)
    #expect(
      outcome.status == 0 && outcome.output.hasPrefix("image\na/1.png\na_1.png\n3\n"),
      "\(outcome.output)\(outcome.error)")
    #expect(outcome.output.contains("found no column of paths to images below tables"))
  }

  /// What is explained is what is predicted, at the places of the image: cropped, padded and resized.
  @Test func mapsLieWhereTheImageIs() {
    let shell = Shell()
    _ = shell.run(
      """
      awk 'BEGIN { for (i = 0; i < 40; i++) { name = "f" i ".pgm"; printf "P2\\n40 36\\n255\\n" > name
        for (y = 0; y < 36; y++) { for (x = 0; x < 40; x++) {
          on = i % 2 && (x - 26) ^ 2 + (y - 12) ^ 2 < 14; printf "%d ", on ? 220 : 60 + (x * 7 + y * 5 + i) % 20 > name }
          printf "\\n" > name } close(name) } }'
      (printf 'file\\tclass\\n'; for i in $(seq 0 39); do printf "f$i.pgm\\t$((i % 2))\\n"; done) > t.tsv
      """)
    for (architecture, size) in [
      ("lesion-cnn", "--pad-or-crop 24x27"), ("lesion-cnn", "--pad-or-crop 48x44"),
      ("lesion-cnn", "--resize 20x24"),
      ("resnet", "--pad-or-crop 24x27"), ("resnet", "--resize 20x24"),
    ] {
      let outcome = shell.run(
        """
        set -e
        ligase train image --table t.tsv --label class --architecture \(architecture) \(size) --epochs 8 --seed 1 -q --overwrite -o m
        ligase predict m f1.pgm -q | awk -F '\\t' 'NR > 1 { print $4 }'
        ligase explain m f1.pgm --method occlusion --window 4 --class 1 -q | awk -F '\\t' 'NR > 1 { print $3, $4, $5 }'
        """)
      let parts = outcome.output.split(whereSeparator: { $0 == "\n" || $0 == " " }).compactMap { Double($0) }
      #expect(parts.count == 4, "\(outcome.output)\(outcome.error)")
      guard parts.count == 4 else { continue }
      #expect(abs(parts[0] - parts[1]) < 1e-5, "\(architecture) \(size): \(parts)")
      #expect(abs(parts[2] - 26) <= 5 && abs(parts[3] - 12) <= 5, "\(architecture) \(size): \(parts)")
    }
    let names = shell.run(
      """
      mkdir -p q/1/x q/2/x; cp f1.pgm q/1/x/s.pgm; cp f3.pgm q/2/x/s.pgm
      ligase explain m q/1/x/s.pgm q/2/x/s.pgm --method grad-cam --class 1 --picture pictures --boxes b.tsv -q > /dev/null; ls pictures
      ligase explain m f0.pgm f1.pgm f2.pgm f3.pgm --method grad-cam --boxes c.tsv > /dev/null
      printf 'image\\tx\\ty\\tdiameter_mm\\nf1.pgm\\t26\\t12\\t8\\n' > truth.tsv; cat c.tsv
      ligase evaluate c.tsv --truth truth.tsv
      """)
    #expect(names.output.hasPrefix("1_x_s.png\n2_x_s.png\n"), "\(names.output)\(names.error)")
    #expect(names.error.contains("boxes are of the class that is predicted for each image"))
    #expect(
      names.error.contains("found findings of several classes under output (0, 1)"),
      "\(names.output)\(names.error)")
  }

  @Test func inputsThatAreRefused() {
    let shell = Shell()
    func refuses(_ command: String, _ status: Int32, _ words: String) {
      let outcome = shell.run(command)
      #expect(
        outcome.status == status && outcome.error.contains(words),
        "\(command): \(outcome.status) \(outcome.error)")
    }
    _ = shell.run("mkdir empty; echo text > notes.txt; printf 'file\\tclass\\nnone.png\\t1\\n' > t.tsv")
    refuses("ligase train image empty -o m", 65, "found no image")
    refuses("ligase train image notes.txt -o m", 64, "--table")
    refuses("ligase train image nothing.npz -o m", 66, "nothing.npz")
    refuses("ligase train image --table t.tsv --label class -o m", 65, "found no column of paths to images")
    refuses("ligase train image \(Self.data)/patches.npz --label what -o m", 65, "what")
    refuses(
      "ligase train image \(Self.data)/patches.npz --architecture lstm -o m", 65,
      "the architecture lstm does not fit the input")
    refuses("ligase train image \(Self.data)/patches.npz --resize 64x -o m", 64, "expected height x width")
    refuses("ligase train image a.npz --resize 8x8 --pad-or-crop 8x8 -o m", 64, "cannot be combined")
  }
}
