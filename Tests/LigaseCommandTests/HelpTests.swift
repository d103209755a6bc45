import Glibc
import TestSupport
import Testing

/// The help of every command is equal to that in `Tests/Snapshots`; to update it, set
/// `LIGASE_WRITE_SNAPSHOTS` and look at the difference.
@Suite struct HelpTests {
  static let commands = [
    "", "parse", "parse table", "parse expression", "parse fasta", "parse fastq", "parse vcf", "parse bed",
    "parse image",
    "check",
    "stats",
    "index", "seq", "seq subseq", "seq window", "seq negatives", "seq revcomp", "seq translate",
    "seq shuffle", "seq rename",
    "seq wrap", "seq grep", "seq filter", "seq head", "seq range", "seq sample", "seq sort", "seq unique",
    "seq kmers", "vcf", "vcf filter",
    "vcf split", "vcf normalise", "vcf consensus", "split", "train",
    "train drug-response", "predict", "evaluate", "info",
    "train sequence", "train residues", "train expression", "train genotype", "train series", "train table",
    "train multimodal",
    "cv",
    "cv sequence",
    "cv residues", "cv expression",
    "cv genotype", "cv series", "cv multimodal", "tune", "tune sequence", "tune residues", "tune expression",
    "tune genotype",
    "tune series",
    "score-variants", "mutate",
  ]

  private func snapshot(_ command: String) -> String {
    let tests = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let name = command.isEmpty ? "ligase" : "ligase-" + command.split(separator: " ").joined(separator: "-")
    return "/\(tests)/Snapshots/\(name).txt"
  }

  @Test(arguments: commands) func help(_ command: String) {
    let shell = Shell()
    let help = shell.run("COLUMNS=80 ligase \(command) --help")
    #expect(help.status == 0 && help.error == "")
    if getenv("LIGASE_WRITE_SNAPSHOTS") != nil {
      shell.folder.write(help.output, to: "help")
      _ = shell.run("mkdir -p $(dirname \(snapshot(command))); cp help \(snapshot(command))")
    }
    let expected = TemporaryFolder.contents(of: snapshot(command)).map { String(decoding: $0, as: UTF8.self) }
    #expect(help.output == expected, "the help of `ligase \(command)` is not its snapshot")
    #expect(help.output == shell.run("COLUMNS=80 ligase \(command) -h").output)
  }

  @Test func version() {
    let version = Shell().run("ligase --version")
    #expect(version.status == 0 && version.output == "0.1.0\n" && version.error == "")
    #expect(Shell().run("ligase").output == Shell().run("ligase --help").output)
  }
}
