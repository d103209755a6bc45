import Glibc
import TestSupport
import Testing

/// A shell in a folder with a copy of the inputs, which compares output with the files of one folder under
/// `Fixtures/golden`.
struct GoldenShell {
  /// The folder under `Fixtures/golden`.
  let name: String
  let shell = Shell()

  /// Whether to update the committed files with the output of the command: `LIGASE_WRITE_GOLDEN` is set.
  static let isWriting = getenv("LIGASE_WRITE_GOLDEN") != nil

  /// Printed once if a text differs from the committed bytes, even within the tolerance.
  private static let notice: Void = print(
    "golden: some output differs from the committed bytes; another kind of processor rounds differently")

  /// A shell in a fresh folder with the inputs, and with the model file of a case as `golden.safetensors` if there is one.
  init(_ name: String) {
    self.name = name
    let model = Self.path(name, "model.safetensors")
    run("cp '\(Fixtures.path("golden/inputs"))'/* .; [ ! -e '\(model)' ] || cp '\(model)' golden.safetensors")
  }

  /// The path of a committed file in a folder under `Fixtures/golden`.
  static func path(_ name: String, _ file: String) -> String { Fixtures.path("golden/\(name)/\(file)") }

  /// Runs a line that must succeed, and returns its standard output.
  @discardableResult
  func run(_ line: String) -> String {
    let outcome = shell.run("set -eo pipefail\n" + line)
    #expect(outcome.status == 0, "\(name): \(line): \(outcome.error)")
    return outcome.output
  }

  /// The bytes of a file in the shell's folder.
  func bytes(_ name: String) -> [UInt8]? { TemporaryFolder.contents(of: shell.folder.file(name)) }

  /// Compares a text with a committed file; when writing, the text is first written to that file.
  func expect(
    _ text: String, is file: String, within tolerance: Double, allowsTies: Bool = false
  ) throws {
    let path = Self.path(name, file)
    if Self.isWriting {
      shell.folder.write(text, to: "written")
      run("mkdir -p \"$(dirname '\(path)')\"; cp written '\(path)'")
    }
    let expected = String(decoding: try #require(TemporaryFolder.contents(of: path)), as: UTF8.self)
    if text != expected { Self.notice }
    let difference = GoldenText.difference(
      text, expected, tolerance: tolerance, allowsTies: allowsTies)
    #expect(difference == nil, "\(name)/\(file): \(difference ?? "")")
  }
}
