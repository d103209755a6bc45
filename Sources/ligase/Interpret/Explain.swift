import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// `ligase explain`.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show which features, residues or places a prediction comes from.",
    discussion: """
      Example:  ligase explain splice.safetensors new.fa --method integrated-gradients > why.tsv

      ligase explain tissue.safetensors new.csv --method shap --gene-sets hallmark.gmt --top 20 > why.tsv

      ligase explain nodule.safetensors chest.dcm --method grad-cam --class 1 --picture overlay.png --boxes boxes.tsv

      The table has a row for each feature or residue of each example: the key columns, the output explained, the \
      position and residue or the feature, and its attribution. The score explained is the logit of a class or label, \
      the log hazard, or the value; --of probability explains the probability. By gradient: saliency, input-x-gradient, \
      integrated-gradients, expected-gradients, smooth-grad, guided-backprop, deconvolution, deeplift. By leaving out: \
      occlusion, shap (exact up to 14 features or groups, else permutation-shap), kernel-shap, permutation-shap, lime. \
      ism substitutes every residue, as `mutate` does. Of a model with an output for every residue or step, --position \
      names the one that is explained. With models of images all other methods give maps of pixels; those \
      that leave out take squares (--window) or superpixels (--superpixels). grad-cam and guided-grad-cam show places in images and volumes (Selvaraju et al., 2017; Vinogradova et al., 2020): its table has a row \
      for each image with the place and size of the largest number of the map, in pixels from 0, or in millimetres (RAS) \
      where the file says where the image lies. occlusion explains volumes, too: boxes (--window) are left out in turn.
      """)

  /// How predictions are explained.
  enum Method: ExpressibleByArgument {
    case gradCAM, guidedGradCAM, ism
    case features(ExplanationMethod)

    init?(argument: String) {
      switch argument {
      case "grad-cam": self = .gradCAM
      case "guided-grad-cam": self = .guidedGradCAM
      case "ism": self = .ism
      default:
        guard let method = ExplanationMethod(rawValue: argument) else { return nil }
        self = .features(method)
      }
    }

    static var allValueStrings: [String] {
      ExplanationMethod.allCases.map(\.rawValue) + ["grad-cam", "guided-grad-cam", "ism"]
    }
  }

  enum Scale: String, ExpressibleByArgument, CaseIterable { case score, probability }

  @Option(help: "How predictions are explained.")
  var method: Method
  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("Class or label to explain (default: the predicted one).", valueName: "name"))
  var className: String?
  @Option(
    help: ArgumentHelp("Value to explain, of a model of values (default: the first).", valueName: "name"))
  var value: String?
  @OptionGroup(title: "Features") var features: FeatureOptions
  @OptionGroup(title: "Motifs") var motifs: MotifOptions
  @Option(
    help: ArgumentHelp(
      "Layer whose maps are weighted (default: the last with at least 16 places along each axis).",
      valueName: "name"))
  var layer: String?
  @Option(
    help: ArgumentHelp(
      "Picture of the map over the image, as PNG; with several images or volumes a folder, which gets one picture each.",
      valueName: "file"))
  var picture: String?
  @Option(
    help: ArgumentHelp("Table of the regions above half of each map's largest number.", valueName: "file"))
  var boxes: String?
  @Option(
    help: ArgumentHelp(
      "The maps themselves: before and after the ReLU as NumPy arrays; of volumes before it, as a folder of NIfTI files.",
      valueName: "file.npz"))
  var maps: String?
  @OptionGroup var examples: ExampleOptions

  func validate() throws {
    if examples.sequences.format != .tsv {
      throw ValidationError("--format does not apply: explanations are tables")
    }
    if features.summary || motifs.given != nil {
      try examples.shards.refuse("\(motifs.given ?? "--summary") needs all examples")
    }
    if examples.shards.shard != nil, let other = boxes != nil ? "--boxes" : maps != nil ? "--maps" : nil {
      throw ValidationError("--shard cannot be combined with \(other), which is a second output")
    }
    try FileArguments.refuseSharedOutput(
      [
        ("--output", examples.output.output), ("--picture", picture), ("--boxes", boxes), ("--maps", maps),
        ("--bars", features.bars), ("--heat-map", features.heatMap),
      ] + motifs.outputs)
    if className != nil, value != nil { throw ValidationError("--class cannot be combined with --value") }
    switch method {
    case .gradCAM, .ism:
      if let other = features.given ?? motifs.given {
        throw ValidationError("\(other) does not apply to this method")
      }
    case .features(let method):
      if layer != nil { throw ValidationError("--layer needs --method grad-cam or guided-grad-cam") }
      if features.steps != nil, method != .gradient(.integratedGradients) {
        throw ValidationError("--steps applies to integrated-gradients alone")
      }
      if features.samples != nil, !method.draws {
        throw ValidationError("--samples does not apply to this method, which draws none")
      }
    case .guidedGradCAM: break
    }
  }

  /// The first option of maps that the user specified.
  private var givenMaps: String? {
    picture != nil ? "--picture" : boxes != nil ? "--boxes" : maps != nil ? "--maps" : nil
  }

  func run() throws {
    try examples.output.refuseExisting()
    Compute.threadCount = examples.threads.count
    let model = try Model(contentsOf: examples.model)
    let isOfImages =
      model.manifest.inputs.count == 1 && model.manifest.inputs[0].preparation.base is ImagePreparation
    if let explanation = SegmentationExplanation(model, self) { return try explanation.write() }
    try features.refuseMillimetres()
    switch method {
    case .ism:
      if let other = givenMaps ?? (className != nil ? "--class" : value != nil ? "--value" : nil) {
        throw ValidationError("\(other) does not apply to --method ism: the table has all outputs")
      }
      guard examples.inputs.count < 2 else {
        throw ValidationError("give one file of sequences (got \(examples.inputs.count))")
      }
      if model.wholeSequences == nil {
        throw ValidationError("--method ism does not apply: \(model.spokenKind)")
      }
      try MutagenesisFiles(
        model: model, input: examples.inputs.first, shards: examples.shards, output: examples.output,
        threads: examples.threads, report: examples.report
      )
      .write(.substitutions)
    case .features(let method) where !isOfImages:
      if let other = givenMaps { throw ValidationError("\(other) needs a model of images or volumes") }
      if features.superpixels != nil { throw ValidationError("--superpixels needs a model of images") }
      try FeatureExplanation(model: model, method: method, options: self).write()
    case .gradCAM, .guidedGradCAM, .features:
      try ImageExplanation(model: model, options: self).write()
    }
  }

  /// The output that the user names; nil explains the predicted class, or the first value.
  func chosenOutput(of model: Model) throws -> Int? {
    guard let name = className ?? value else { return nil }
    if (className == nil) == model.hasProbabilities {
      throw ValidationError(
        className == nil
          ? "--value does not apply: \(model.spokenKind) with classes or labels, which --class names"
          : "--class does not apply: \(model.spokenKind) without classes or labels; --value names a value")
    }
    guard let number = model.outputNames.firstIndex(of: name) else {
      let nearest = model.outputNames.min {
        (CommandNames.distance($0, name), $0) < (CommandNames.distance($1, name), $1)
      }
      throw ValidationError(
        "\(className == nil ? "--value" : "--class") must be one of \(FormatError.list(model.outputNames, limit: 20)) (got '\(name)'; the nearest is '\(nearest ?? "")')"
      )
    }
    return number
  }
}

