import LigaseFormats

/// Allele counts of samples at sites, from VCF.
package enum Genotypes {
  /// What a file has.
  package struct Read: Sendable {
    /// The samples that were kept.
    package var samples: [String]
    /// The sites, one a feature.
    package var sites: [VariantSite]
    /// Features samples × sites, not-a-number where a genotype is missing.
    package var table: FeatureTable
    /// What was read although it is not as it should be.
    package var warnings: [VCF.Warning]
    /// How the file meets a panel, where the features are the sites of one.
    package var panel: GenotypeAlignment?
  }

  /// The sites and counts of a file, as they are; of a panel's sites alone where there is one.
  ///
  /// - Parameters:
  ///   - panel: the sites that are features, found as those of a model are; nil takes all of the file.
  ///   - choose: the samples to keep, by their positions, of all samples of the file.
  /// - Throws: `FormatError` for a record without genotypes and a site that is there twice, with the line; `JoinError` where the
  ///   file has no site of the panel.
  package static func read(
    _ path: String?, panel: [VariantSite]? = nil, threads: Int,
    keeping choose: ([String]) throws -> [Int] = { Array($0.indices) }
  ) throws -> Read {
    if let panel {
      let (samples, table, alignment) = try read(
        path, alignedTo: panel, leastShare: 0, of: "the panel", threads: threads, keeping: choose)
      let absent = Set(alignment.missing)
      let kept = panel.indices.filter { !absent.contains(panel[$0].name) }
      return Read(
        samples: samples, sites: kept.map { panel[$0] }, table: table.selecting(columns: kept),
        warnings: alignment.warnings, panel: alignment)
    }
    let stream = try DosageStream(contentsOf: path, needsGenotypes: true, threads: threads)
    let matrix = try DosageMatrix(stream, keeping: choose(stream.header.samples))
    _ = try SitePlaces(matrix, path: path)
    let sites = matrix.variants.map { VariantSite($0) }
    return Read(
      samples: matrix.samples, sites: sites,
      table: FeatureTable(
        names: sites.map(\.name), values: matrix.values.map { $0 < 0 ? .nan : Float($0) }),
      warnings: matrix.warnings)
  }

  /// The sites of a panel: the positions and alleles of a VCF, with or without samples.
  ///
  /// - Throws: `FormatError` where a site is there twice, or none.
  package static func sites(contentsOf path: String) throws -> [VariantSite] {
    let reader = try VCF.Reader(contentsOf: path)
    var sites: [VariantSite] = []
    var lines: [SitePlaces.Key: Int] = [:]
    while let record = try reader.next() {
      for alternate in record.alternates {
        let site = VariantSite(
          contig: record.contig, position: record.position, reference: SitePlaces.Key.upper(record.reference),
          alternate: SitePlaces.Key.upper(alternate), id: record.ids.first ?? "")
        if let first = lines.updateValue(record.line, forKey: SitePlaces.Key(site)) {
          throw SitePlaces.repetition(site.name, line: record.line, first: first, path)
        }
        sites.append(site)
      }
    }
    if sites.isEmpty {
      throw FormatError(.badData, path: path, "found no alternate allele, expected the sites of a panel")
    }
    return sites
  }

  /// Reads a file and brings it to the sites of a model: by contig, position and alleles, with the alleles exchanged, or
  /// by id where the alleles agree either way. Contigs are the same with and without `chr`, alleles in either case. Genotypes of
  /// other sites are passed over, so memory does not grow with them.
  ///
  /// - Parameters:
  ///   - leastShare: the fraction of the sites that must be there.
  ///   - owner: whose the sites are.
  ///   - choose: the samples to keep, by their positions, of all samples of the file.
  /// - Throws: `JoinError` when fewer than `leastShare` of the sites are there; `FormatError` for a record without genotypes and
  ///   for a site that is there twice.
  package static func read(
    _ path: String?, alignedTo sites: [VariantSite], leastShare: Double, of owner: String = "the model",
    threads: Int, keeping choose: ([String]) throws -> [Int] = { Array($0.indices) }
  ) throws -> (samples: [String], table: FeatureTable, alignment: GenotypeAlignment) {
    // Every record with one alternate allele is there twice: as it is, and with its alleles exchanged.
    let selection = SiteSelection(
      positions: sites.lazy.map { ($0.contig, $0.position) }, ids: sites.lazy.map(\.id).filter { !$0.isEmpty }
    )
    let stream = try DosageStream(
      contentsOf: path, withExchangedAlleles: true, sites: selection, needsGenotypes: true, threads: threads)
    let matrix = try DosageMatrix(stream, keeping: choose(stream.header.samples))
    var alignment = GenotypeAlignment()
    let columns = try align(matrix, to: sites, &alignment, path: path)
    let hits = alignment.found + alignment.flipped
    guard hits > 0, Double(hits) >= leastShare * Double(sites.count) else {
      throw JoinError(
        "the VCF has \(hits) of \(owner)'s \(sites.count) sites, expected at least "
          + (leastShare > 0 ? "\(Int((leastShare * 100).rounded())) %" : "one") + "; \(owner)'s: "
          + "\(FormatError.list(sites.map(\.name), limit: 3)); the VCF's: "
          + FormatError.list(
            matrix.variants.filter { !$0.isExchanged }.map(\.key) + matrix.skipped.first, limit: 3),
        remedy: leastShare > 0 ? .lowerLeastFraction : nil)
    }
    let width = matrix.variants.count
    var values = [Float](repeating: .nan, count: matrix.samples.count * sites.count)
    for (sample, name) in matrix.samples.enumerated() {
      var known = 0
      for (site, column) in columns.enumerated() {
        guard let column else { continue }
        let count = matrix.values[sample * width + column]
        guard count >= 0 else { continue }
        values[sample * sites.count + site] = Float(count)
        known += 1
      }
      if 2 * known < sites.count { alignment.sparse.append(name) }
    }
    return (matrix.samples, FeatureTable(names: sites.map(\.name), values: values), alignment)
  }

  /// The column of each site in a matrix; nil for one that it lacks.
  private static func align(
    _ matrix: DosageMatrix, to sites: [VariantSite], _ alignment: inout GenotypeAlignment, path: String?
  ) throws -> [Int?] {
    alignment.warnings = matrix.warnings
    alignment.samples = matrix.samples.count
    let places = try SitePlaces(matrix, path: path)
    var used: Set<Int> = []
    let columns = sites.map { site -> Int? in
      let byAlleles = places.byAlleles(site)
      guard let place = byAlleles ?? places.byID(site) else {
        alignment.missing.append(site.name)
        return nil
      }
      used.insert(place)
      let variant = matrix.variants[place]
      if byAlleles == nil {
        alignment.byID += 1
      } else if variant.contig != site.contig {
        alignment.renamed += 1
      }
      if variant.isExchanged { alignment.flipped += 1 } else { alignment.found += 1 }
      return place
    }
    // The exchanged record stands behind the record itself; either use is one of the same record.
    let read = Set(used.map { matrix.variants[$0].isExchanged ? $0 - 1 : $0 })
    alignment.extra =
      matrix.skipped.count
      + matrix.variants.indices.count { !matrix.variants[$0].isExchanged && !read.contains($0) }
    return columns
  }

  /// The text of a FORMAT field of each sample in the first record, for labels that travel in the VCF itself.
  package static func labels(inFormat field: String, of path: String) throws -> [String] {
    let reader = try VCF.Reader(contentsOf: path)
    guard let record = try reader.next() else { throw FormatError(.badData, path: path, "found no record") }
    guard let index = record.formatKeys.firstIndex(of: field) else {
      throw FormatError(
        .badData, path: path,
        "found no FORMAT field '\(field)' in the first record, expected one of \(FormatError.list(record.formatKeys))"
      )
    }
    return record.samples.map { sample in
      let fields = sample.split(separator: ":", omittingEmptySubsequences: false)
      return index < fields.count ? String(fields[index]) : ""
    }
  }
}

extension VariantSite {
  /// The site of a variant, its alleles in upper case.
  init(_ variant: DosageMatrix.Variant) {
    self.init(
      contig: variant.contig, position: variant.position, reference: SitePlaces.Key.upper(variant.reference),
      alternate: SitePlaces.Key.upper(variant.alternate), id: variant.id ?? "")
  }
}
