import LigaseTensors
import TestSupport
import Testing

@Suite struct KernelTwinsTests {
  @Test func activationsAgreeWithTheCLibrary() {
    for step in -4000...4000 {
      for (name, fast, reference) in KernelTwins.activations(at: Float(step) * 0.02) {
        let allowed = 4e-7 * max(abs(reference), name == "exp" ? 0 : 1e-30) + 1.2e-38
        #expect(abs(fast - reference) <= allowed, "\(name) at \(Float(step) * 0.02): \(fast), \(reference)")
      }
    }
  }

  @Test func activationsPassNotANumberOn() {
    for (name, fast, _) in KernelTwins.activations(at: .nan) { #expect(fast.isNaN, "\(name)") }
    let extremes = KernelTwins.activations(at: .infinity) + KernelTwins.activations(at: -.infinity)
    for (name, fast, _) in extremes where name != "exp" { #expect(abs(fast) <= 1, "\(name)") }
  }

  @Test(
    arguments: [
      "lstm", "lstm advance", "lstm pullback", "gru", "gru pullback", "additive scores", "softmax",
      "normalize", "adam",
    ],
    [(1, 1), (3, 5), (2, 16), (5, 64), (4, 129)])
  func wholeBuffersAgree(_ kernel: String, _ size: (n: Int, h: Int)) {
    var random = SeededGenerator(seed: UInt64(size.n * 1000 + size.h))
    let (fast, reference) = KernelTwins.buffers(of: kernel, n: size.n, h: size.h, using: &random)
    for (a, b) in zip(fast, reference) {
      #expect(mismatch(a, b.map(Double.init), tolerance: 3e-6, floor: 1e-6) == nil)
    }
  }

  @Test(arguments: [
    (1, 1, 1), (2, 31, 3), (5, 32, 7), (12, 33, 64), (13, 96, 20), (29, 80, 128), (64, 17, 0),
    (14, 40, 256), (25, 65, 257), (3, 31, 1000),
  ])
  func productsAgreeAtEveryLevel(_ size: (m: Int, n: Int, k: Int)) {
    var random = SeededGenerator(seed: 12)
    let (fast, reference) = KernelTwins.products(m: size.m, n: size.n, k: size.k, using: &random)
    #expect(fast.count >= 2)
    for result in fast {
      #expect(mismatch(result, reference.map(Double.init), tolerance: 2e-6) == nil)
    }
  }

  @Test(arguments: [
    (1, 1, 1, 1), (13, 16, 9, 3), (21, 40, 27, 30), (7, 33, 5, 300), (25, 30, 150, 4), (12, 64, 3, 257),
    (30, 5, 40, 17), (5, 48, 2, 600),
  ])
  func linesOfConvolutionsAgreeAtEveryLevel(_ size: (m: Int, n: Int, taps: Int, k: Int)) {
    var random = SeededGenerator(seed: 13)
    let (fast, reference) = KernelTwins.lines(
      m: size.m, n: size.n, taps: size.taps, k: size.k, using: &random)
    #expect(!fast.isEmpty)
    for result in fast {
      #expect(mismatch(result, reference.map(Double.init), tolerance: 3e-6) == nil)
    }
  }
}
