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

  @Option(
    help: ArgumentHelp(
      "Column of the time to an event, or to the end of observation; needs --event.", valueName: "column"))
  var time: String?
  @Option(
    help: ArgumentHelp(
      "Column that tells whether the event was observed (0 or 1, no or yes), or COLUMN=VALUE.",
      valueName: "column"))
  var event: String?

  func validate() throws {
    if let time, time.contains(",") {
      throw ValidationError(
        "--time takes one column (got '\(time)'): left truncation, with a time of entry, is not supported")
    }
    if (time == nil) != (event == nil) {
      throw ValidationError(time == nil ? "--event needs --time" : "--time needs --event")
    }
    guard time != nil else { return }
    for (option, isGiven) in [
      ("--label", !label.isEmpty), ("--target", target != nil), ("--na", !na.isEmpty),
    ]
    where isGiven {
      throw ValidationError("\(option) cannot be combined with --time and --event")
    }
  }

  /// The columns of labels.
  var columns: [String] { survival?.columns ?? label }

  /// How labels are understood.
  var reading: Labels.Reading { Labels.Reading(target, missing: na.isEmpty ? nil : na, survival: survival) }

  private var survival: SurvivalLabels? {
    guard let time, let event else { return nil }
    return SurvivalLabels(time: time, event: event)
  }
}

extension Labels.Kind: ExpressibleByArgument {}
