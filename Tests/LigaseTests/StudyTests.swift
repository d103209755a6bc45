import Ligase
import TestSupport
import Testing

/// The library as a program imports it: one import, a dozen lines for each task.
@Suite struct StudyTests {
  private let folder = TemporaryFolder()
  private static let tiny =
    "{\"inputs\": {\"*\": {\"encoder\": {\"filters\": 8, \"hiddenSize\": 6}}}, \"ensemble\": 1, \"head\": {\"hidden\": [6]}}"

  private var configuration: String { folder.write(Self.tiny, to: "tiny.json") }

  private func sequences(_ count: Int, seed: UInt64) -> String {
    var random = SeededGenerator(seed: seed)
    func draw(_ n: Int) -> String { String((0..<n).map { _ in Array("ACGT")[random.next(below: 4)] }) }
    return "name\tseq\tclass\n"
      + (0..<count).map { i in
        "s\(i)\t\(i % 2 == 0 ? draw(8) + "GATTACA" + draw(9) : draw(24))\t\(i % 2 == 0 ? "yes" : "no")\n"
      }.joined()
  }

  @Test func sequenceClasses() throws {
    let train = try Table(contentsOf: folder.write(sequences(80, seed: 1), to: "train.tsv"))
    let test = try Table(contentsOf: folder.write(sequences(40, seed: 2), to: "test.tsv"))
    let study = Study(
      inputs: [.sequences(column: "seq")], objective: .classes("class"), configuration: configuration)
    var lines: [String] = []
    let model = try study.train(on: train, seed: 1, epochs: 20) { lines.append($0) }
    #expect(lines.contains("class: 2 classes"), "\(lines)")
    let predictions = try model.predict(test)
    #expect(
      predictions.count == 40 && predictions.keyColumns == ["name"]
        && predictions.outputNames == ["no", "yes"])
    #expect(predictions[0].ids == ["s0"] && ["no", "yes"].contains(predictions[0].text))
    #expect(abs(predictions[3].outputs["no"]! + predictions[3].outputs["yes"]! - 1) < 1e-5)
    let scores = try model.evaluate(test, resamples: 10)
    let right = zip(predictions, 0...).count { ($0.0.text == "yes") == ($0.1 % 2 == 0) }
    #expect(scores.first { $0.model == "model" && $0.metric == "accuracy" }?.value == Double(right) / 40)
    #expect(scores.first { $0.model == "prior" && $0.metric == "accuracy" }?.value == 0.5)
    // The same bytes again, and the same predictions from the file.
    try model.write(to: folder.file("one.safetensors"))
    try study.train(on: train, seed: 1, epochs: 20).write(to: folder.file("two.safetensors"))
    #expect(
      TemporaryFolder.contents(of: folder.file("one.safetensors"))
        == TemporaryFolder.contents(of: folder.file("two.safetensors")))
    let read = try Model(contentsOf: folder.file("one.safetensors"))
    #expect(throws: (any Error).self) { try read.predict(test) }
    let again = try read.predict(test, inputs: [.sequences(column: "seq")])
    #expect(again.map(\.outputs) == predictions.map(\.outputs))
    try predictions.write(to: folder.file("p.tsv"))
    let table = try Table(contentsOf: folder.file("p.tsv"))
    #expect(try table.strings("prediction") == predictions.map(\.text))
  }

  @Test func drugResponse() throws {
    let simulated = SimulatedStudy()
    simulated.write(to: folder)
    let pairs = try Table(contentsOf: folder.file("response.csv"))
    let inputs: [Study.Input] = [
      .expression(folder.file("expression.csv"), key: "line"), .smiles(folder.file("drugs.csv"), key: "drug"),
    ]
    let study = Study(
      inputs: inputs, objective: .values("value", offsets: ["drug", "line"]),
      configuration: folder.write(
        "{\"inputs\": {\"*\": {\"encoder\": {\"hiddenSize\": 4}}}, \"ensemble\": 1, \"training\": {\"batchSize\": 64}}",
        to: "small.json"))
    let split = try Split.fractions(
      train: 0.7, validation: 0.1, test: 0.2, of: pairs.keys(["line", "drug"]), seed: 1)
    let model = try study.train(on: pairs, split: split, seed: 1, epochs: 3)
    let predictions = try model.predict(pairs)
    #expect(predictions.count == 250 && predictions.keyColumns == ["line", "drug"])
    #expect(predictions.allSatisfy { $0.outputs["value"]!.isFinite && Float($0.text) == $0.outputs["value"] })
    let scores = try model.evaluate(pairs, resamples: 0)
    let error = { (name: String) in scores.first { $0.model == name && $0.metric == "rmse" }!.value! }
    #expect(error("model") < error("prior"))
    // The prediction setting decides how validation is drawn, as in the command.
    var report: [String] = []
    let blind = Study(
      inputs: inputs, objective: .values("value"),
      configuration: folder.write(
        "{\"inputs\": {\"*\": {\"encoder\": {\"hiddenSize\": 4}}}, \"ensemble\": 1, \"setting\": \"new-cell-lines\"}",
        to: "blind.json"))
    _ = try blind.train(on: pairs, seed: 1, epochs: 1) { report.append($0) }
    #expect(report.contains { $0.hasPrefix("held out for validation: ") && $0.contains(" lines, drawn") })
  }

  @Test func expressionAndGenotypes() throws {
    var random = SeededGenerator(seed: 4)
    var matrix = "sample\tA\tB\tC\n", labels = "sample\tdose\tkind\n"
    var vcf = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT"
    for i in 0..<40 {
      let values = (0..<3).map { _ in random.nextNormal() }
      matrix += "p\(i)\t" + values.map { "\($0)" }.joined(separator: "\t") + "\n"
      labels += "p\(i)\t\(values[0])\t\(values[1] > 0 ? "high" : "low")\n"
      vcf += "\tp\(i)"
    }
    vcf += "\n"
    for site in 0..<6 {
      vcf += "1\t\(site + 1)\t.\tA\tC\t.\t.\t.\tGT"
      for i in 0..<40 { vcf += (i + site) % 3 == 0 ? "\t1/1" : "\t0/1" }
      vcf += "\n"
    }
    let people = try Table(contentsOf: folder.write(labels, to: "labels.tsv"))
    let values = try Study(
      inputs: [.expression(folder.write(matrix, to: "m.tsv"), key: "sample")], objective: .values("dose")
    ).train(on: people, seed: 2, epochs: 30)
    let scores = try values.evaluate(people, resamples: 0)
    #expect(scores.first { $0.model == "model" && $0.metric == "pearson" }!.value! > 0.5)
    let classes = try Study(
      inputs: [.genotypes(folder.write(vcf, to: "c.vcf"), key: "sample")], objective: .classes("kind")
    ).train(on: people, seed: 2, epochs: 2)
    let predictions = try classes.predict()
    #expect(predictions.count == 40 && predictions[5].ids == ["p5"])
  }

  @Test func residues() throws {
    var (proteins, structure) = ("", "")
    for i in 0..<12 {
      proteins += ">p\(i)\n" + String(repeating: i % 2 == 0 ? "AAKK" : "LLVV", count: 5) + "\n"
      structure += ">p\(i)\n" + String(repeating: i % 2 == 0 ? "HHCC" : "EEEC", count: 5) + "\n"
    }
    let labels = folder.write(structure, to: "s.fa")
    let study = Study(
      inputs: [.sequences(folder.write(proteins, to: "p.fa"), key: "id")], objective: .residues(labels),
      configuration: configuration)
    let model = try study.train(seed: 1, epochs: 10)
    let predictions = try model.predict()
    #expect(predictions.count == 12 && predictions.allSatisfy { $0.text.count == 20 })
    let scores = try model.evaluate(objective: .residues(labels), resamples: 0)
    let letters = structure.split(separator: "\n").filter { !$0.hasPrefix(">") }
    let right = zip(predictions, letters).reduce(0) { sum, pair in
      sum + zip(pair.0.text, pair.1).count { $0 == $1 }
    }
    let found = scores.first { $0.model == "model" && $0.metric == "q3" }?.value
    #expect(found.map { abs($0 - Double(right) / 240) < 1e-9 } == true, "\(scores.prefix(3)) \(right)")
  }

  @Test func readersAreSequences() throws {
    let path = folder.write(">a one\nACGT\n>b\nGG\n", to: "x.fa")
    var names: [String] = []
    for record in try FASTA.Reader(contentsOf: path) {
      names.append("\(record.name) \(record.sequence.count)")
    }
    #expect(names == ["a 4", "b 2"])
    let lengths = try FASTA.Reader(contentsOf: path).map(\.sequence.count)
    #expect(lengths == [4, 2])
    let bed = folder.write("c1\t1\t5\nc1\t7\t9\n", to: "x.bed")
    #expect(try BED.Reader(contentsOf: bed).map { $0.end - $0.start }.reduce(0, +) == 6)
  }

  @Test func anyModuleIsSavedAndLoaded() throws {
    func stack(_ seed: UInt64) -> Sequential {
      let weights = WeightBuilder.drawing(seed: seed)
      return Sequential([
        Linear(3, 4, from: weights.nested("0")), Activation.relu, Linear(4, 2, from: weights.nested("2")),
      ])
    }
    let (one, path) = (stack(1), folder.file("stack.safetensors"))
    var two = stack(2)
    try one.write(to: path)
    try two.load(contentsOf: path)
    let x = Grids(values: Tensor([1, 2, 3], shape: [1, 3]), layout: GridLayout(rows: 1))
    #expect(one(x, .inference).values.scalars == two(x, .inference).values.scalars)
    var other = Linear(3, 4, from: .drawing(seed: 1))
    #expect(throws: ModuleLoadingError.self) { try other.load(contentsOf: path) }
    #expect(throws: FormatError.self) { try other.load(contentsOf: folder.write("no tensors", to: "t")) }
  }

  /// A clinical table and expression, to a response and to a time; the inputs are joined by one key.
  @Test func severalInputs() throws {
    let cohort = Fixtures.path("clinical/")
    let patients = try Table(contentsOf: cohort + "patients.tsv")
    let new = try Table(contentsOf: cohort + "new-patients.tsv")
    let inputs: [Study.Input] = [
      .table(cohort + "clinic.csv", key: "patient"), .expression(cohort + "genes.tsv", key: "patient"),
    ]
    let others: [Study.Input] = [
      .table(cohort + "new-clinic.csv", key: "patient"),
      .expression(cohort + "new-genes.tsv", key: "patient"),
    ]
    let model = try Study(inputs: inputs, objective: .classes("responder")).train(on: patients, seed: 1)
    let predictions = try model.predict(new, inputs: others)
    #expect(model.task == "multimodal" && predictions.keyColumns == ["patient"] && predictions.count == 40)
    let scores = try model.evaluate(new, inputs: others, resamples: 0)
    #expect(scores.first { $0.model == "model" && $0.metric == "accuracy" }!.value! > 0.75)
    let risk = try Study(inputs: [inputs[0]], objective: .survival(time: "months", event: "died"))
      .train(on: patients, seed: 1)
    let found = try risk.evaluate(new, inputs: [others[0]], resamples: 0)
    #expect(found.first { $0.metric == "concordance" }!.value! > 0.6)
    try risk.write(to: folder.file("risk.safetensors"))
    #expect(
      try Model(contentsOf: folder.file("risk.safetensors")).predict(new, inputs: [others[0]]).count == 40)
  }

  /// Inputs that do not fit are refused in one line.
  @Test func whatDoesNotFit() throws {
    let table = try Table(contentsOf: folder.write(sequences(8, seed: 3), to: "t.tsv"))
    func refusal(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "no error"
      } catch { return "\(error)" }
    }
    let study = Study(
      inputs: [.sequences(column: "seq")], objective: .classes("class"), architecture: "transformer")
    #expect(
      refusal { _ = try study.train(on: table) }.hasPrefix(
        "found the architecture 'transformer', expected one of"))
    let none = Study(inputs: [], objective: .values("y"))
    #expect(refusal { _ = try none.train(on: table) } == "found no inputs, expected at least one")
    let absent = Study(inputs: [.sequences(column: "seq")], objective: .classes("kind"))
    #expect(refusal { _ = try absent.train(on: table) }.contains("found no column 'kind'"))
  }
}
