import FoundationEssentials
import LigaseDatasets
import Testing

struct SMILESVocabularyTests {
  let texts = [["C", "Cl", "(", "C", ")"], ["N", "C"]]

  @Test func numbersFollowTheBytesOfTokensNotTheirOrder() {
    let vocabulary = SMILESVocabulary(texts)
    #expect(vocabulary == SMILESVocabulary(texts.reversed()))
    #expect(vocabulary.tokens == ["(", ")", "C", "Cl", "N"])
    #expect(vocabulary.count == 6)
    #expect(vocabulary.encode(["C", "Br", "N"]) == [3, 0, 5])
    #expect(vocabulary.token(4) == "Cl")
    #expect(vocabulary.token(0) == nil)
    #expect(vocabulary.token(6) == nil)
  }

  @Test func rareTokensAreLeftOut() {
    #expect(SMILESVocabulary(texts, minimumCount: 2).tokens == ["C"])
  }

  @Test func jsonIsTheArrayOfTokens() throws {
    let vocabulary = SMILESVocabulary(texts)
    let data = try JSONEncoder().encode(vocabulary)
    #expect(String(decoding: data, as: UTF8.self) == #"["(",")","C","Cl","N"]"#)
    #expect(try JSONDecoder().decode(SMILESVocabulary.self, from: data) == vocabulary)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(SMILESVocabulary.self, from: Data(#"["C","C"]"#.utf8))
    }
  }
}
