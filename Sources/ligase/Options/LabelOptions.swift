import ArgumentParser
import LigaseDatasets

/// The label columns and their interpretation, for all tasks that learn them.
struct LabelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Column of labels (repeatable: several targets are learned together).", valueName: "column"))
  var label: [String] = []
  @Option(
    help:
      "Kind of labels (default: classes for text and for up to 20 different whole numbers, otherwise values)."
  )
  var target: Labels.Kind?
  @Option(
    help: ArgumentHelp(
      "Text that marks a missing label, instead of NA (repeatable); empty fields are always missing.",
      valueName: "text"))
  var na: [String] = []

  /// The interpretation of the labels.
  var reading: Labels.Reading { Labels.Reading(target, missing: na.isEmpty ? nil : na) }
}

extension Labels.Kind: ExpressibleByArgument {}
