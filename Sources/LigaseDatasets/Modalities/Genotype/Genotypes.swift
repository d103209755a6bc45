import LigaseFormats

/// Allele counts of samples at sites, from VCF.
package enum Genotypes {
  /// The sites and counts of a file, as they are.
  ///
  /// - Parameter choose: the samples to keep, by their positions, of all samples of the file.
  /// - Returns: features samples × sites, not-a-number where a genotype is missing; and what was read although it is
  ///   not as it should be.
  package static func read(
    _ path: String?, threads: Int, keeping choose: ([String]) throws -> [Int] = { Array($0.indices) }
  ) throws -> (samples: [String], sites: [VariantSite], table: FeatureTable, warnings: [VCF.Warning]) {
    let stream = try DosageStream(contentsOf: path, threads: threads)
    let matrix = try DosageMatrix(stream, keeping: choose(stream.header.samples))
    var copies = SiteCopies()
    let sites = matrix.variants.map { copies.site($0) }
    var warnings = matrix.warnings
    if let warning = copies.warning { warnings.append(warning) }
    return (
      matrix.samples, sites,
      FeatureTable(names: sites.map(\.name), values: matrix.values.map { $0 < 0 ? .nan : Float($0) }),
      warnings
    )
  }

  /// Numbers sites that have the position and alleles of an earlier one.
  private struct SiteCopies {
    private var seen: [VariantSite: Int] = [:]
    private var count = 0
    private var first: VariantSite?

    /// The site of a variant, the nth with its position and alleles.
    mutating func site(_ variant: DosageMatrix.Variant) -> VariantSite {
      var site = VariantSite(
        contig: variant.contig, position: variant.position, reference: variant.reference,
        alternate: variant.alternate, id: "")
      let number = seen[site, default: 0] + 1
      seen[site] = number
      if number > 1 {
        site.copy = number
        count += 1
        if first == nil { first = site }
      }
      site.id = variant.id ?? ""
      return site
    }

    /// That there are such sites, nil if there are none.
    var warning: VCF.Warning? {
      first.map {
        VCF.Warning(
          name: "repeated-site", line: 0, count: count,
          message:
            "found the position and alleles of an earlier site again, called \(FormatError.quoted($0.name))")
      }
    }
  }

  /// Where the sites of a file stand; those with the alleles exchanged are looked up only where none is there as it is.
  private struct SitePlaces {
    private var asTheyAre: [String: Int] = [:], exchanged: [String: Int] = [:]
    private var ids: [String: [Int]] = [:]
    /// That some sites repeat others, nil if none does.
    private(set) var warning: VCF.Warning?

    /// The places of variants, their contigs called as `bare` says.
    init(_ variants: [DosageMatrix.Variant], _ bare: (String) -> String) {
      var (copies, exchangedCopies) = (SiteCopies(), SiteCopies())
      for (i, variant) in variants.enumerated() {
        var site = variant.isExchanged ? exchangedCopies.site(variant) : copies.site(variant)
        site.contig = bare(site.contig)
        if variant.isExchanged { exchanged[site.name] = i } else { asTheyAre[site.name] = i }
        if !site.id.isEmpty { ids[site.id, default: []].append(i) }
      }
      warning = copies.warning
    }

    /// The place of a site by contig, position and alleles.
    func byAlleles(_ site: VariantSite, _ bare: (String) -> String) -> Int? {
      var key = site
      key.contig = bare(site.contig)
      return asTheyAre[key.name] ?? exchanged[key.name]
    }

    /// The place of a site by its id and alleles.
    func byID(_ site: VariantSite, _ variants: [DosageMatrix.Variant]) -> Int? {
      if site.id.isEmpty { return nil }
      let same = ids[site.id, default: []].filter {
        variants[$0].reference == site.reference && variants[$0].alternate == site.alternate
      }
      return same.dropFirst((site.copy ?? 1) - 1).first
    }
  }

  /// How the sites of new data meet those of a model.
  package struct Alignment: Sendable {
    /// Sites that were found as they are, with reference and alternate allele exchanged, and by their id alone.
    package var found = 0, flipped = 0, byID = 0
    /// Sites of the model that the data lacks.
    package var missing: [String] = []
    /// Sites of the data that the model does not read.
    package var extra = 0
    /// Whether contigs are called otherwise: `chr1` against `1`.
    package var isRenamed = false
    /// What was read although it is not as it should be.
    package var warnings: [VCF.Warning] = []

    /// Lines for people; empty when the sites are the same.
    package var report: [String] {
      let all = found + flipped + missing.count
      var lines: [String] = []
      if isRenamed { lines.append("contigs are called otherwise than in the model: 'chr' is left aside") }
      if flipped > 0 {
        lines.append(
          "\(flipped) of \(all) sites have reference and alternate allele exchanged: their counts are turned")
      }
      if byID > 0 { lines.append("\(byID) of \(all) sites were found by their id") }
      if !missing.isEmpty {
        lines.append(
          "\(missing.count) of \(all) sites are missing and filled as unknown genotypes are: "
            + FormatError.list(missing, limit: 5))
      }
      if extra > 0 { lines.append("\(extra) sites are not in the model and ignored") }
      lines += warnings.map { warning in
        let more = warning.count > 1 ? ", and \(warning.count - 1) more" : ""
        return (warning.line > 0 ? "line \(warning.line): " : "")
          + "\(warning.message) [\(warning.name)]\(more)"
      }
      return lines
    }
  }

  /// Reads a file and brings it to the sites of a model: by contig, position and alleles, with the alleles exchanged, or
  /// by id where the alleles agree either way. Genotypes of other sites are passed over, so memory does not grow with them.
  ///
  /// - Throws: `JoinError` when fewer than `leastShare` of the sites are there.
  package static func read(
    _ path: String?, alignedTo sites: [VariantSite], leastShare: Double, threads: Int
  ) throws -> (samples: [String], table: FeatureTable, alignment: Alignment) {
    // Every record with one alternate allele is there twice: as it is, and with its alleles exchanged.
    let selection = SiteSelection(
      positions: sites.lazy.map { ($0.contig, $0.position) }, ids: sites.lazy.map(\.id).filter { !$0.isEmpty }
    )
    let matrix = try DosageMatrix(
      DosageStream(contentsOf: path, withExchangedAlleles: true, sites: selection, threads: threads))
    var alignment = Alignment()
    let theirs = Set(matrix.variants.map(\.contig)).union(matrix.skipped.contigs),
      ours = Set(sites.map(\.contig))
    alignment.isRenamed = theirs.isDisjoint(with: ours)
    let bare: (String) -> String = { alignment.isRenamed ? $0.withoutChr : $0 }
    alignment.warnings = matrix.warnings
    let places = SitePlaces(matrix.variants, bare)
    if let warning = places.warning { alignment.warnings.append(warning) }
    var used: Set<Int> = []
    let columns = sites.map { site -> Int? in
      var place = places.byAlleles(site, bare)
      if place == nil {
        place = places.byID(site, matrix.variants)
        if place != nil { alignment.byID += 1 }
      }
      guard let place else {
        alignment.missing.append(site.name)
        return nil
      }
      used.insert(place)
      if matrix.variants[place].isExchanged { alignment.flipped += 1 } else { alignment.found += 1 }
      return place
    }
    let hits = alignment.found + alignment.flipped
    // The exchanged record stands behind the record itself; either use is one of the same record.
    let read = Set(used.map { matrix.variants[$0].isExchanged ? $0 - 1 : $0 })
    alignment.extra =
      matrix.skipped.count
      + matrix.variants.indices.count { !matrix.variants[$0].isExchanged && !read.contains($0) }
    guard hits > 0, Double(hits) >= leastShare * Double(sites.count) else {
      throw JoinError(
        "the VCF has \(hits) of the model's \(sites.count) sites, expected at least "
          + "\(Int((leastShare * 100).rounded())) %; the model's: "
          + "\(FormatError.list(sites.map(\.name), limit: 3)); the VCF's: "
          + FormatError.list(
            matrix.variants.filter { !$0.isExchanged }.map(\.key) + matrix.skipped.first, limit: 3),
        remedy: .lowerLeastFraction)
    }
    let width = matrix.variants.count
    var values = [Float](repeating: .nan, count: matrix.samples.count * sites.count)
    for sample in matrix.samples.indices {
      for (site, column) in columns.enumerated() {
        guard let column else { continue }
        let count = matrix.values[sample * width + column]
        if count >= 0 { values[sample * sites.count + site] = Float(count) }
      }
    }
    return (matrix.samples, FeatureTable(names: sites.map(\.name), values: values), alignment)
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

extension String {
  /// A contig's name without `chr`.
  var withoutChr: String { hasPrefix("chr") ? String(dropFirst(3)) : self }
}
