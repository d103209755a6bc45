import LigaseFormats

/// Allele counts of samples at sites, from VCF.
package enum Genotypes {
  /// The genotypes that were read from a file.
  package struct Read: Sendable {
    /// The samples that were kept.
    package var samples: [String]
    /// The sites, one for each feature.
    package var sites: [VariantSite]
    /// The counts, samples × sites, NaN where a genotype is missing.
    package var table: FeatureTable
    /// Warnings about records that were read although they are malformed.
    package var warnings: [VCF.Warning]
    /// The match with a panel, where the features are the sites of one.
    package var panel: GenotypeAlignment?
  }

  /// Reads the sites and counts of a file; with a panel only those of its sites.
  ///
  /// - Parameters:
  ///   - panel: the sites that are features, matched as those of a model are; nil uses all sites of the file.
  ///   - choose: returns the indices of the samples to keep, given all samples of the file.
  /// - Throws: `FormatError` for a record without genotypes and a duplicate site, with the line number;
  ///   `JoinError` where the file has no site of the panel.
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

  /// Reads the sites of a panel: the positions and alleles of a VCF, with or without samples.
  ///
  /// - Throws: `FormatError` for a duplicate site, or where there is no site.
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

  /// Reads a file and matches it with the sites of a model: by contig, position and alleles, with the alleles
  /// exchanged, or by id where the alleles agree either way. A `chr` prefix of contigs and the case of
  /// alleles are ignored. Genotypes of other sites are skipped, so memory does not grow with them.
  ///
  /// - Parameters:
  ///   - leastShare: the smallest fraction of the sites that must be present.
  ///   - owner: the owner of the sites in messages.
  ///   - choose: returns the indices of the samples to keep, given all samples of the file.
  /// - Throws: `JoinError` when fewer than `leastShare` of the sites are present; `FormatError` for a record
  ///   without genotypes and for a duplicate site.
  package static func read(
    _ path: String?, alignedTo sites: [VariantSite], leastShare: Double, of owner: String = "the model",
    threads: Int, keeping choose: ([String]) throws -> [Int] = { Array($0.indices) }
  ) throws -> (samples: [String], table: FeatureTable, alignment: GenotypeAlignment) {
    // Every record with one alternate allele occurs twice: unchanged, and with its alleles exchanged.
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

  /// Returns the column of each site in a matrix; nil for a missing site.
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
    // The exchanged record follows the record itself; both are uses of one record.
    let read = Set(used.map { matrix.variants[$0].isExchanged ? $0 - 1 : $0 })
    alignment.extra =
      matrix.skipped.count
      + matrix.variants.indices.count { !matrix.variants[$0].isExchanged && !read.contains($0) }
    return columns
  }

  /// Returns the text of a FORMAT field of each sample in the first record, for labels in the VCF itself.
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
  /// Creates the site of a variant, with its alleles in upper case.
  init(_ variant: DosageMatrix.Variant) {
    self.init(
      contig: variant.contig, position: variant.position, reference: SitePlaces.Key.upper(variant.reference),
      alternate: SitePlaces.Key.upper(variant.alternate), id: variant.id ?? "")
  }
}
