import LigaseFormats

extension Remedy {
  /// What to do, in the options of the commands; it stands in brackets behind the error.
  func words(path: String) -> String {
    let file = path == "-" ? "FILE" : path
    return switch self {
    case .replaceOutput: "--overwrite replaces it"
    case .chooseMissingPolicy: "--missing zero, mean or drop-gene accepts it"
    case .chooseDuplicatePolicy: "--duplicate-genes mean, max or first accepts them"
    case .useGeneIDs: "--gene-names ids takes the first column"
    case .nameIDColumn: "--id-column names their column; none says that there are none"
    case .declareNoHeader: "--no-header reads such a table"
    case .nameDelimiter: "--delimiter names it"
    case .nameFormat: "--format names one"
    case .nameFeaturesFile: "--features FILE names it"
    case .nameBarcodesFile: "--barcodes FILE names it"
    case .useContigAliases(let name):
      "--chromosome-aliases auto takes " + (name.map { FormatError.quoted($0) } ?? "it for the same")
    case .rebuildIndex: "`ligase index --overwrite \(withoutIndexSuffix(file))` makes it again"
    case .useCSI: "--csi makes an index that can"
    case .wrapSequences: "`ligase seq wrap` writes lines of equal length"
    case .writeBGZF: "`ligase vcf filter FILE -o NEW.vcf.gz` writes it"
    case .decompress(let command), .convert(let command):
      "`\(command.replacing("FILE", with: file)) | ligase … -` reads it"
    }
  }

  /// The file that an index belongs to.
  private func withoutIndexSuffix(_ path: String) -> String {
    for suffix in [".fai", ".gzi", ".tbi", ".csi"] where path.hasSuffix(suffix) {
      return String(path.dropLast(suffix.count))
    }
    return path
  }
}
