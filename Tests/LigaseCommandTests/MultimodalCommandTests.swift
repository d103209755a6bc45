import Glibc
import LigaseTensors
import TestSupport
import Testing

/// Clinical tables, times to an event, and several inputs, over real pipes.
@Suite(.serialized) struct MultimodalCommandTests {
  private let shell = Shell()

  /// 120 patients of six hospitals: the response depends on a gene and on the grade, the time on both and the age.
  init() {
    var random = SeededGenerator(seed: 8, stream: "patients")
    var patients = "patient\thospital\tresponder\tmonths\tdied\n"
    var clinic = "patient,age,grade,therapy,visit,responder\n", genes = "patient\tG1\tG2\tG3\n"
    for i in 0..<120 {
      let gene: Double = random.nextNormal(), grade = i % 3, age = 40 + Double(i % 37)
      let score: Double = gene + Double(grade) - 1 + 0.3 * random.nextNormal()
      let hazard: Double = 0.8 * score + 0.02 * (age - 58)
      let time: Double = 30 * exp(-hazard) * (0.3 + random.nextUniform())
      let end = 10 + 40 * random.nextUniform()
      let isResponder = score > 0 ? "yes" : "no"
      patients += "p\(i)\th\(i % 6)\t\(isResponder)\t\(min(time, end))\t\(time <= end ? 1 : 0)\n"
      clinic +=
        "p\(i),\(age),\(["I", "II", "III"][grade]),\(i % 4 == 0 ? "" : "chemo\(i % 2)"),\(i),\(isResponder)\n"
      if i < 110 { genes += "p\(i)\t\(gene)\t\(random.nextNormal())\t\(random.nextNormal())\n" }
    }
    shell.folder.write(patients, to: "patients.tsv")
    shell.folder.write(clinic, to: "clinic.csv")
    shell.folder.write(genes, to: "genes.tsv")
    shell.folder.write(clinic.split(separator: "\n").prefix(21).joined(separator: "\n") + "\n", to: "new.csv")
  }

  private func run(_ command: String, expecting code: Int32 = 0) -> (output: String, error: String) {
    let outcome = shell.run(command)
    #expect(outcome.status == code, "\(command): \(outcome.error)")
    return (outcome.output, outcome.error)
  }

