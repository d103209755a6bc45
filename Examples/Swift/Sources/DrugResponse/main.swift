// Trains a model of the response of cell lines to drugs, and ranks the drugs for one cell line.
// Run from the project's folder: swift run --package-path Examples/Swift DrugResponse
import Ligase

let inputs = "Fixtures/golden/inputs/"
let pairs = try Table(contentsOf: inputs + "response.csv")

let study = Study(
  inputs: [.expression(inputs + "lines.csv", key: "line"), .smiles(inputs + "drugs.csv", key: "drug")],
  objective: .values("value", offsets: ["drug", "line"]))
let model = try study.train(on: pairs, split: Split(Table(contentsOf: inputs + "split-pairs.tsv")), seed: 1)
try model.write(to: "response.safetensors", overwrite: true)

let line = try pairs.strings("line")[0]
let ranked = try model.predict(pairs).filter { $0.ids[0] == line }.sorted {
  $0.outputs["value"]! < $1.outputs["value"]!
}
for prediction in ranked { print(line, prediction.ids[1], prediction.text) }
for score in try model.evaluate(pairs) where score.metric == "rmse" {
  print(score.model, score.value ?? .nan)
}