/// A number of residues, steps, pixels or voxels, or of millimetres: `12` or `12mm`.
struct WindowLength: ExpressibleByArgument {
  let length: BoxLength

  init?(argument: String) {
    if argument.hasSuffix("mm") {
      guard let value = Double(argument.dropLast(2)), value > 0, value.isFinite else { return nil }
      length = BoxLength(value, isInMillimetres: true)
    } else {
      guard let value = Int(argument) else { return nil }
      length = BoxLength(Double(value), isInMillimetres: false)
    }
  }

  /// The number of steps; 1 where it is in millimetres.
  var steps: Int { length.isInMillimetres ? 1 : Int(length.value) }
}

/// The options of methods that explain by features.
struct FeatureOptions: ParsableArguments {
  @Option(help: "What is explained of classes and labels: the score before the link, or the probability.")
  var of: Explain.Scale = .score
  @Option(
    help: ArgumentHelp(
      "Residue or step, from 1, whose output is explained, of a model with an output for every one.",
      valueName: "n"))
  var position: Int?
  @Option(
    help: ArgumentHelp(
      "What stands for absent features: auto (training means of rows of features, else zeros), zeros, or shuffle (20 shuffles of each sequence with the same dinucleotides).",
      valueName: "name"))
  var baseline: BaselineName = .auto
  @Option(
    help: ArgumentHelp(
      "Examples that stand for absent features instead, read as the inputs are.", valueName: "file"))
  var background: String?
  @Option(help: ArgumentHelp("Steps of integrated gradients (default: 64).", valueName: "n"))
  var steps: Int?
  @Option(
    help: ArgumentHelp(
      "Samples: of expected-gradients and smooth-grad (default: 200), pairs of orders of permutation-shap (20), coalitions of kernel-shap (2048) and lime (1000).",
      valueName: "n"))
  var samples: Int?
  @Option(help: ArgumentHelp("Seed of samples.", valueName: "n"))
  var seed: UInt64 = 0
  @Option(
    help: ArgumentHelp(
      "Explain windows of so many residues or steps as one; of images squares, of volumes boxes, in voxels or millimetres (12mm).",
      valueName: "n"))
  var window: WindowLength?
  @Option(help: ArgumentHelp("Distance of the beginnings of windows (default: their size).", valueName: "n"))
  var stride: WindowLength?
  @Option(
    help: ArgumentHelp(
      "Explain about so many superpixels of each image instead of squares (SLIC; Achanta et al., 2012).",
      valueName: "n"))
  var superpixels: Int?
  @Option(
    help: ArgumentHelp(
      "Weight of places beside colours in superpixels (default: 10, as in scikit-image).", valueName: "x"))
  var compactness: Double?
  @Option(help: ArgumentHelp("Explain the genes of a set as one: a GMT file.", valueName: "file"))
  var geneSets: String?
  @Flag(help: "Explain all features of an input as one.")
  var byInput = false
  @Option(
    help: ArgumentHelp(
      "Only the features with the largest absolute attribution of each example.", valueName: "n"))
  var top: Int?
  @Flag(
    help:
      "Check how faithful attributions are: deletion and insertion curves beside random orders, and attributions of a network with other weights."
  )
  var check = false
  @Flag(
    help: "Mean absolute attribution of each feature over all examples, instead of a row for each example.")
  var summary = false
  @Option(help: ArgumentHelp("Bars of the largest features of the summary, as SVG.", valueName: "file.svg"))
  var bars: String?
  @Option(
    help: ArgumentHelp(
      "Heat map of the largest features of the summary by output, as SVG.", valueName: "file.svg"))
  var heatMap: String?

