import LigaseFormats
import TestSupport
import Testing

/// The orientation of matrices of several species.
@Suite struct OrientationTests {
  private func reading(genes: [String], samples: [String], corner: String = "") throws
    -> ExpressionMatrix.Reading
  {
    let folder = TemporaryFolder()
    let text =
      ([corner] + samples).joined(separator: "\t") + "\n"
      + genes.map { ([$0] + samples.map { _ in "1" }).joined(separator: "\t") + "\n" }.joined()
    var reading = ExpressionMatrix.Reading()
    _ = try ExpressionMatrix(contentsOf: folder.write(text, to: "e.tsv"), options: .init(), reading: &reading)
    return reading
  }

  /// Fewer genes than samples, so that the shape is evidence for the opposite.
  @Test(arguments: [
    ["Gapdh", "Actb", "Gm26901", "1700001O22Rik", "mt-Nd1"], ["ENSMUSG00000051951", "ENSMUSG00000102693"],
    ["actb1", "gapdh", "si:ch211-1a2.3", "zgc:112234"], ["ENSDARG00000037746", "ENSDARG00000003216"],
    ["unc-13", "daf-2", "WBGene00006752", "C34B2.7"], ["FBgn0000003", "FBgn0031208"],
    ["CG1234", "Adh", "l(2)gl"],
    ["YAL001C", "YDR224W", "ACT1"], ["AT1G01010", "AT5G67640.1"], ["TP53", "HLA-A", "C1orf112", "LOC105377"],
    ["1007_s_at", "AFFX-BioB-5_at"],
  ])
  func species(_ genes: [String]) throws {
    let ends = ["AA", "AC", "AG", "AT", "CA", "CC", "CG", "CT", "GA", "GC", "GG", "GT"]
    var axes: [[String]] = [ends.map { "AAACCTGAGAAACC\($0)-1" }]
    for prefix in ["sample_", "GSM100", "ctrl", "TCGA-AA-35"] {
      axes.append((1...12).map { "\(prefix)\($0)" })
    }
    for samples in axes {
      let found = try reading(genes: genes, samples: samples)
      #expect(found.orientation == .genesInRows && !found.isOrientationUncertain, "\(genes), \(samples[0])")
      let turned = try reading(genes: samples, samples: genes)
      #expect(
        turned.orientation == .samplesInRows && !turned.isOrientationUncertain, "\(genes), \(samples[0])")
    }
  }

  /// UCSC Xena calls its column of genes `sample`.
  @Test func plainNamesSayMoreThanTheCorner() throws {
    let (genes, samples) = (
      ["ENSG00000141510.17", "ENSG00000136997.15"], ["TCGA-AA-3510-01", "TCGA-AA-3511-01"]
    )
    #expect(try reading(genes: genes, samples: samples, corner: "sample").orientation == .genesInRows)
    #expect(try reading(genes: ["a", "b"], samples: ["p", "q"], corner: "gene").orientation == .genesInRows)
    #expect(try reading(genes: ["TP53", "MYC"], samples: ["P1", "P2", "P3"]).orientation == .genesInRows)
  }

  /// A letter or two and a number may name a sample as well as a gene.
  @Test func enumeratedNamesYieldToSymbols() throws {
    for genes in [
      ["Trp53", "Egfr"], ["MIR21", "LINC00001", "RP11-34P13.7", "SNORA5A"],
      ["Sox2", "Pax6", "2610528A11Rik"],
      ["ENSG00000141510", "ENSG00000136997"],
    ] {
      for prefix in ["S", "P", "HC", "PBMC"] {
        let samples = (1...3).map { "\(prefix)\($0)" }
        let found = try reading(genes: genes, samples: samples)
        #expect(found.orientation == .genesInRows && !found.isOrientationUncertain, "\(genes), \(prefix)")
        #expect(
          try reading(genes: samples, samples: genes).orientation == .samplesInRows, "\(genes), \(prefix)")
      }
    }
    #expect(
      try reading(genes: ["gene1", "gene2"], samples: ["liver", "heart"], corner: "gene").orientation
        == .genesInRows)
    #expect(try reading(genes: ["X1", "X2"], samples: ["liver"], corner: "gene").orientation == .genesInRows)
    #expect(try reading(genes: ["A", "B"], samples: ["VALUE"], corner: "ID").orientation == .genesInRows)
  }

  /// Generated names are no evidence.
  @Test func namesMadeUpSayNothing() throws {
    let folder = TemporaryFolder()
    var (options, reading) = (ExpressionMatrix.ReadingOptions(), ExpressionMatrix.Reading())
    options.hasHeader = false
    let matrix = try ExpressionMatrix(
      contentsOf: folder.write("PF3D7_0100100\t10\nPF3D7_0100200\t3\n", to: "a.tsv"), options: options,
      reading: &reading)
    #expect(matrix.genes == ["PF3D7_0100100", "PF3D7_0100200"] && matrix.samples == ["a"])
  }

  @Test func theShapeAloneIsUncertain() throws {
    #expect(try reading(genes: ["a", "b", "c"], samples: ["p", "q"]).isOrientationUncertain)
    #expect(
      try !reading(genes: ["a", "b", "c"], samples: ["p", "q"], corner: "gene").isOrientationUncertain)
  }
}
