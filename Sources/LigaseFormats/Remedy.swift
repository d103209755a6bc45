/// What a user can do about an error, as a case that a program can act on; a command puts it into words with the
/// names of its own options.
package enum Remedy: Hashable, Sendable {
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
  /// Leave out the column of this name, which holds no values.
  case skipColumn(String)
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
  /// Name the column of the target.
  case nameTargetColumn
  /// Name the column of labels.
  case nameLabelColumn
  /// Give the ids' column of the split the name that it has in the data.
  case nameSplitColumn
  /// Name all classes, where the truth lacks some.
  case nameClasses
  /// Say that labels are classes, or which texts mean a missing label.
  case chooseTarget
  /// Name the column of SMILES.
  case nameSMILESColumn
  /// Name the column of sequences.
  case nameSequenceColumn
  /// Say what the labels are: a column, headers, a file for each class, or negatives made by shuffling.
  case giveLabels
  /// Give sequences of one other class than 0, or no negatives.
  case giveOneClass
  /// Name the letters of sequences.
  case nameAlphabet
  /// Accept that fewer of the model's genes or sites are there.
  case lowerLeastFraction
  /// Skip or flag records whose reference allele is another.
  case chooseReferenceMismatchPolicy
  /// Name other parameters to keep as they are.
  case freezeOtherParameters
  /// Hold examples out for validation.
  case holdOutValidation
  /// Start over instead of going on from the checkpoint.
  case startOver
  /// Decompress the file with another program, whose command line this is.
  case decompress(with: String)
  /// Convert the text with another program, whose command line this is.
  case convert(with: String)
}

/// An error that may know what a user can do about it.
package protocol RemediedError: Error {
  /// A remedy, if there is one.
  var remedy: Remedy? { get }
}

extension FormatError: RemediedError {}
