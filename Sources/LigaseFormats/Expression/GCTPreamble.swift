/// The first two lines of a GCT file (Broad Institute, GenePattern), 1.2 or 1.3:
///
///     #1.2                                      #1.3
///     rows TAB samples                          rows TAB samples TAB row metadata TAB sample metadata
///
/// They are followed by the header (`NAME`, `Description`, samples) and one row per gene; in 1.3 the columns
/// of row metadata follow the name, and the rows of sample metadata follow the header.
struct GCTPreamble {
  var rows: Int
  var columns: Int
  /// The number of columns between the name and the values.
  var rowMetadata: Int
  /// The number of rows between the header and the values.
  var columnMetadata: Int
  /// The byte after the two lines.
  var end: Int

  /// Returns nil for a text that does not begin like GCT.
  init?(_ chunk: TextChunk, path: String) throws {
    let text = UnsafeBufferPointer(start: UnsafePointer(chunk.base), count: chunk.end)
    let version = text.starts(with: "#1.2".utf8) ? 2 : text.starts(with: "#1.3".utf8) ? 3 : 0
    guard version > 0, let first = text.firstIndex(of: 0x0A) else { return nil }
    let second = text[(first + 1)...].firstIndex(of: 0x0A) ?? text.endIndex
    let line = text[min(first + 1, second)..<second]
    let numbers = line.split { $0 == 0x09 || $0 == 0x0D || $0 == 0x20 }.map {
      Int(String(decoding: $0, as: UTF8.self))
    }
    let counts = numbers.compactMap { $0 }
    guard counts.count == numbers.count, counts.count >= (version == 2 ? 2 : 4),
      counts.allSatisfy({ 0...Int(Int32.max) ~= $0 }), second < text.endIndex
    else {
      throw FormatError(
        .badData, path: path, line: 2,
        "found \(FormatError.quoted(line)), expected the numbers of rows and samples of a GCT file")
    }
    (rows, columns) = (counts[0], counts[1])
    (rowMetadata, columnMetadata) = version == 2 ? (1, 0) : (counts[2], counts[3])
    end = second + 1
  }
}
