import LigaseFormats

extension Remedy {
  /// Returns the remedy with the options of the commands; it follows the error in brackets.
  func words(path: String) -> String {
    let file = path == "-" ? "FILE" : path
    return switch self {
    case .replaceOutput: "--overwrite replaces it"
    case .chooseMissingPolicy: "accept missing values with --missing zero, mean or drop-gene"
    case .chooseDuplicatePolicy: "accept duplicates with --duplicate-genes mean, max or first"
    case .useGeneIDs: "--gene-names ids uses the first column"
    case .nameIDColumn: "name the column with --id-column; use none if there is no such column"
    case .skipColumn(let name): "--skip-column '\(name)' ignores it"
    case .chooseColumnKind(let name):
      "--column-type '\(name)=category' reads it as text, '\(name)=skip' ignores it"
    case .skipFeature(let name): "--column-type '\(name)=skip' ignores it"
    case .declareNoHeader: "use --no-header if the first line is data"
    case .nameDelimiter: "set it with --delimiter"
    case .nameFormat: "set it with --format"
    case .nameFeaturesFile: "give it with --features FILE"
    case .nameBarcodesFile: "give it with --barcodes FILE"
    case .useContigAliases(let name):
      "--chromosome-aliases auto matches "
        + (name.map { FormatError.quoted($0) } ?? "names with and without chr")
    case .rebuildIndex: "`ligase index --overwrite \(withoutIndexSuffix(file))` rebuilds it"
    case .useCSI: "--csi writes an index without this limit"
    case .wrapSequences: "rewrap the file with `ligase seq wrap`"
    case .writeBGZF: "`ligase vcf filter FILE -o NEW.vcf.gz` converts to BGZF"
    case .nameTargetColumn: "name it with --target"
    case .nameLabelColumn: "name it with --label"
    case .explainOneClass: "explain with --class NAME"
    case .nameSplitColumn: "name the id column of the data with --id"
    case .nameClasses: "list all classes with --classes if the truth lacks some"
    case .nameEventValue(let column): "--event \(column)=VALUE names the value that means an event"
    case .chooseTarget: "--target classes treats all values as classes; --na TEXT marks a text as missing"
    case .nameSMILESColumn: "name it with --smiles-column"
    case .nameSequenceColumn: "--sequence names another column"
    case .giveLabels:
      "use --label COLUMN, --label-pattern for headers, --class NAME=FILE for one file per class, or --negatives"
    case .giveOneClass: "omit --negatives to learn the labelled classes"
    case .nameAlphabet: "--alphabet overrides this"
    case .lowerLeastFraction: "--min-genes changes this limit"
    case .chooseReferenceMismatchPolicy: "--ref-mismatch skip or flag continues"
    case .freezeOtherParameters: "freeze fewer parameters with --freeze"
    case .holdOutValidation: "hold some out with --validation"
    case .startOver: "start over with --overwrite instead of --resume"
    case .decompress(let command), .convert(let command):
      "`\(command.replacing("FILE", with: file)) | ligase … -` reads it"
    case .readWithoutPreamble: "--force reads it"
    case .nameFolder: "write the slices to a folder with --output DIR/ --format png"
    case .acceptGaps: "--allow-gaps accepts them"
    case .rewrite(let command): "`\(command.replacing("FILE", with: file))` converts it"
    }
  }

  /// Returns the file to which an index belongs.
  private func withoutIndexSuffix(_ path: String) -> String {
    for suffix in [".fai", ".gzi", ".tbi", ".csi"] where path.hasSuffix(suffix) {
      return String(path.dropLast(suffix.count))
    }
    return path
  }
}

extension ContigMismatch {
  /// Returns a message with the option for contig aliases, where it would help.
  func words(_ things: String, missingFrom place: String) -> String {
    message(things, missingFrom: place) + (isResolvable ? ": --chromosome-aliases auto" : "")
  }
}
