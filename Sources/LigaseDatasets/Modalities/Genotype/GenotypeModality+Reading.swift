import LigaseFormats

extension GenotypeModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    if let features = preparation as? GenotypeFeatures {
      let (samples, table, alignment) = try Genotypes.read(
        file.path, alignedTo: features.sites, leastShare: file.leastShare, threads: file.threads)
      return ReadInput(
        ids: samples, GenotypeRecords(sites: features.sites, table: table), GenotypeModality(),
        notes: alignment.report(features.missing))
    }
    let read = try Genotypes.read(file.path, panel: nil, threads: file.threads)
    return ReadInput(
      ids: read.samples, GenotypeRecords(sites: read.sites, table: read.table), GenotypeModality())
  }
}
