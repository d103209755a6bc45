internal import Glibc
import LigaseDatasets

/// The predictions for the reference and the alternate allele, one for each output.
package struct AlleleEffect: Hashable, Sendable {
  /// The outputs for the reference window.
  package var reference: [Float]
  /// The outputs for the alternate window; the mean where there are two windows.
  package var alternate: [Float]

  /// Returns `alternate - reference` of one output.
  package func difference(_ output: Int) -> Float { alternate[output] - reference[output] }

  /// Returns the log odds ratio, alternate to reference, of one output that is a probability.
  package func logOddsRatio(_ output: Int) -> Float {
    Float(Self.logit(alternate[output]) - Self.logit(reference[output]))
  }

  private static func logit(_ p: Float) -> Double {
    let p = min(max(Double(p), 1e-7), 1 - 1e-7)
    return log(p) - log1p(-p)
  }
}

extension Model {
  /// Predicts several variants at once; equal reference windows are predicted once.
  package func effects(of windows: [AlleleWindows]) -> [AlleleEffect] {
    var numbers: [[UInt8]: Int] = [:]
    var sequences: [[UInt8]] = []
    func number(_ window: [UInt8]) -> Int {
      if let known = numbers[window] { return known }
      numbers[window] = sequences.count
      sequences.append(window)
      return sequences.count - 1
    }
    let places = windows.map { (number($0.reference), $0.alternates.map(number)) }
    let k = manifest.objective.base.count
    let outputs = predict(sequences: sequences)
    func output(_ number: Int) -> [Float] { Array(outputs[(number * k)..<((number + 1) * k)]) }
    return places.map { reference, alternates in
      var mean = [Float](repeating: 0, count: k)
      for place in alternates {
        for (t, value) in output(place).enumerated() { mean[t] += value / Float(alternates.count) }
      }
      return AlleleEffect(reference: output(reference), alternate: mean)
    }
  }
}
