import LigaseDatasets
import LigaseFormats
import LigaseModels
import LigaseRuntime

/// The cases of a table that a model of volumes reads, one by one.
struct VolumeCases {
  private let table: CaseTable
  private let chosen: [Int]
  private let preparation: VolumePreparation
  private let options: ImageFile.Options

  /// - Parameters:
  ///   - file: the table; nil for standard input.
  ///   - mask: the column of masks; nil for that of the training, if the table has it.
  init(
    _ file: String?, of preparation: VolumePreparation, mask: String?, _ images: ImagePredictionOptions,
    _ report: ReportOptions
  ) throws {
    (self.preparation, options) = (preparation, ImageFile.Options(force: images.force))
    let rows = try report.table(file)
    var options = CaseTable.Options()
    (options.channels, options.root) = (preparation.channelNames, images.root)
    options.mask = mask ?? preparation.options.mask.flatMap { rows.hasColumn($0) ? $0 : nil }
    let table = try CaseTable(rows, options)
    preparation.noteMask(table.cases[0].mask != nil, report)
    chosen = table.cases.indices.filter { number in
      images.subset.map { table.cases[number].subset == $0 } ?? true
    }
    guard !chosen.isEmpty else {
      throw FormatError(
        .badData, path: table.path,
        "found no case of the subset \(images.subset?.rawValue ?? "any"), expected at least one")
    }
    self.table = table
  }

  /// The ids of the cases.
  var ids: [String] { chosen.map { table.cases[$0].id } }
  /// The name of the column of ids.
  var idColumn: String { table.idColumn }

  /// Reads a case.
  func records(_ number: Int) throws -> VolumeRecords {
    var volumes = preparation.collector
    try table.read(chosen[number], labelled: false, into: &volumes, options)
    return try preparation.accepting(volumes.records, table.cases[chosen[number]].channels[0])
  }
}

extension VolumePreparation {
  /// An empty collection of volumes for this model.
  var collector: VolumeCollector {
    VolumeCollector(channelNames: channelNames, cropsForeground: options.cropForeground)
  }

  /// Returns the records of one volume, whose first channel has the path.
  func accepting(_ records: VolumeRecords, _ path: String) throws -> VolumeRecords {
    if let refusal = refusal(of: records[0]) { throw FormatError(.badData, path: path, refusal) }
    return records
  }

  /// Says where a model of masks is given none.
  func noteMask(_ isGiven: Bool, _ report: ReportOptions) {
    guard options.mask != nil, !isGiven else { return }
    report.note("no mask: all voxels are predicted; the model learned from voxels inside masks alone")
  }
}
