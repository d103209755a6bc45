import LigaseFormats
import TestSupport
import Testing

@Suite struct GeneSetsTests {
  private func read(_ text: String) throws -> GeneSets {
    let folder = TemporaryFolder()
    return try GeneSets(contentsOf: folder.write(text, to: "sets.gmt"))
  }

  @Test func setsAreRead() throws {
    let found = try read("A\tabout A\tG1\tG2\r\n\nB\t\tG2\t\t\n")
    #expect(found.sets.map(\.name) == ["A", "B"] && found.sets[0].genes == ["G1", "G2"])
    #expect(found.sets[0].description == "about A" && found.sets[1].genes == ["G2"])
  }

  @Test(arguments: ["", "\n\n", "A\tx\n", "A\n", "\tx\tG\n", "A\tx\tG\nA\ty\tH\n"])
  func faultsAreErrors(_ text: String) {
    #expect(throws: FormatError.self) { try read(text) }
  }
}
