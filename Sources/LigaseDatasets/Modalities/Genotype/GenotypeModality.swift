import LigaseFormats
import LigaseTensors

/// Allele counts at the sites of variants.
package struct GenotypeModality: Modality {
  package static let name = "genotype"
  /// The imputation of unknown genotypes.
  package var missing = GenotypeFeatures.Missing.mean
  /// Whether the ancestry features of the genotypes are added, where the target is a class; see
  /// `AncestryFeatures`.
  package var findsAncestry = true
  /// The fraction of training examples in which genotypes are masked at random; see `GenotypeMasks`.
  package var maskedFraction: Float = 0

  package init() {}

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    missing = try values.decode(GenotypeFeatures.Missing.self, forKey: .missing)
    findsAncestry = try values.decode(Bool.self, forKey: .findsAncestry)
    maskedFraction = try values.decodeIfPresent(Float.self, forKey: .maskedFraction) ?? 0
  }

  package var withoutLabels: GenotypeModality {
    var plain = self
    (plain.findsAncestry, plain.maskedFraction) = (false, 0)
    return plain
  }

  package var problem: String? {
    0...1 ~= maskedFraction ? nil : "found maskedFraction \(maskedFraction), expected 0 to 1"
  }

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: GenotypeFeatures, encoded: any EncodedRecords
  ) {
    let genotypes = records as! GenotypeRecords, values = genotypes.table.values
    var features = GenotypeFeatures(
      fitting: values, sites: genotypes.sites, samples: rows, missing: missing)
    var found: AncestryFeatures.Fit?
    if findsAncestry, let observed, let k = observed.classCount {
      found = AncestryFeatures.fit(
        values, siteCount: genotypes.sites.count, samples: rows,
        classes: observed.observations.numbers.map { Int32($0) }, classCount: k,
        readsClasses: maskedFraction > 0)
    }
    features.ancestry = found?.features
    var ancestry = features.ancestry?.encode(values, siteCount: genotypes.sites.count) ?? []
    if let found {
      // Training samples have features from frequencies that were fitted without them.
      let k = found.features.width
      for (i, row) in rows.enumerated() {
        ancestry.replaceSubrange((row * k)..<((row + 1) * k), with: found.training[(i * k)..<((i + 1) * k)])
      }
    }
    let masks =
      maskedFraction > 0
      ? GenotypeMasks(values, features, fraction: maskedFraction, rows: rows, ancestry: found) : nil
    return (features, EncodedRows(features.encode(values, ancestry: ancestry), masks))
  }
}

/// Allele counts of samples, with their sites.
package struct GenotypeRecords: Records {
  package func selecting(_ rows: [Int]) -> GenotypeRecords {
    GenotypeRecords(sites: sites, table: table.selecting(rows))
  }

  /// The sites, one for each feature.
  package var sites: [VariantSite]
  /// The counts, samples × sites; NaN where a genotype is unknown.
  package var table: FeatureTable

  package init(sites: [VariantSite], table: FeatureTable) { (self.sites, self.table) = (sites, table) }

  package var count: Int { table.rowCount }
  package func add(to digest: inout some ContentDigest) { table.add(to: &digest) }
}

extension GenotypeFeatures: Preparation {
  package static var modality: String { GenotypeModality.name }

  package func encode(_ records: any Records) -> any EncodedRecords {
    EncodedRows(encode((records as! GenotypeRecords).table.values))
  }

  package var shape: InputShape { InputShape(row: width) }

  package var channelNames: [String] {
    let names = sites.map(\.name)
    return names + (missing == .flag ? names.map { "\($0):missing" } : [])
      + (ancestry?.names ?? [])
  }

  package var summary: [(name: String, value: String)] {
    [("sites", FormatError.counted(sites.map(\.name))), ("missing genotypes", missing.rawValue)]
  }
}
