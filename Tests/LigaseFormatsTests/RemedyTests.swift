import Glibc
import TestSupport
import Testing

/// Libraries have remedies as cases; only the command names options.
@Suite struct RemedyTests {
  @Test func noStringInALibraryNamesAnOption() {
    var found: [String] = []
    for target in [
      "LigaseTensors", "LigaseNetworks", "LigaseGenomics", "LigaseFormats", "LigaseDatasets", "LigaseModels",
    ] {
      let shell = Shell()
      let files = shell.run("find \(Fixtures.packageRoot)/Sources/\(target) -name '*.swift'").output.split(
        separator: "\n")
      #expect(!files.isEmpty)
      for file in files {
        let text = String(decoding: TemporaryFolder.contents(of: String(file)) ?? [], as: UTF8.self)
        for line in text.split(separator: "\n") where !line.contains("///") {
          let literals = line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map(\.element)
          if literals.contains(where: { $0.contains(/(^|[^-])--[a-z]{2}/) }) {
            found.append("\(file): \(line)")
          }
        }
      }
    }
    #expect(found.isEmpty)
  }
}
