import TestSupport
import Testing

@Suite struct PredictTests {
  private static let predict = DrugResponseShell.predict

  /// Returns predictions by their names.
  private static func values(_ text: String) -> [String: Double] {
    var values: [String: Double] = [:]
    for row in DrugResponseShell.rows(text).dropFirst() {
      values[row[..<2].joined(separator: " ")] = Double(row[2]) ?? .nan
    }
    return values
  }

  @Test func theWholeJourney() {
    let work = DrugResponseShell()
    let outcome = work.shell.run(
      """
      set -e
      ligase parse expression expression.csv --orientation samples-in-rows > expression.tsv
      ligase parse table drugs.csv > drugs.tsv
      ligase parse table response.csv > response.tsv
      ligase split response.tsv --folds 5 --seed 0 > split.tsv 2> said
      ligase train drug-response --expression expression.tsv --drugs drugs.tsv --smiles-column CanonicalSMILES \
        --response response.tsv --target value --split split.tsv --seed 1 -o m.safetensors --epochs 2 2>> said
      ligase predict m.safetensors --expression expression.tsv --drugs drugs.tsv --response response.tsv \
        > predictions.tsv 2>> said
      ligase evaluate predictions.tsv --truth response.tsv 2>> said
      ligase info m.safetensors
      """)
    #expect(outcome.status == 0, "\(outcome) \(work.text("said"))")
    let rows = DrugResponseShell.rows(work.text("predictions.tsv"))
    #expect(rows[0] == ["line", "drug", "prediction", "subset"] && rows.count == 251)
    let pairs = DrugResponseShell.rows(work.text("response.tsv"))
    #expect(rows.map { Array($0[..<2]) } == pairs.map { Array($0[..<2]) })
    #expect(rows.dropFirst().allSatisfy { Double($0[2])?.isFinite == true })
    #expect(
      outcome.output.contains("rmse") && outcome.output.contains("test pairs\t50\n"), "\(outcome.output)")
  }

  @Test func everyWayToTheSamePredictions() {
    let work = DrugResponseShell().trained("--seed 2")
    let direct = work.shell.run("\(Self.predict) -q --response response.csv")
    #expect(
      direct.status == 0 && direct.error == "" && direct.output.hasPrefix("line\tdrug\tprediction\tsubset\n"))
    _ = work.shell.run(
      """
      gzip -k *.csv
      awk -F, 'BEGIN{OFS=","}{t=$2;$2=$20;$20=t;print}' expression.csv > turned.csv
      awk -F, '{for(i=1;i<=NF;i++)a[NR,i]=$i}
        END{for(i=1;i<=NF;i++){s=i==1?"gene":a[1,i];for(j=2;j<=NR;j++)s=s","a[j,i];print s}}' \
        expression.csv > genes.csv
      """)
    for line in [
      "\(Self.predict) -q --response response.csv -j 1", "\(Self.predict) -q --response response.csv.gz -j 2",
      "\(Self.predict) -q --response - < response.csv",
      "\(Self.predict.replacing(".csv", with: ".csv.gz")) -q "
        + "--response response.csv",
      "ligase parse expression expression.csv -q --orientation samples-in-rows "
        + "| ligase predict m.safetensors -q --expression - --drugs drugs.csv "
        + "--response response.csv",
      "ligase parse table response.csv | \(Self.predict) -q --response - | cat",
      "\(Self.predict.replacing("expression.csv", with: "turned.csv")) -q --response response.csv",
      "\(Self.predict.replacing("expression.csv", with: "genes.csv")) -q --response response.csv",
      "\(Self.predict) -q --response response.csv -o p.tsv && cat p.tsv",
      "\(Self.predict) -q --response response.csv -o p.tsv.gz && gzip -dc p.tsv.gz",
      "\(Self.predict) -q --response <(cut -d, -f1,2 response.csv)",
    ] {
      let outcome = work.shell.run(line)
      #expect(
        outcome.status == 0 && outcome.output == direct.output && outcome.error == "",
        "\(line): \(outcome.error)")
    }
    let all = work.shell.run("\(Self.predict) -q")
    #expect(DrugResponseShell.rows(all.output).count == 301)
    let every = Self.values(all.output)
    for (pair, value) in Self.values(direct.output) { #expect(abs((every[pair] ?? .nan) - value) < 1e-5) }
  }

  @Test func keyColumnsStay() {
    let work = DrugResponseShell().trained()
    work.folder.write(
      "tissue,dose,drug,line,plate\nlung,1,D3,L2,p1\nskin,2,D0,L1,p2\nskin,2,D0,nobody,p2\n", to: "pairs.csv")
    let outcome = work.shell.run("\(Self.predict) --response pairs.csv")
    let rows = DrugResponseShell.rows(outcome.output)
    #expect(rows[0] == ["tissue", "drug", "line", "plate", "prediction"] && rows.count == 3)
    #expect(
      rows[1].dropLast() == ["lung", "D3", "L2", "p1"] && rows[2].dropLast() == ["skin", "D0", "L1", "p2"])
    #expect(
      outcome.error.contains(
        "joined column line with expression: 2 of 3 rows matched; 1 not in expression (nobody)")
    )
  }

  @Test func genesThatAreMissingOrExtra() {
    let work = DrugResponseShell().trained()
    _ = work.shell.run(
      "cut -d, -f1,4- expression.csv > fewer.csv; cut -d, -f1-8 expression.csv > few.csv; "
        + "awk '{print $0 (NR==1 ? \",EXTRA\" : \",7\")}' expression.csv > more.csv")
    let whole = work.shell.run("\(Self.predict) -q").output
    let fewer = work.shell.run("\(Self.predict.replacing("expression.csv", with: "fewer.csv"))")
    #expect(fewer.status == 0 && fewer.output != whole)
    #expect(
      fewer.error.contains(
        "warning: 2 of the model's 20 genes are absent and were imputed with training means; expect lower accuracy: G0, G1\n"
      ),
      "\(fewer.error)")
    let more = work.shell.run("\(Self.predict.replacing("expression.csv", with: "more.csv"))")
    #expect(
      more.output == whole
        && more.error.contains("warning: ignored 1 gene that the model does not use: EXTRA\n"))
    let few = Self.predict.replacing("expression.csv", with: "few.csv")
    let refused = work.shell.run("\(few) -q")
    #expect(refused.status == 65 && refused.output == "")
    #expect(
      refused.error.contains(
        "has 7 of the model's 20 genes, expected at least 50 %"))
    let allowed = work.shell.run("\(few) -q --min-genes 0.3")
    #expect(allowed.status == 0 && DrugResponseShell.rows(allowed.output).count == 301)
    #expect(work.shell.run("\(few) -q --min-genes 2").status == 64)
  }

  @Test func newLinesAndDrugsAreWarnedOf() {
    let work = DrugResponseShell().trained()
    let values = (0..<20).map { "\($0)" }.joined(separator: ",")
    work.folder.write(work.text("expression.csv") + "newline,\(values)\n", to: "e.csv")
    work.folder.write(work.text("drugs.csv") + "newdrug,CC(Br)[Pt]\n", to: "d.csv")
    work.folder.write("line,drug\nnewline,D1\nL1,newdrug\nnewline,newdrug\n", to: "p.csv")
    let outcome = work.shell.run(
      "ligase predict m.safetensors --expression e.csv --drugs d.csv --response p.csv")
    #expect(outcome.status == 0)
    #expect(
      outcome.error.contains(
        "warning: 1 value of drug was not in training (newdrug): the mean effect is used"))
    #expect(outcome.error.contains("warning: 1 value of line was not in training (newline)"))
    #expect(
      outcome.error.contains(
        "warning: the prediction setting of this model is known; for such data train with --setting new-both")
    )
    #expect(outcome.error.contains("warning: SMILES tokens not seen in training: Br, [Pt]"))
    let rows = DrugResponseShell.rows(outcome.output)
    #expect(rows.count == 4 && rows.dropFirst().allSatisfy { Double($0[2])?.isFinite == true })
  }

  @Test func preparationIsRepeated() {
    let work = DrugResponseShell()
    for options in ["--log1p", "--cpm --log1p"] {
      _ = work.trained("\(options) --overwrite")
      let raw = work.shell.run("\(Self.predict) -q").output
      let prepared = work.shell.run(
        "ligase parse expression expression.csv -q --orientation samples-in-rows \(options) > prepared.tsv; "
          + "rm -f n.*; "
          + "\(DrugResponseShell.train.replacing("expression.csv", with: "prepared.tsv")) -q -o n.safetensors; "
          + "ligase predict n.safetensors -q --expression prepared.tsv --drugs drugs.csv")
      #expect(prepared.status == 0 && DrugResponseShell.rows(raw).count == 301, "\(prepared.error)")
      let expected = Self.values(prepared.output)
      for (pair, value) in Self.values(raw) {
        #expect(abs((expected[pair] ?? .nan) - value) < 1e-3, "\(options): \(pair)")
      }
    }
    #expect(
      work.shell.run("ligase info m.safetensors").output.contains(
        "preparation\tcounts per million, ln(1 + x), z-score"))
  }

  @Test func errorsAreOneLineWithTheirCode() {
    let work = DrugResponseShell().trained()
    work.folder.write("x", to: "taken.tsv")
    work.folder.write(Array(work.bytes("m.safetensors")![..<900]), to: "cut.safetensors")
    for (line, status, error) in [
      ("\(Self.predict) -o taken.tsv", 73, "taken.tsv: already exists (--overwrite replaces it)"),
      ("\(Self.predict) > /dev/full", 74, "standard output: cannot write: No space left on device"),
      ("\(Self.predict) --response absent", 66, "absent: cannot open: No such file or directory"),
      ("ligase predict absent --expression expression.csv --drugs drugs.csv", 66, "absent: cannot open"),
      (
        "ligase predict drugs.csv --expression expression.csv --drugs drugs.csv", 65,
        "drugs.csv: not a model file: "
      ),
      (
        "ligase predict cut.safetensors --expression expression.csv --drugs drugs.csv", 74,
        "cut.safetensors: not a model"
      ),
      (
        "ligase predict m.safetensors --expression - --drugs -", 64,
        "standard input ('-') can be used for only one of"
      ),
      (
        "ligase predict m.safetensors --drugs drugs.csv", 65,
        "standard input: found an empty file, expected a header row; m.safetensors is a drug-response model"
      ),
      ("ligase info drugs.csv", 65, "drugs.csv: not a model file: "),
      (
        "\(Self.predict) --response response.csv --drug-column x", 65,
        "response.csv:1: found no column 'x', expected"
      ),
    ] {
      let outcome = work.shell.run(line.replacing("ligase predict", with: "ligase predict -q"))
      #expect(outcome.status == Int32(status) && outcome.output == "", "\(line): \(outcome)")
      #expect(outcome.error.hasPrefix("ligase: error: \(error)"), "\(line): \(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1, "\(line): \(outcome.error)")
    }
    #expect(work.text("taken.tsv") == "x")
    let pipe = work.shell.run("\(Self.predict) -q | head -1; echo ${PIPESTATUS[0]}")
    #expect(pipe.output == "line\tdrug\tprediction\tsubset\n0\n" && pipe.error == "")
  }
}
