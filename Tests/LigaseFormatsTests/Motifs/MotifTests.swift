import LigaseFormats
import Testing

@Suite struct MotifTests {
  private let motif = Motif(
    name: "m", frequencies: [1, 0, 0, 0, 0.5, 0.5, 0, 0, 0.25, 0.25, 0.25, 0.25, 0.7, 0.1, 0.1, 0.1])

  @Test func informationContentIsInBits() {
    let information = motif.informationContent()
    #expect(information[0] == 2 && information[1] == 1 && information[2] == 0)
    // 2 + 0.7 log2 0.7 + 0.3 log2 0.1, by hand.
    #expect(abs(information[3] - 0.643_220_3) < 1e-6)
    let background = [0.4, 0.1, 0.1, 0.4]
    // log2(1 / 0.4), and 0.5 log2(0.5 / 0.4) + 0.5 log2(0.5 / 0.1).
    #expect(abs(motif.informationContent(background: background)[0] - 1.321_928_1) < 1e-6)
    #expect(abs(motif.informationContent(background: background)[1] - 1.321_928_1) < 1e-6)
  }

  @Test func reverseComplementIsAnInvolution() {
    let reverse = motif.reverseComplement
    #expect(Array(reverse[0]) == [0.1, 0.1, 0.1, 0.7] && Array(reverse[3]) == [0, 0, 0, 1])
    #expect(Array(reverse[2]) == [0, 0, 0.5, 0.5])
    #expect(reverse.reverseComplement == motif)
    #expect(motif.consensus == "AMNA" && reverse.consensus == "TNKT")
  }

  @Test func countsBecomeFrequencies() {
    let counted = Motif(name: "c", counts: [3, 1, 0, 0, 0, 0, 0, 0], pseudocount: 1)
    #expect(Array(counted[0]) == [0.65, 0.25, 0.05, 0.05])
    #expect(Array(counted[1]) == [0.25, 0.25, 0.25, 0.25])
    #expect(Array(Motif(name: "c", counts: [0, 0, 0, 0], pseudocount: 0)[0]) == Motif.uniformBackground)
    #expect(counted.trimmed(to: 0..<1).width == 1 && counted.trimmed(to: 1..<1).width == 0)
  }
}
