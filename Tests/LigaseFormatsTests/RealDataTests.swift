import Glibc
import LigaseFormats
import Testing

/// Public data sets that are not part of the project: `LIGASE_DATA` names their folder.
enum RealData {
  static let folder: String? = {
    let given = getenv("LIGASE_DATA").map { String(cString: $0) } ?? "../shared/data"
    return access(given, R_OK) == 0 ? given : nil
  }()
}

@Suite(.enabled(if: RealData.folder != nil, "LIGASE_DATA names no folder with data"))
struct RealDataTests {
  private let folder = RealData.folder ?? ""

  @Test func drugResponse() throws {
    let responses = try Table(contentsOf: folder + "/drug_response/gdsc2/response_82833.csv")
    #expect(responses.rowCount == 82_833)
    let values = try responses.doubles("ln_IC50")
    let drugs = Set(try responses.strings("drug_name"))
    #expect(values[0] == -0.267795 && drugs.count == 170)
    let matrix = try ExpressionMatrix(
      contentsOf: folder + "/drug_response/gdsc2/expression_580x706_zscore.csv")
    #expect(matrix.samples.count == 580 && matrix.genes.count == 706)
    let lines = Set(try responses.strings("DepMap_ID"))
    #expect(lines == Set(matrix.samples))
    // The values are z-scores of each gene over all samples.
    #expect(matrix.geneVariances().allSatisfy { abs($0 - 1) < 0.01 })
  }

  @Test func expressionShapes() throws {
    var options = ExpressionMatrix.ReadingOptions()
    options.nameColumn = .none
    options.skippedColumns = ["class"]
    for (file, samples, genes) in [
      ("mll-leukemia.csv", 72, 12_582), ("leukemia.csv", 72, 5_147), ("dlbcl-fl.csv", 77, 7_070),
    ] {
      var reading = ExpressionMatrix.Reading()
      let matrix = try ExpressionMatrix(
        contentsOf: folder + "/expression/mll_mgx/" + file, options: options, reading: &reading)
      #expect(matrix.samples.count == samples && matrix.genes.count == genes)
      #expect(reading.orientation == .samplesInRows)
    }
  }
}
