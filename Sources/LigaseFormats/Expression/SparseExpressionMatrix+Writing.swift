extension SparseExpressionMatrix {
  /// Writes the nonzero values as strict TSV, sample by sample: gene, cell, value.
  package func writeTriplets(to output: OutputFile) throws {
    let table = try TSVWriter(output, columns: ["gene", sampleColumn, "value"])
    for sample in samples.indices {
      for i in rowStarts[sample]..<rowStarts[sample + 1] {
        try table.field(genes[Int(columns[i])])
        try table.field(samples[sample])
        table.field(values[i])
        try table.endRow()
      }
    }
  }
}

extension ExpressionMatrix {
  /// Writes the nonzero values as strict TSV, sample by sample: gene, sample, value.
  package func writeTriplets(to output: OutputFile) throws {
    let table = try TSVWriter(output, columns: ["gene", sampleColumn, "value"])
    for (i, sample) in samples.enumerated() {
      for (j, value) in values(ofSample: i).enumerated() where value != 0 {
        try table.field(genes[j])
        try table.field(sample)
        table.field(value)
        try table.endRow()
      }
    }
  }
}
