import LigaseFormats
import LigaseTensors

/// Allele counts at the sites of variants.
package struct GenotypeModality: Modality {
  package static let name = "genotype"
  /// What stands for a genotype that is not known.
  package var missing = GenotypeFeatures.Missing.mean
  /// Whether the ancestry that genotypes show is read beside them, where the target is a class; see `AncestryFeatures`.
  package var findsAncestry = true

  package init() {}

  package var withoutLabels: GenotypeModality {
    var plain = self
    plain.findsAncestry = false
    return plain
  }

  package func fit(_ records: any Records, rows: [Int], observed: ObservedRecords?) -> (
    preparation: GenotypeFeatures, encoded: any EncodedRecords
  ) {
    let genotypes = records as! GenotypeRecords, values = genotypes.table.values
    var features = GenotypeFeatures(
      fitting: values, sites: genotypes.sites, samples: rows, missing: missing)
    guard findsAncestry, let observed, let k = observed.classCount,
      let (found, training) = AncestryFeatures.fit(
        values, siteCount: genotypes.sites.count, samples: rows,
        classes: observed.observations.numbers.map { Int32($0) }, classCount: k)
    else { return (features, features.encode(genotypes)) }
    features.ancestry = found
    // Training samples are described by frequencies that were found without them.
    var all = found.encode(values, siteCount: genotypes.sites.count)
    for (i, row) in rows.enumerated() {
      all.replaceSubrange((row * k)..<((row + 1) * k), with: training[(i * k)..<((i + 1) * k)])
    }
    return (features, EncodedRows(features.encode(values, ancestry: all)))
  }
}

/// Allele counts of samples, with the sites they are of.
package struct GenotypeRecords: Records {
  /// The sites, one a feature.
  package var sites: [VariantSite]
  /// Samples × sites; not-a-number where a genotype is not known.
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

  package var summary: [(name: String, value: String)] {
    [("sites", FormatError.counted(sites.map(\.name))), ("missing genotypes", missing.rawValue)]
  }
}
