/// What stored numbers of a DICOM file stand for: a table or a slope and intercept, and a window for display.
struct DICOMMeaning {
  var slope = 1.0
  var intercept = 0.0
  /// The table of values that replaces slope and intercept, from the number `first` on.
  var table: (first: Int, values: [Float])?
  /// The centre and width of the first window.
  var window: (center: Double, width: Double)?
  private var isExact = false
  /// What cannot be used of the windows, which pixels do not need.
  var flaw: String?

  /// Reads the meaning from a data set, or from the functional groups of a frame.
  init(_ dataset: DICOMDataset) throws {
    try read(dataset)
    let isSigned = try dataset.integer(.pixelRepresentation, in: 0...1) == 1
    if let item = dataset.items(.modalityTable).first {
      table = try DICOMMeaning.table(item, isSigned: isSigned)
    }
    for group in dataset.items(.sharedGroups) { try read(groups: group) }
    if window == nil, let first = dataset.items(.frameGroups).first {
      var meaning = self
      try meaning.read(groups: first)
      window = meaning.window
    }
  }

  /// Returns the meanings of all frames that have functional groups; of a file without them its own.
  static func frames(of dataset: DICOMDataset) throws -> [DICOMMeaning] {
    let own = try DICOMMeaning(dataset), groups = dataset.items(.frameGroups)
    return groups.isEmpty ? [own] : try groups.map { try own.meaning(of: $0) }
  }

  /// Returns the meaning of a frame, for which its own functional groups count.
  func meaning(of frame: DICOMDataset) throws -> DICOMMeaning {
    var meaning = self
    try meaning.read(groups: frame)
    return meaning
  }

  private mutating func read(groups: DICOMDataset) throws {
    for item in groups.items(.valueTransformation) + groups.items(.frameWindows) { try read(item) }
  }

  private mutating func read(_ dataset: DICOMDataset) throws {
    if let slope = try dataset.number(.slope) { self.slope = slope }
    if let intercept = try dataset.number(.intercept) { self.intercept = intercept }
    do {
      if let center = try dataset.number(.windowCenter), let width = try dataset.number(.windowWidth),
        width > 0
      {
        window = (center, width)
        isExact = dataset.text(.windowFunction) == "LINEAR_EXACT"
      }
    } catch let error as FormatError { flaw = "the window is not used: \(error.message)" }
  }

  /// The interval of the window: from the centre minus half a unit, half of the width less one to either side
  /// (PS3.3, section C.11.2.1.2).
  var interval: ClosedRange<Double>? {
    window.map { center, width in
      if isExact || width < 1 { return center - width / 2...center + width / 2 }
      return center - 0.5 - (width - 1) / 2...center - 0.5 + (width - 1) / 2
    }
  }

  /// Reads a modality table.
  private static func table(_ item: DICOMDataset, isSigned: Bool) throws -> (first: Int, values: [Float]) {
    guard
      let (first, values) = try lookUpTable(
        item, descriptor: .tableDescriptor, data: .tableData, isSigned: isSigned)
    else {
      throw FormatError(
        .badData, path: item.path, "found no \(DICOMTag.tableData), expected the table of ModalityLUTSequence"
      )
    }
    return (first, values.map(Float.init))
  }

  /// Reads a table: its descriptor gives the number of entries (0 is 65,536), the first number that it maps, and
  /// the bits of an entry.
  static func lookUpTable(
    _ dataset: DICOMDataset, descriptor: DICOMTag, data: DICOMTag, isSigned: Bool
  ) throws -> (first: Int, values: [Int])? {
    guard let words = dataset.words(descriptor), let element = dataset[data] else { return nil }
    guard words.count == 3, words[2] == 8 || words[2] == 16 else {
      throw FormatError(
        .badData, path: dataset.path,
        "found \(words.count == 3 ? "\(words[2]) bits" : "\(words.count) numbers") in \(descriptor), expected 3 numbers, "
          + "the last 8 or 16")
    }
    let count = words[0] == 0 ? 65_536 : words[0]
    // Tables of 8 bits stand in bytes, or each entry in a word of its own.
    let isPacked = words[2] == 8 && element.value.count < 2 * count
    let bytes = dataset.fields.bytes[element.value]
    var values = isPacked ? bytes.map(Int.init) : dataset.words(data) ?? []
    if isPacked, dataset.fields.isBigEndian, element.code != "OB" {
      for i in stride(from: 0, to: values.count - 1, by: 2) { values.swapAt(i, i + 1) }
    }
    guard values.count >= count else {
      throw FormatError(
        .badData, path: dataset.path, "found \(values.count) entries in \(data), expected \(count)")
    }
    let first = isSigned && words[1] > 32_767 ? words[1] - 65_536 : words[1]
    return (first, Array(values.prefix(count)))
  }
}
