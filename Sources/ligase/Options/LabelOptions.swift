import ArgumentParser
import LigaseDatasets

/// Which columns hold labels, and how labels are understood; the same for every task that learns them.
struct LabelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Column of labels; repeated for several targets.", valueName: "column"))
  var label: [String] = []
  @Option(help: "What labels are (default: classes for text and up to 20 whole numbers, else values).")
  var target: Labels.Kind?
  @Option(
    help: ArgumentHelp(
      "Text that means a missing label, instead of NA (repeatable); empty fields always do.",
      valueName: "text"))
  var na: [String] = []

  /// How labels are understood.
  var reading: Labels.Reading { Labels.Reading(target, missing: na.isEmpty ? nil : na) }
}

extension Labels.Kind: ExpressibleByArgument {}