  private func rows(_ text: String) -> [[String]] {
    text.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test func aClinicalTable() throws {
    let trained = run("ligase train table clinic.csv --label responder --seed 1 -o m")
    for note in [
      "120 rows, ids: column patient", "1 ordered (grade: I < II < III)", "1 categorical (therapy)",
      "skipped 1 column (unique to each row): visit", "not features: patient, responder",
      "ensemble of 4 networks (mlp)",
    ] {
      #expect(trained.error.contains(note), "\(note) in \(trained.error)")
    }
    let predicted = rows(run("cat new.csv | ligase predict m -").output)
    #expect(predicted[0] == ["patient", "prediction", "probability:no", "probability:yes", "subset"])
    #expect(predicted.count == 21 && predicted[1][0] == "p0" && predicted[1][4] == "train")
    // The same bytes with any number of threads; predictions one by one are those of all.
    _ = run("ligase train table clinic.csv --label responder --seed 1 -j 2 -q -o again")
    _ = run("cmp m again")
    let one = rows(run("(head -1 new.csv; sed -n 5p new.csv) | ligase predict m - -q").output)
    #expect(one[1] == predicted[4])
    #expect(run("ligase info m").output.contains("features\t"))
  }

  @Test func groupsStayTogether() throws {
    let found = rows(
      run(
        "ligase cv multimodal patients.tsv --label responder --input clinic:table=clinic.csv --group hospital --folds 3 -q"
      ).output)
    var folds: [String: Set<String>] = [:]
    for row in found.dropFirst() { folds["\(Int(row[0].dropFirst())! % 6)", default: []].insert(row[1]) }
    #expect(folds.count == 6 && folds.values.allSatisfy { $0.count == 1 })
    // The column can stand in the table of labels.
    let labelled = rows(
      run(
        "ligase cv expression genes.tsv --labels patients.tsv --label responder --group hospital --folds 3 --epochs 1 -q"
      ).output)
    var own: [String: Set<String>] = [:]
    for row in labelled.dropFirst() { own["\(Int(row[0].dropFirst())! % 6)", default: []].insert(row[1]) }
    #expect(own.count == 6 && own.values.allSatisfy { $0.count == 1 })
    let error = run(
      "ligase cv table clinic.csv --label responder --group clinic -q", expecting: 65
    ).error
    #expect(error.contains("found no column 'clinic' to group by, expected one of patient, age, grade"))
  }

  @Test func severalInputs() throws {
    let inputs = "--input clinic:table=clinic.csv@patient --input tumour:expression=genes.tsv"
    let trained = run("ligase train multimodal patients.tsv --label responder \(inputs) --seed 2 -o m")
    #expect(trained.error.contains("skipped 10 examples that lack an input"))
    #expect(trained.error.contains("input clinic: not features: patient, responder"))
    #expect(!run("ligase info m --json").output.contains("\"responder=yes\""))
    // Options of an input have its name.
    shell.folder.write(
      "{\"inputs\": {\"tumour\": {\"preparation\": {\"settings\": {\"zscore\": false}}}}, \"training\": {\"choosesPenalties\": false, \"inputPenalty\": 0.1}}",
      to: "c.json")
    let plain = run(
      "ligase train multimodal patients.tsv --label responder \(inputs) --config c.json --epochs 3 -o plain")
    #expect(!plain.error.contains("penalty chosen"))
    let predicted = rows(
      run("ligase predict m patients.tsv --input tumour=genes.tsv@patient --input clinic=clinic.csv -q")
        .output)
    #expect(predicted.count == 111)
    let scores = run(
      "ligase cv multimodal patients.tsv --label responder \(inputs) --folds 4 --ablate --scores s.tsv -q > p.tsv; cat s.tsv"
    ).output
    let auroc = rows(scores).filter { $0[1] == "all" && $0[2].hasPrefix("auroc") }
    func value(_ model: String, _ metric: String = "auroc") -> Double {
      Double(auroc.first { $0[0] == model && $0[2] == metric }![3])!
    }
    #expect(value("model") > value("only clinic") + 0.05 && value("model") > value("only tumour") + 0.05)
    #expect(abs(value("only clinic", "auroc_difference") - value("model") + value("only clinic")) < 1e-6)
    let table = run("ligase evaluate p.tsv --truth patients.tsv --target responder 2>&1").output
    #expect(table.contains("accuracy"))
  }

  @Test func anInputThatSomeLack() throws {
    let inputs = "--input clinic:table=clinic.csv --input tumour:expression=genes.tsv --missing-input learn"
    let trained = run("ligase train multimodal patients.tsv --label responder \(inputs) --seed 2 -o m")
    #expect(trained.error.contains("10 of 120 examples lack an input; a learned vector stands for it"))
    let all = rows(
      run("ligase predict m patients.tsv --input tumour=genes.tsv --input clinic=clinic.csv -q").output)
    #expect(all.count == 121)
    // A prediction does not depend on the others, with and without the input.
    for line in [3, 118] {
      let one = rows(
        run(
          "(head -1 patients.tsv; sed -n \(line)p patients.tsv; sed -n 50p patients.tsv) | ligase predict m - --input tumour=genes.tsv --input clinic=clinic.csv -q"
        ).output)
      #expect(one[1] == all[line - 1])
    }
  }

  @Test func searches() {
    _ = run(
      "ligase tune multimodal patients.tsv --label responder --input clinic:table=clinic.csv --input tumour:expression=genes.tsv --trials 2 -o t.tsv -q"
    )
    #expect(rows(run("cat t.tsv").output)[0].contains("training.learningRate"))
    _ = run(
      "ligase tune table clinic.csv --labels patients.tsv --time months --event died --trials 2 -o u.tsv -q")
  }

  @Test func timesToAnEvent() throws {
    let trained = run(
      "ligase train expression genes.tsv --labels patients.tsv --time months --event died --seed 1 -o risk")
    #expect(trained.error.contains("months, died: 110 examples with "))
    let risk = rows(run("ligase predict risk genes.tsv --at 5,10,20 -q > risk.tsv; cat risk.tsv").output)
    #expect(
      risk[0] == [
        "patient", "prediction", "survival:5", "survival:10", "survival:20", "median", "risk_group",
        "censoring:5", "censoring:10", "censoring:20", "subset",
      ])
    for row in risk.dropFirst() {
      let survival = row[2...4].map { Double($0)! }
      #expect(survival[0] >= survival[1] && survival[1] >= survival[2] && survival[2] >= 0)
    }
    let scores = rows(
      run("ligase evaluate risk.tsv --truth patients.tsv --time months --event died -q").output)
    #expect(Double(scores.first { $0[2] == "concordance" }![3])! > 0.65)
    #expect(Double(scores.first { $0[2] == "integrated_brier_score" }![3])! < 0.25)
    #expect(Double(scores.first { $0[2] == "logrank_p" }![3])! < 0.01)
    let whole = rows(
      run(
        "ligase cv multimodal patients.tsv --time months --event died --input clinic:table=clinic.csv --input tumour:expression=genes.tsv --folds 4 --ablate --scores s.tsv -q > cv.tsv; cat s.tsv"
      ).output)
    let concordance = whole.filter { $0[2] == "concordance" && $0[1] == "all" }
    #expect(
      Set(concordance.map { $0[0] }) == ["model", "kaplan_meier", "cox_ridge", "only clinic", "only tumour"])
    #expect(concordance.first { $0[0] == "kaplan_meier" }![3] == "0.5")
    #expect(Double(concordance[0][3])! > 0.7)
    let out = run("ligase evaluate cv.tsv --truth patients.tsv --time months --event died").error
    #expect(out.contains("the evaluated rows") || out.contains("log-rank"))
  }

  @Test(arguments: [
    (
      "cv multimodal patients.tsv --label responder --input a:table=clinic.csv --ablate -q", 64,
      "--ablate needs at least two inputs"
    ),
    (
      "train multimodal patients.tsv --label responder --input a=clinic.csv -o x", 64,
      "--input must be NAME:MODALITY=FILE[@KEY]"
    ),
    (
      "train multimodal patients.tsv --label responder --input a:tables=clinic.csv -o x", 64,
      "has the modality 'tables', expected one of"
    ),
    (
      "train multimodal patients.tsv --label responder --input a:table=clinic.csv --input a:table=new.csv -o x",
      64, "the name 'a' twice"
    ),
    (
      "train multimodal patients.tsv --label responder --input 'a b:table=clinic.csv' -o x", 64,
      "needs a name of letters"
    ),
    (
      "train multimodal patients.tsv --label responder --input a:table=clinic.csv@nobody -o x", 65,
      "found no column 'nobody' (--input a)"
    ),
    ("train table clinic.csv --label responder --time months -o x", 64, "--time needs --event"),
    (
      "train table patients.tsv --label responder --time months --event died -o x", 64,
      "--label cannot be combined"
    ),
    ("train table patients.tsv --time a,b --event died -o x", 64, "left truncation"),
    (
      "train table clinic.csv --label responder --column-type age=text -o x", 64,
      "--column-type must be COLUMN=KIND"
    ),
    ("train table clinic.csv -o x", 64, "no labels; give --label COLUMN"),
    ("train multimodal patients.tsv --label responder -o x", 64, "no inputs; give at least one --input"),
    (
      "train multimodal patients.tsv --label responder --architecture lstm --input a:table=clinic.csv -o x",
      64,
      "--architecture has no effect: the task has no input of its own"
    ),
    ("train multimodal patients.tsv -o x", 64, "no labels; give --label COLUMN"),
  ])
  func whatCannotWork(_ command: String, code: Int32, message: String) {
    let error = run("ligase " + command, expecting: code).error
    #expect(error.contains(message), "\(error)")
  }

  @Test func keysThatMatchNothingShowThreeOfEachSide() {
    _ = run(
      "sed 's/^p/q/' genes.tsv > other.tsv; sed 's/^q1\\t/q0\\t/' other.tsv > twice.tsv; sed 's/^p1\\t/p0\\t/' genes.tsv > two.tsv"
    )
    let none = run(
      "ligase train multimodal patients.tsv --label responder --input a:table=other.tsv -o x", expecting: 65
    ).error
    #expect(none.contains("its ids are qatient") == false)
    #expect(none.contains("q0, q1, q2") && none.contains("p0, p1, p2"))
    let twice = run(
      "ligase train multimodal patients.tsv --label responder --input a:table=two.tsv -o x", expecting: 65
    ).error
    #expect(twice.contains("found 'p0' twice among the ids"))
  }
}
