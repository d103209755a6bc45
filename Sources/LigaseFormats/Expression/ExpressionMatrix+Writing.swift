import LigaseRuntime

extension ExpressionMatrix {
  /// Writes the matrix as strict TSV with one row per sample: the column of names, then one column per gene.
  ///
  /// Values are the shortest decimals that read back as the same Float32. Several threads format the text;
  /// the output does not depend on their number.
  public func writeTSV(to output: OutputFile, threads: Int = 1) throws {
    try writeTSV(to: output, rows: samples.indices, threads: threads)
  }

  /// Writes the header and some of the samples.
  package func writeTSV(to output: OutputFile, rows chosen: Range<Int>, threads: Int) throws {
    var header: [UInt8] = []
    for (i, name) in ([sampleColumn] + genes).enumerated() {
      if i > 0 { header.append(0x09) }
      header += try ExpressionMatrix.field(name, path: output.path)
    }
    header.append(0x0A)
    try output.writeHeader(header)
    let names = try samples.map { try ExpressionMatrix.field($0, path: output.path) }
    // About a megabyte of text for each thread in one round.
    let rows = max(1, 100_000 / max(1, genes.count))
    var first = chosen.lowerBound
    while first < chosen.upperBound {
      let parts = (0..<max(1, threads)).map { part -> Range<Int> in
        let start = min(chosen.upperBound, first + part * rows)
        return start..<min(chosen.upperBound, start + rows)
      }
      let texts = RowTexts(parts.count)
      ThreadTeam.current.forEach(parts.count, threads: threads) { texts[$0] = text(ofRows: parts[$0], names) }
      for part in parts.indices { try output.write(texts[part]) }
      first = parts.last!.upperBound
    }
  }

  /// The text of each part, written by one thread each.
  private final class RowTexts: @unchecked Sendable {
    private let slots: UnsafeMutablePointer<[UInt8]>
    private let count: Int

    init(_ count: Int) {
      self.count = count
      slots = .allocate(capacity: count)
      slots.initialize(repeating: [], count: count)
    }

    deinit {
      slots.deinitialize(count: count)
      slots.deallocate()
    }

    subscript(part: Int) -> [UInt8] {
      get { slots[part] }
      set { slots[part] = newValue }
    }
  }

  private func text(ofRows rows: Range<Int>, _ names: [[UInt8]]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(rows.count * (genes.count * 12 + 32))
    for sample in rows {
      text += names[sample]
      for value in values(ofSample: sample) {
        text.append(0x09)
        if value.isFinite { DecimalText.append(value, to: &text) }
      }
      text.append(0x0A)
    }
    return text
  }

  private static func field(_ name: String, path: String) throws -> [UInt8] {
    let bytes = Array(name.utf8)
    if bytes.contains(where: { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }) {
      throw FormatError(
        .badData, path: path == "-" ? "standard output" : path,
        "found a tab or line break inside \(FormatError.quoted(name)), which is not allowed in tab-separated text"
      )
    }
    return bytes
  }
}
