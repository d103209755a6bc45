import LigaseDatasets
import LigaseFormats
import LigaseTensors
import Testing

@Suite struct ClinicalTableTests {
  private func table(_ text: String) throws -> Table {
    try Table(bytes: Array(text.utf8), path: "clinic.csv", delimiter: .comma)
  }

  private func read(_ text: String, kinds: [String: ColumnKind] = [:], excluding: Set<String> = ["id"]) throws
    -> (
      records: ClinicalRecords, notes: [String]
    )
  {
    try ClinicalRecords.read(table(text), excluding: excluding, kinds: kinds)
  }

  /// A column with a header and values, one a row, beside ids.
  private func column(_ values: [String], _ name: String = "x") -> String {
    "id,\(name)\n" + values.enumerated().map { "p\($0),\($1)\n" }.joined()
  }

  private func kind(_ values: [String]) throws -> ColumnKind {
    try read(column(values)).records.columns[0].kind
  }

  private func features(_ text: String, rows: [Int]? = nil, kinds: [String: ColumnKind] = [:]) throws -> (
    names: [String], values: [[Float]]
  ) {
    let records = try read(text, kinds: kinds).records
    let (preparation, encoded) = ClinicalModality().fit(
      records, rows: rows ?? Array(0..<records.count), observed: nil)
    let width = preparation.features.count, all = (encoded as! EncodedRows).values.scalars
    return (
      preparation.features,
      (0..<width).map { j in (0..<records.count).map { all[$0 * width + j] } }
    )
  }

  @Test func kindsAreFoundByTheirValues() throws {
    #expect(try kind(["1", "2.5", "NA", "-3e2"]) == .number)
    #expect(try kind(["\"1,234\"", "\"12,345.5\"", "99", ""]) == .number)
    #expect(try kind(["yes", "No", "", "YES"]) == .boolean)
    #expect(try kind(["TRUE", "FALSE", "T"]) == .boolean)
    #expect(try kind(["a", "b", "c"]) == .category)
    #expect(try kind(["None", "chemo", "chemo"]) == .category)
    #expect(try kind(["III", "I", "II", "I"]) == .ordered(["I", "II", "III"]))
    #expect(try kind(["high", "Low", "medium"]) == .ordered(["Low", "medium", "high"]))
    #expect(try kind(["0x1A", "0x1B"]) == .category)
    #expect(throws: JoinError.self) { try kind(["", "NA"]) }
  }

  @Test func textAmongNumbersHasItsPlace() throws {
    for (values, message) in [
      (["1", "2", ">5"], "clinic.csv:4:2: found '>5' in column 'x', expected a number"),
      (["5", "5%", "7"], "clinic.csv:3:2: found '5%' in column 'x', expected a number"),
      (["1", "inf", "2"], "clinic.csv:3:2: found 'inf' in column 'x', expected a number"),
    ] {
      let error = #expect(throws: FormatError.self) { try read(column(values)) }
      #expect(error?.description == message)
      #expect(error?.remedy == .chooseColumnKind("x"))
    }
  }

  @Test func datesAndSentencesAreRefused() throws {
    for dates in [
      ["2024-05-31", "2023-01-02"], ["31.05.2024", "01.02.2023"], ["5/31/2024", "2/1/2023 10:30"],
    ] {
      let error = #expect(throws: FormatError.self) { try read(column(dates)) }
      #expect(error!.description.contains("column 'x' holds dates such as"))
    }
    let notes = (0..<20).map { "patient \($0) came in with a cough" }
    let error = #expect(throws: FormatError.self) { try read(column(notes)) }
    #expect(error!.description.contains("column 'x' holds free text"))
  }

  @Test func columnsThatTellNothingAreSkippedAndNamed() throws {
    var text = "id,site,code,one,age\n"
    for i in 0..<20 { text += "p\(i),k\(i),\(i + 100),same,\(40 + i % 7)\n" }
    let (records, notes) = try read(text)
    #expect(records.columns.map(\.name) == ["age"])
    #expect(notes.contains("skipped 1 column (constant): one"))
    #expect(notes.contains("skipped 2 columns (unique to each row): site, code"))
    #expect(notes.contains { $0.hasPrefix("not features: id") })
    let none = #expect(throws: JoinError.self) { try read("id,one\np0,a\np1,a\n") }
    #expect(none!.description.contains("found no column of features"))
  }

  @Test func aNearTwinIsPointedOut() throws {
    let twin = try read(column(["good", "unkown", "good", "bad"])).notes
    #expect(twin.contains("column x: 'unkown' (1 row) resembles 'unknown'; it is a category of its own"))
    let case2 = try read(column(["Female", "female", "Female", "male"])).notes
    #expect(case2.contains { $0.contains("'Female' (2 rows) resembles 'female'") })
    // Names that differ in a digit are no twins.
    #expect(try read(column(["type1", "type2", "type1"])).notes.allSatisfy { !$0.contains("resembles") })
  }

  @Test func numbersAreStandardisedOverTrainingRowsAlone() throws {
    let values = (0..<30).map { "\($0 % 10)" }
    let (names, columns) = try features(column(values), rows: Array(0..<20))
    #expect(names == ["x"])
    let train = columns[0].prefix(20)
    let mean = train.reduce(0, +) / 20, square = train.reduce(0) { $0 + $1 * $1 } / 20
    #expect(abs(mean) < 1e-6 && abs(square - 1) < 1e-5)
  }

