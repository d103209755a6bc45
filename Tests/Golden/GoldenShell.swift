import Glibc
import TestSupport
import Testing

/// A shell for one case: its folder holds a copy of the inputs, and the model file as `golden.safetensors`.
struct GoldenShell {
  let golden: GoldenCase
  let shell = Shell()

  /// Whether to update the committed files with what the command writes: `LIGASE_WRITE_GOLDEN` is in the environment.
  static let isWriting = getenv("LIGASE_WRITE_GOLDEN") != nil

  /// Printed once if some text differs from the committed bytes, be it within the tolerance.
  private static let notice: Void = print(
    "golden: some output differs from the committed bytes; another kind of processor rounds differently")

  init(_ golden: GoldenCase) {
    self.golden = golden
    let model = Self.path(golden, "model.safetensors")
    run("cp '\(Fixtures.path("golden/inputs"))'/* .; [ ! -e '\(model)' ] || cp '\(model)' golden.safetensors")
  }

  /// The path of a committed file of a case.
  static func path(_ golden: GoldenCase, _ file: String) -> String {
    Fixtures.path("golden/\(golden.name)/\(file)")
  }

  /// Runs a line that must succeed, and returns its standard output.
  @discardableResult
  func run(_ line: String) -> String {
    let outcome = shell.run("set -eo pipefail\n" + line)
    #expect(outcome.status == 0, "\(golden.name): \(line): \(outcome.error)")
    return outcome.output
  }

  /// The bytes of a file in the shell's folder.
  func bytes(_ name: String) -> [UInt8]? { TemporaryFolder.contents(of: shell.folder.file(name)) }

  /// Trains with a number of threads; the model is written to `name`.
  func train(to name: String, threads: Int) {
    run("\(golden.before)\n\(golden.train(to: name, threads: threads))")
  }

  /// Compares a text with a committed file; in writing, the text becomes that file first.
  func expect(
    _ text: String, is file: String, within tolerance: Double, allowsTies: Bool = false
  ) throws {
    let path = Self.path(golden, file)
    if Self.isWriting {
      shell.folder.write(text, to: "written")
      run("mkdir -p \"$(dirname '\(path)')\"; cp written '\(path)'")
    }
    let expected = String(decoding: try #require(TemporaryFolder.contents(of: path)), as: UTF8.self)
    if text != expected { Self.notice }
    let difference = GoldenText.difference(
      text, expected, tolerance: tolerance, allowsTies: allowsTies)
    #expect(difference == nil, "\(golden.name)/\(file): \(difference ?? "")")
  }
}
