import Ligase

/// A batch of random sequences of 20 to 60 bases; half of them contain the motif GATTACA.
func batch(of count: Int, using random: inout SeededGenerator) -> (bases: Ragged<Int32>, labels: Tensor) {
  let motif: [Int32] = [2, 0, 3, 3, 0, 1, 0]
  var sequences: [[Int32]] = []
  for i in 0..<count {
    var bases = (0..<20 + random.next(below: 41)).map { _ in Int32(random.next(below: 4)) }
    let start = random.next(below: bases.count - motif.count + 1)
    if i % 2 == 1 { bases.replaceSubrange(start..<start + motif.count, with: motif) }
    sequences.append(bases)
  }
  return (Ragged(sequences), Tensor((0..<count).map { Float($0 % 2) }, shape: [count, 1]))
}

var random = SeededGenerator(seed: 1)
var model = MotifClassifier(from: .drawing(seed: 1))
var optimizer = Adam(learningRate: 0.005)
print("\(model.parameterCount) parameters")
for step in 1...400 {
  let (bases, labels) = batch(of: 64, using: &random)
  let (loss, gradient) = valueWithGradient(at: model) { model in
    binaryCrossEntropy(logits: model(bases, .inference), labels)
  }
  optimizer.update(&model, along: gradient)
  if step % 50 == 0 { print("step \(step): loss \(loss.scalar)") }
}
let (bases, labels) = batch(of: 1000, using: &random)
let logits = model(bases, .inference).scalars
let right = zip(logits, labels.scalars).count { ($0 > 0) == ($1 > 0.5) }
print("right on \(right) of 1000 new sequences")

// Any module can be saved and loaded as a safetensors file with PyTorch's names.
try model.write(to: "motif.safetensors", overwrite: true)
var copy = MotifClassifier(from: .drawing(seed: 2))
try copy.load(contentsOf: "motif.safetensors")
print("the loaded module answers the same: \(copy(bases, .inference).scalars == logits)")
