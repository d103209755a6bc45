import TestSupport
import Testing

/// Files of motifs, arrays and places of `ligase explain`.
@Suite struct MotifCommandTests {
  private static let inputs =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fixtures/golden/inputs"

  @Test func filesAndRefusals() {
    let shell = Shell()
    let outcome = shell.run(
      """
      data='\(Self.inputs)'
      code() { "$@" 2>&1 || echo "code $?"; }
      ligase train sequence $data/sequence.tsv --sequence seq --label class --architecture cnn --epochs 3 --seed 1 -o m.safetensors -q
      awk 'NR > 1 && NR < 8 { print ">chr1:" 100 * NR "-" 100 * NR + 24 "\\n" $2 }' $data/sequence.tsv > places.fa
      why() { code ligase explain m.safetensors "$@" --method integrated-gradients --class site; }
      why places.fa --modisco a.npz --bedgraph a.bed --filters f.meme -q | tail -n 1
      head -n 2 a.bed; wc -l < a.bed; head -n 1 f.meme; grep -c ^MOTIF f.meme
      ligase parse image a.npz --info 2>&1 | tail -n 1
      why places.fa --modisco a.npz
      why $data/sequence-new.fa --bedgraph b.bed -q | tail -n 2
      why places.fa --known $data/../../motifs/known.meme
      why places.fa --motifs m.meme --summary --bars b.svg --heat-map h.svg | tail -n 1; ls *.svg m.meme
      why places.fa --bars c.svg
      why places.fa --motifs n.meme --window 3
      ligase train expression $data/expression.tsv --orientation samples-in-rows --labels $data/expression-labels.tsv --label class --epochs 2 --seed 1 -o e.safetensors -q
      code ligase explain e.safetensors $data/expression-new.tsv --orientation samples-in-rows --method saliency --motifs x.meme -q
      """)
    for text in [
      "chr1\t200\t201\t", "144\n", "MEME version 4", "a.npz: already exists", "expected chrom:start-end",
      "--known, --matches and --logo need --motifs", "b.svg\nh.svg\nm.meme",
      "--bars and --heat-map need --summary",
      "--window cannot be combined with motifs", "--motifs needs a model of DNA or RNA sequences",
      "seqlets in 6 sequences",
    ] { #expect(outcome.output.contains(text), "no '\(text)' in \(outcome.output)\(outcome.error)") }
  }
}