  enum BaselineName: String, ExpressibleByArgument, CaseIterable { case auto, zeros, shuffle }

  /// The first of these options that the user specified.
  var given: String? { allGiven.first }

  /// The options that the user specified.
  var allGiven: [String] {
    let all: [(Bool, String)] = [
      (of != .score, "--of"), (position != nil, "--position"), (baseline != .auto, "--baseline"),
      (background != nil, "--background"), (steps != nil, "--steps"),
      (samples != nil, "--samples"), (window != nil, "--window"), (stride != nil, "--stride"),
      (superpixels != nil, "--superpixels"), (compactness != nil, "--compactness"),
      (geneSets != nil, "--gene-sets"), (byInput, "--by-input"), (check, "--check"), (top != nil, "--top"),
      (summary, "--summary"),
      (bars != nil, "--bars"), (heatMap != nil, "--heat-map"),
    ]
    return all.filter(\.0).map(\.1)
  }

  /// Throws for sizes in millimetres, which volumes alone have.
  func refuseMillimetres() throws {
    for (length, name) in [(window, "--window"), (stride, "--stride")]
    where length?.length.isInMillimetres == true {
      throw ValidationError("\(name) in millimetres needs a model of volumes")
    }
  }

  func validate() throws {
    for (value, name, range) in [
      (steps ?? 1, "--steps", 1...10_000), (samples ?? 10, "--samples", 2...1_000_000),
      (window?.steps ?? 1, "--window", 1...1_000_000), (stride?.steps ?? 1, "--stride", 1...1_000_000),
      (position ?? 1, "--position", 1...Int.max),
      (superpixels ?? 2, "--superpixels", 2...100_000),
      (top ?? 1, "--top", 1...Int.max),
    ] where !range.contains(value) {
      throw ValidationError(
        "\(name) must be at least \(range.lowerBound)\(range.upperBound == Int.max ? "" : " and at most \(range.upperBound)") (got \(value))"
      )
    }
    let groupings = [window != nil, geneSets != nil, byInput].count { $0 }
    if groupings > 1 { throw ValidationError("give one of --window, --gene-sets and --by-input") }
    if superpixels != nil, groupings > 0 {
      throw ValidationError("--superpixels cannot be combined with --window, --gene-sets and --by-input")
    }
    if compactness != nil, superpixels == nil { throw ValidationError("--compactness needs --superpixels") }
    if let compactness, !(compactness > 0 && compactness.isFinite) {
      throw ValidationError("--compactness must be more than 0 (got \(compactness))")
    }
    if bars != nil || heatMap != nil, !summary {
      throw ValidationError("--bars and --heat-map need --summary")
    }
    if stride != nil, window == nil { throw ValidationError("--stride needs --window") }
    if background != nil, baseline != .auto {
      throw ValidationError("--background cannot be combined with --baseline")
    }
  }
}
