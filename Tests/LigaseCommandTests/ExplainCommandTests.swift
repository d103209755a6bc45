import TestSupport
import Testing

/// `ligase explain` for every kind of input, from the files of the golden tests.
@Suite struct ExplainCommandTests {
  private static let inputs =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Fixtures/golden/inputs"

  private func run(_ script: String) -> String {
    let shell = Shell()
    return shell.run("set +e\ndata='\(Self.inputs)'\ncode() { \"$@\" 2>&1 || echo \"code $?\"; }\n\(script)")
      .output
  }

  private func expect(_ output: String, _ texts: [String]) {
    for text in texts { #expect(output.contains(text), "no '\(text)' in \(output)") }
  }

  @Test func sequences() {
    let output = run(
      """
      ligase train sequence $data/sequence.tsv --sequence seq --label class --architecture cnn --epochs 3 --seed 1 -o m.safetensors -q
      head -n 4 $data/sequence-new.fa > two.fa
      code ligase explain m.safetensors two.fa --method integrated-gradients > why.tsv
      head -n 2 why.tsv; ligase explain m.safetensors two.fa --method integrated-gradients -q -j 1 > again.tsv
      tail -n +2 why.tsv | grep -v '^ligase' > a; tail -n +2 again.tsv > b; cmp a b && echo same
      code ligase explain m.safetensors two.fa --method occlusion --window 4 --top 2 | cut -f1,3,4
      code ligase explain m.safetensors two.fa --method integrated-gradients --baseline shuffle --summary --top 3 --check
      code ligase explain m.safetensors two.fa --method permutation-shap --samples 3 --window 5 --of probability -q | head -n 2
      ligase explain m.safetensors two.fa --method ism > ism.tsv; ligase mutate m.safetensors two.fa | cmp - ism.tsv && echo one
      code ligase explain m.safetensors two.fa --method shap --class nothing
      code ligase explain m.safetensors two.fa --method shap --value nothing
      one=$(sed -n 2p why.tsv | cut -f2)
      ligase explain m.safetensors two.fa --method deeplift --class $one -q > parts.tsv
      ligase predict m.safetensors two.fa -q > p.tsv
      awk -F '\t' -v one=$one 'NR == FNR { if (FNR == 1) { for (i = 1; i <= NF; i++) if ($i == "probability:" one) c = i }
          else score[$1] = log($c / (1 - $c)); next }
        FNR > 1 { sum[$1] += $5; base[$1] = $6 }
        END { for (id in sum) { d = base[id] + sum[id] - score[id]; print (d * d < 1e-6 ? "adds up" : "off by " d) } }' p.tsv parts.tsv
      code ligase explain m.safetensors two.fa --method shap --stride 2
      code ligase explain m.safetensors two.fa --method shap --window 2mm
      code ligase explain m.safetensors two.fa --method saliency --picture x.png
      code ligase explain m.safetensors two.fa --method grad-cam --top 3
      code ligase explain m.safetensors two.fa --method expected-gradients --samples 40 --top 1 -q | head -n 1
      code ligase explain m.safetensors two.fa --method expected-gradients --background $data/sequence-new.fa --samples 40 --top 1 -q | wc -l
      code ligase explain m.safetensors two.fa --method nothing
      """)
    expect(
      output,
      [
        "\toutput\tposition\tresidue\tvalue\tbase\tgap\n", "gap median", "same\n",
        "output\tposition\tmean\tlow\thigh\tsigned\tn\n",
        "deletion, largest first", "randomised weights", "value\terror\tbase\tgap\n", "one\n",
        "--class must be one of", "--value does not apply", "adds up\nadds up\n",
        "--stride needs --window", "--window in millimetres needs a model of volumes",
        "--picture needs a model of images", "--top does not apply",
        "id\toutput\tposition\tresidue\tvalue\tbase\tgap\n3\n",
        "guided-grad-cam", "code 64",
      ])
  }

  @Test func residues() {
    let output = run(
      """
      m=$data/../residues-cnn/model.safetensors
      code ligase explain $m $data/proteins.fa --method integrated-gradients --position 3 -q | head -n 2
      code ligase explain $m $data/proteins.fa --method shap --position 12 -q
      code ligase explain $m $data/proteins.fa --method shap
      code ligase explain $data/../sequence-cnn/model.safetensors $data/sequence-new.fa --method shap --position 2
      code ligase explain $m $data/proteins.fa --method shap --position 0
      """)
    expect(
      output,
      [
        "id\toutput\tposition\tresidue\tvalue\tbase\tgap\nq0\t", "found 11 steps in q0, expected at least 12",
        "name the one to explain with --position", "--position does not apply",
        "--position must be at least 1",
      ])
  }

  @Test func expressionAndGenotypes() {
    let output = run(
      """
      m="--orientation samples-in-rows"
      ligase train expression $data/expression.tsv $m --labels $data/expression-labels.tsv --label class --epochs 3 --seed 1 -o m.safetensors -q
      printf 'SETA\\tx\\tGENE2\\tGENE3\\nNONE\\tx\\tZZ\\n' > sets.gmt; printf 'NONE\\tx\\tZZ\\n' > none.gmt
      code ligase explain m.safetensors $data/expression-new.tsv $m --method shap --gene-sets sets.gmt | grep -e SETA -e 'gene sets'
      code ligase explain m.safetensors $data/expression-new.tsv $m --method integrated-gradients --class B --top 1 -q | head -n 2
      code ligase explain m.safetensors $data/expression-new.tsv $m --method expected-gradients --background $data/expression.tsv --samples 20 --top 1 -q | head -n 2
      code ligase explain m.safetensors $data/expression-new.tsv $m --method shap --gene-sets none.gmt -q
      code ligase explain m.safetensors $data/expression-new.tsv $m --method shap --gene-sets sets.gmt --by-input
      ligase train genotype $data/cohort.vcf --labels $data/panel.tsv --label population --epochs 3 --seed 1 -o g.safetensors -q
      code ligase explain g.safetensors $data/cohort-new.vcf --method input-x-gradient --top 40 -q | grep -e ':' | head -n 2
      """)
    expect(
      output,
      [
        "\tSETA\t", "1 of 2 have features", "sample\toutput\tfeature\tvalue\tbase\tgap\n", "\tB\tGENE",
        "found none of the model's 16 features", "give one of --window, --gene-sets and --by-input",
        "code 65", ":A:G\t",
      ])
  }

  @Test func pairsAndImages() {
    let output = run(
      """
      ligase train drug-response --expression $data/lines.csv --drugs $data/drugs.csv --response $data/response.csv --epochs 2 --seed 1 -o r.safetensors -q
      code ligase explain r.safetensors --expression $data/lines.csv --method integrated-gradients --top 2 -q | head -n 3
      code ligase explain r.safetensors --expression $data/lines.csv --method shap --by-input -q | head -n 3
      i=$data/../../imaging
      ligase train image $i/patches.npz --epochs 1 --seed 1 -o n.safetensors -q
      awk 'BEGIN { printf "P5\\n32 32\\n255\\n"; for (i = 0; i < 1024; i++) printf "%c", 60 + (i * 7) % 40 }' > one.pgm; one=one.pgm
      for method in saliency occlusion guided-grad-cam; do
        code ligase explain n.safetensors $one --method $method --class 1 --window 8 --picture $method.png -q
      done
      ls *.png
      code ligase explain n.safetensors $one --method lime --samples 40 --superpixels 20 --class 1 --maps lime.npz -q | cut -f1,2
      code ligase explain n.safetensors $one --method saliency --superpixels 20
      code ligase explain n.safetensors $one --method occlusion --window 8 --check | grep -e better -e randomised
      code ligase explain n.safetensors $one --method occlusion --top 3
      code ligase explain n.safetensors $one --method saliency --samples 5
      code ligase explain n.safetensors $one --method ism
      code ligase explain n.safetensors $one --method lime --compactness 3
      code ligase explain r.safetensors --expression $data/lines.csv --method lime --superpixels 20
      """)
    expect(
      output,
      [
        "output\tinput\tfeature\tvalue\tbase\tgap\n", "\texpression\texpression\t", "\tsmiles\tsmiles\t",
        "output\tscore\tx\ty\tvalue\n", "guided-grad-cam.png\nocclusion.png\nsaliency.png",
        "image\toutput\none.pgm\t1\n", "--superpixels needs a method that leaves features out",
        "deletion, largest first (less is better): mean score", "randomised weights: rank correlation",
        "--top does not apply", "--samples does not apply to this method", "--method ism does not apply",
        "--compactness needs --superpixels", "--superpixels needs a model of images",
      ])
  }
}
