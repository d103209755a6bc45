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
    case .skipColumn(let name): "--skip-column '\(name)' leaves it out"
    case .declareNoHeader: "--no-header reads such a table"
    case .nameDelimiter: "--delimiter names it"
    case .nameFormat: "--format names one"
    case .nameFeaturesFile: "--features FILE names it"
    case .nameBarcodesFile: "--barcodes FILE names it"
    case .useContigAliases(let name):
      "--chromosome-aliases auto takes "
        + (name.map { FormatError.quoted($0) } ?? "names with and without chr for the same")
    case .rebuildIndex: "`ligase index --overwrite \(withoutIndexSuffix(file))` makes it again"
    case .useCSI: "--csi makes an index that can"
    case .wrapSequences: "`ligase seq wrap` writes lines of equal length"
    case .writeBGZF: "`ligase vcf filter FILE -o NEW.vcf.gz` writes it"
    case .nameTargetColumn: "--target names it"
    case .nameLabelColumn: "--label names it"
    case .nameSplitColumn: "--id names the column of ids in the data, where it has one"
    case .nameClasses: "--classes names classes that the truth may lack"
    case .chooseTarget: "--target classes takes all as classes, --na TEXT makes a text mean missing"
    case .nameSMILESColumn: "--smiles-column names it"
    case .nameSequenceColumn: "--sequence names another"
    case .giveLabels:
      "--label names a column, --label-pattern reads headers, --class NAME=FILE gives a file a class, --negatives shuffles"
    case .giveOneClass: "without --negatives the classes of the labels are learned"
    case .nameAlphabet: "--alphabet overrides this"
    case .lowerLeastFraction: "--min-genes changes that"
    case .chooseReferenceMismatchPolicy: "--ref-mismatch skip or flag goes on"
    case .freezeOtherParameters: "--freeze names others"
    case .holdOutValidation: "--validation holds some out"
    case .startOver: "without --resume it starts over, --overwrite replaces it"
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

extension ContigMismatch {
  /// One line for people, with the option that finds contigs under other names, where it would.
  func words(_ things: String, missingFrom place: String) -> String {
    message(things, missingFrom: place) + (isResolvable ? ": --chromosome-aliases auto" : "")
  }
}
