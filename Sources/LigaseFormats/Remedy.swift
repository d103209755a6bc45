/// What a user can do about an error, as a case that a program can act on; a command puts it into words with the
/// names of its own options.
public enum Remedy: Equatable, Sendable {
  /// Replace the output that exists.
  case replaceOutput
  /// Say what becomes of missing values.
  case chooseMissingPolicy
  /// Say what becomes of genes that occur more than once.
  case chooseDuplicatePolicy
  /// Call genes by their identifiers instead of their symbols.
  case useGeneIDs
  /// Name the column of ids, or say that there is none.
  case nameIDColumn
  /// Say that the first line is data.
  case declareNoHeader
  /// Name the character between fields.
  case nameDelimiter
  /// Name the format of the file.
  case nameFormat
  /// Name the file of genes of a MatrixMarket file.
  case nameFeaturesFile
  /// Name the file of cells of a MatrixMarket file.
  case nameBarcodesFile
  /// Let names of contigs with and without `chr` mean the same; the name that the file has, where there is one.
  case useContigAliases(String?)
  /// Make the index again.
  case rebuildIndex
  /// Make an index of the format CSI.
  case useCSI
  /// Write the sequences again in lines of equal length.
  case wrapSequences
  /// Write the file again as BGZF.
  case writeBGZF
  /// Decompress the file with another program, whose command line this is.
  case decompress(with: String)
  /// Convert the text with another program, whose command line this is.
  case convert(with: String)
}
