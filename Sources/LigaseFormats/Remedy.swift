/// A remedy for an error that the user can apply; a command describes it with the names of its options.
package enum Remedy: Hashable, Sendable {
  /// Replace the existing output.
  case replaceOutput
  /// Choose a policy for missing values.
  case chooseMissingPolicy
  /// Choose a policy for duplicate genes.
  case chooseDuplicatePolicy
  /// Use gene identifiers instead of symbols.
  case useGeneIDs
  /// Name the column of ids, or state that there is none.
  case nameIDColumn
  /// Skip the column of this name, which has no values.
  case skipColumn(String)
  /// Leave this column out of the features.
  case skipFeature(String)
  /// Name the kind of the column of this name.
  case chooseColumnKind(String)
  /// State that the first line is data.
  case declareNoHeader
  /// Name the delimiter.
  case nameDelimiter
  /// Name the format of the file.
  case nameFormat
  /// Name the file of genes of a MatrixMarket file.
  case nameFeaturesFile
  /// Name the file of cells of a MatrixMarket file.
  case nameBarcodesFile
  /// Match names of contigs with and without `chr`; the name in the file, if there is one.
  case useContigAliases(String?)
  /// Rebuild the index.
  case rebuildIndex
  /// Build an index of the format CSI.
  case useCSI
  /// Rewrite the sequences in lines of equal length.
  case wrapSequences
  /// Rewrite the file as BGZF.
  case writeBGZF
  /// Name the column of the target.
  case nameTargetColumn
  /// Name the column of labels.
  case nameLabelColumn
  /// Explain one class by name.
  case explainOneClass
  /// Rename the id column of the split as in the data.
  case nameSplitColumn
  /// Name all classes, where the truth lacks some.
  case nameClasses
  /// Name the value of this column that means an observed event.
  case nameEventValue(String)
  /// State that labels are classes, or which texts mean a missing label.
  case chooseTarget
  /// Name the column of SMILES.
  case nameSMILESColumn
  /// Name the column of sequences.
  case nameSequenceColumn
  /// Specify the labels: a column, headers, a file for each class, or negatives from shuffling.
  case giveLabels
  /// Give sequences of one class other than 0, or no negatives.
  case giveOneClass
  /// Name the alphabet of sequences.
  case nameAlphabet
  /// Accept a smaller fraction of the model's genes or sites.
  case lowerLeastFraction
  /// Skip or flag records whose reference allele disagrees.
  case chooseReferenceMismatchPolicy
  /// Freeze other parameters.
  case freezeOtherParameters
  /// Hold examples out for validation.
  case holdOutValidation
  /// Start over instead of resuming from the checkpoint.
  case startOver
  /// Decompress the file with another program, given as a command line.
  case decompress(with: String)
  /// Convert the text with another program, given as a command line.
  case convert(with: String)
  /// Read a DICOM file without its preamble.
  case readWithoutPreamble
  /// Write to a folder instead of a file.
  case nameFolder
  /// Accept missing and uneven slices.
  case acceptGaps
  /// Convert the file to another with another program, given as a command line with FILE and a new name.
  case rewrite(with: String)
}

/// An error that may have a remedy.
package protocol RemediedError: Error {
  /// A remedy, if any.
  var remedy: Remedy? { get }
}

extension FormatError: RemediedError {}