  @Test func skewedNumbersAreScaledByQuantilesAndTheOrderStays() throws {
    let values = (0..<50).map { "\(Float(1 << ($0 / 2)))" }
    let (_, columns) = try features(column(values))
    #expect(zip(columns[0], columns[0].dropFirst()).allSatisfy { $0 <= $1 })
    // Powers of two would put the last value 4 standard deviations away.
    #expect(columns[0].last! < 2.5 && columns[0].first! > -2.5)
    let records = try read(column(values)).records
    let (preparation, _) = ClinicalModality().fit(records, rows: Array(0..<50), observed: nil)
    #expect(preparation.notes == ["skewed, scaled by quantiles: x"])
    // Values beyond the training range stay at its ends.
    let far = try ClinicalRecords.read(table("id,x\na,1e9\nb,-5\n"), as: preparation).records
    let found = (preparation.encode(far) as! EncodedRows).values.scalars
    #expect(found[0] == columns[0].last! && found[1] == columns[0].first!)
  }

  @Test func missingValuesAreMeansAndHaveAnIndicatorWhereThereAreEnough() throws {
    let few = try features(column((0..<20).map { $0 < 3 ? "" : "\($0)" }))
    #expect(few.names == ["x"] && few.values[0][0] == 0)
    let many = try features(column((0..<20).map { $0 < 6 ? "NA" : "\($0 % 9)" }))
    #expect(many.names == ["x", "x:missing"])
    #expect(many.values[0][0] == 0 && many.values[1][0] > 0 && many.values[1][10] < 0)
  }

  @Test func rareAndUnseenCategories() throws {
    let values = (0..<40).map { $0 < 16 ? "a" : $0 < 32 ? "b" : $0 < 35 ? "c" : $0 < 38 ? "d" : "e" }
    let (names, columns) = try features(column(values))
    #expect(names == ["x=a", "x=b", "x=other"])
    #expect(columns[2][39] > 0 && columns[2][0] < 0)
    let two = try features(column((0..<20).map { $0 % 2 == 0 ? "m" : "w" }))
    #expect(two.names == ["x=w"])
    let records = try read(column(values)).records
    let (preparation, _) = ClinicalModality().fit(records, rows: Array(0..<40), observed: nil)
    let new = try ClinicalRecords.read(table("id,x\nq,zz\nr,a\ns,\n"), as: preparation)
    #expect(new.notes == ["column x: 1 category of 1 row not in the training data, read as a rare one: zz"])
    let encoded = (preparation.encode(new.records) as! EncodedRows).values.scalars
    #expect(encoded[2] == columns[2][39] && encoded[6] == 0 && encoded[7] == 0 && encoded[8] == 0)
  }

  @Test func tooManyCategoriesAreRefused() throws {
    let codes = (0..<6000).map { "c\($0 % 1100)" }
    let error = #expect(throws: FormatError.self) { try read(column(codes)) }
    #expect(error!.description.contains("column 'x' has 1,100 categories of 5 rows and more"))
    #expect(error!.remedy == .skipFeature("x"))
    // New data may have any number of unseen levels.
    let records = try read(column((0..<40).map { "\($0 % 2 == 0 ? "a" : "b")" })).records
    let (preparation, _) = ClinicalModality().fit(records, rows: Array(0..<40), observed: nil)
    #expect(
      try ClinicalRecords.read(table(column(Array(codes.prefix(1000)))), as: preparation).records.count
        == 1000)
  }

  @Test func orderedCategoriesAndOverrides() throws {
    #expect(ColumnKind("ordered:low<high") == .ordered(["low", "high"]))
    for text in ["ordered:", "ordered:a", "ordered:a<a", "text", ""] { #expect(ColumnKind(text) == nil) }
    let (names, columns) = try features(
      column(["s", "xl", "m", "s", "xl"]), kinds: ["x": .ordered(["s", "m", "xl"])])
    #expect(names == ["x"] && columns[0][0] < columns[0][2] && columns[0][2] < columns[0][1])
    let error = #expect(throws: FormatError.self) {
      try read(column(["s", "l"]), kinds: ["x": .ordered(["s", "m"])])
    }
    #expect(error!.description == "clinic.csv:3:2: found 'l' in column 'x', expected one of s, m")
    let codes = try features(
      column((0..<20).map { "\($0 % 3 + 1)" }), kinds: ["x": .category])
    #expect(codes.names == ["x=1", "x=2", "x=3"])
  }

  @Test func aModelNamesTheColumnsThatNewDataLacks() throws {
    let records = try read("id,a,b\np,1,2\nq,2,3\nr,3,5\n").records
    let (preparation, encoded) = ClinicalModality().fit(records, rows: [0, 1, 2], observed: nil)
    let error = #expect(throws: JoinError.self) {
      try ClinicalRecords.read(table("id,a\np,1\n"), as: preparation)
    }
    #expect(error!.description.hasPrefix("clinic.csv: found no column b, which the model reads"))
    // Columns are found by name, whatever their order.
    let turned = try ClinicalRecords.read(table("b,id,a\n2,p,1\n3,q,2\n5,r,3\n"), as: preparation).records
    #expect(
      (preparation.encode(turned) as! EncodedRows).values.scalars
        == (encoded as! EncodedRows).values.scalars)
  }
}
