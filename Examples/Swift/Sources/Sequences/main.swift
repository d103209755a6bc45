// Trains a classifier of DNA sequences, predicts new sequences, and writes the model.
// Run from the project's folder: swift run --package-path Examples/Swift Sequences
import Ligase

let inputs = "Fixtures/golden/inputs/"
let examples = try Table(contentsOf: inputs + "sequence.tsv")

let study = Study(inputs: [.sequences(column: "seq")], objective: .classes("class"), architecture: "cnn-lstm")
let split = try Split.fractions(train: 0.7, validation: 0.1, test: 0.2, of: examples.keys(["id"]), seed: 1)
let model = try study.train(on: examples, split: split, seed: 1) { print($0) }

// Read new sequences from a FASTA file, one record at a time.
for record in try FASTA.Reader(contentsOf: inputs + "sequence-new.fa").prefix(2) {
  print(record.name, record.sequence.count)
}
let predictions = try model.predict(inputs: [.sequences(inputs + "sequence-new.fa", key: "id")])
for prediction in predictions.prefix(3) { print(prediction.ids[0], prediction.text, prediction.outputs) }

// Evaluate: each metric has a bootstrap interval and is compared with the naive baseline.
for score in try model.evaluate(examples) where score.metric == "accuracy" {
  print(score.model, score.value ?? .nan, score.low ?? .nan, score.high ?? .nan)
}
try model.write(to: "sequences.safetensors", overwrite: true)
