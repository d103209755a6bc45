import ArgumentParser
import LigaseDatasets
import LigaseFormats
import LigaseModels

/// Genotypes and the labels of their samples.
struct GenotypeSource: TaskSource {
  typealias Preset = GenotypeTask
  static let abstract = "Learn classes, labels or values of genotypes, such as ancestry."
  static let example = "cohort.vcf.gz --labels panel.csv --label superpopulation"
  static let discussion = """
    Alternate alleles are counted, of any ploidy, one feature an allele. Labels are a table that names samples, or a \
    FORMAT field (--label-format).
    """

  @Argument(help: "VCF with genotypes; `-` or nothing is standard input.")
  var input: String?
  @Option(help: ArgumentHelp("Table of samples and labels.", valueName: "file"))
  var labels: String?
  @OptionGroup var targets: LabelOptions
  @Option(help: ArgumentHelp("FORMAT field of the VCF that holds each sample's label.", valueName: "key"))
  var labelFormat: String?
  @Option(
    help: ArgumentHelp(
      "Learn from the sites of this VCF alone, matched as `predict` matches a model's.", valueName: "vcf"))
  var sites: String?
  @Option(help: "What stands for a genotype that is not known.")
  var missing: GenotypeFeatures.Missing = .mean

  var files: [String?] { [input, labels, sites] }

  func requireInputs() throws {
    if (labels == nil) == (labelFormat == nil) {
      throw ValidationError("expected --labels FILE or --label-format KEY, and one of them only")
    }
    if labelFormat != nil, input ?? "-" == "-" {
      throw ValidationError("--label-format needs a file: standard input can be read once")
    }
  }

  func read(_ context: ReadingContext) throws -> TrainingData {
    let (threads, report) = (context.threads, context.report)
    // Genotypes are kept of the samples that have a label alone.
    var found: LabelledSamples?
    let panel = try sites.map { try Genotypes.sites(contentsOf: $0) }
    let read = try Genotypes.read(input, panel: panel, threads: threads) { samples in
      let labelled: LabelledSamples
      if let labelFormat, let input {
        let all = try Genotypes.labels(inFormat: labelFormat, of: input)
        let kept = samples.indices.filter { all[$0] != "" && all[$0] != "." }
        labelled = LabelledSamples(labels: [(labelFormat, kept.map { all[$0] })], kept: kept, notes: [])
      } else {
        labelled = try LabelTable.read(
          labels!, columns: targets.columns, samples: samples, targets.reading)
      }
      found = labelled
      return labelled.kept
    }
    report.warn(read.warnings, input)
    read.panel?.report(panel: sites!).forEach { report.note($0) }
    let (ids, table) = (read.samples, read.table)
    let (target, observations, note) = try Labels.target(found?.labels ?? [], targets.reading) {
      "'\(ids[$0])'"
    }
    let unknown = table.values.count { $0.isNaN }
    ((found?.notes ?? []) + [
      "\(ids.count) samples, \(read.sites.count) alternate alleles, \(unknown) unknown genotypes (\(missing.rawValue))",
      note,
    ]).forEach { report.note($0) }
    var modality = GenotypeModality()
    modality.missing = missing
    var data = TrainingData(
      task: Preset.name, unit: Preset.unit,
      examples: Examples(
        idColumn: "sample", ids: ids, records: GenotypeRecords(sites: read.sites, table: table),
        modality: modality, target: target, observations: observations))
    data.columns = found?.columns ?? []
    return data
  }

  func nominalExamples() -> Examples {
    let sites = (1...100).map {
      VariantSite(contig: "1", position: $0, reference: "A", alternate: "C", id: "")
    }
    let table = FeatureTable(
      names: sites.map { "\($0)" }, values: [Float](repeating: 0, count: 100_000))
    return .nominal(
      1000, GenotypeRecords(sites: sites, table: table), GenotypeModality(), targets.target,
      time: targets.time)
  }

  static let predictionOptions: Set<PredictionOptionGroup> = [.leastFraction]
  static let inputWords = "genotypes (VCF or BCF)"

  static func read(
    _ file: String?, for model: Model, _ inputs: ExampleOptions, _ body: (Examples) throws -> Void
  ) throws {
    guard let features = model.manifest.inputs[0].preparation.base as? GenotypeFeatures else { return }
    // A model that was trained with masked sites predicts from any fraction of them.
    let chosen = model.manifest.options.inputs[model.manifest.inputs[0].name]?.preparation.base
    let isMasked = (chosen as? GenotypeModality).map { $0.maskedFraction > 0 } ?? false
    let (samples, table, alignment) = try Genotypes.read(
      file, alignedTo: features.sites, leastShare: isMasked ? inputs.minGenes ?? 0 : inputs.leastFraction,
      threads: inputs.threads.count)
    alignment.report(features.missing).forEach { inputs.report.warn($0) }
    try body(
      model.examples(
        idColumn: model.manifest.keyColumns[0], ids: samples,
        records: GenotypeRecords(sites: features.sites, table: table)))
  }
}

extension GenotypeFeatures.Missing: ExpressibleByArgument {}
