import LigaseRuntime

/// A decoder of lossless JPEG: process 14 of ITU-T T.81, annex H, which libjpeg does not decode.
///
/// A sample is predicted from its neighbours to the left (a), above (b) and above left (c) by one of seven
/// predictors. The Huffman-coded difference is added modulo 2^16. Samples have 2 to 16 bits, 1 to 4 channels, in one
/// scan or in scans of their own.
package struct JPEGLossless {
  package let width: Int
  package let height: Int
  package let channels: Int
  package let precision: Int
  private let identifiers: [UInt8]
  private let bytes: [UInt8]
  private let path: String
  /// The byte after the frame header.
  private let start: Int

  /// Reads the headers up to the one of the frame.
  package init(_ bytes: [UInt8], path: String) throws {
    (self.bytes, self.path) = (bytes, path)
    var markers = Markers(bytes: bytes, path: path)
    guard bytes.starts(with: [0xFF, 0xD8]) else { throw markers.bad("found no JPEG stream, expected FF D8") }
    while true {
      let (marker, body) = try markers.next()
      switch marker {
      case 0xC3:
        let count = body.count > 5 ? Int(body[body.startIndex + 5]) : 0
        guard body.count >= 6 + 3 * count, 1...4 ~= count else {
          throw markers.bad("found a frame header of \(count) channels, expected 1 to 4")
        }
        let fields = Array(body)
        precision = Int(fields[0])
        height = Int(fields[1]) << 8 | Int(fields[2])
        width = Int(fields[3]) << 8 | Int(fields[4])
        channels = count
        identifiers = (0..<count).map { fields[6 + 3 * $0] }
        let isSampled = count > 1 && (0..<count).contains { fields[7 + 3 * $0] != fields[7] }
        guard 2...16 ~= precision, width > 0, height > 0, !isSampled, Set(identifiers).count == count else {
          throw markers.bad(
            isSampled
              ? "found channels of unequal size, expected equal ones"
              : "found \(width) x \(height) samples of \(precision) bits, expected at least 1 x 1 of 2 to 16")
        }
        start = markers.at
        return
      case 0xC0, 0xC1, 0xC2, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
        throw markers.bad(
          "found the JPEG process of the marker FF\(String(marker, radix: 16, uppercase: true)), expected lossless (FFC3)"
        )
      case 0xD9, 0xDA: throw markers.bad("found no frame header before the pixels")
      default: continue
      }
    }
  }

  /// Decodes the samples, those of a pixel together.
  package func decode() throws -> [Int32] {
    let count = try ImageSize.count([height, width, channels], path: path)
    // A sample takes at least one bit.
    guard count / 8 <= bytes.count else {
      throw FormatError(
        .inputOutput, path: path,
        "truncated: found \(bytes.count.counted("byte")) for \(count.counted("sample")) of lossless JPEG")
    }
    var samples = [Int32](repeating: 0, count: count)
    var markers = Markers(bytes: bytes, path: path, at: start)
    var tables: [Int: HuffmanTable] = [:]
    // Tables may stand before the frame header.
    var early = Markers(bytes: bytes, path: path)
    while early.at < start {
      let (marker, body) = try early.next()
      if marker == 0xC4 { try HuffmanTable.read(body, into: &tables, markers: early) }
      if marker == 0xDD { markers.restartInterval = try early.interval(body) }
    }
    var missing = Set(0..<channels)
    while !missing.isEmpty {
      let (marker, body) = try markers.next()
      switch marker {
      case 0xC4: try HuffmanTable.read(body, into: &tables, markers: markers)
      case 0xDD: markers.restartInterval = try markers.interval(body)
      case 0xDA:
        let scan = try Scan(body, channels: identifiers, tables: tables, markers: markers)
        guard scan.channels.allSatisfy(missing.contains) else {
          throw markers.bad("found a channel in two scans")
        }
        try decode(scan, &markers, into: &samples)
        missing.subtract(scan.channels)
      case 0xD9: throw markers.truncated()
      case 0xDC:
        throw markers.bad("found a number of lines after the pixels (DNL), expected it in the frame header")
      default: continue
      }
    }
    // Bits that pad the last byte stand for numbers, too: only the end says that the stream is whole.
    while try markers.next().marker != 0xD9 {}
    return samples
  }

  /// Decodes one scan.
  private func decode(_ scan: Scan, _ markers: inout Markers, into samples: inout [Int32]) throws {
    let interval = markers.restartInterval
    guard interval % width == 0 else {
      throw markers.bad("found a restart interval of \(interval) samples, expected whole lines of \(width)")
    }
    guard scan.transform < precision else {
      throw markers.bad("found a point transform of \(scan.transform) bits, expected fewer than \(precision)")
    }
    let lines = interval == 0 ? height : interval / width
    var reader = BitReader(bytes: bytes, at: markers.at)
    let initial = Int32(1) << Int32(precision - scan.transform - 1)
    let stride = width * channels
    for y in 0..<height {
      let isFirst = y % lines == 0
      if isFirst, y > 0, !reader.restart() {
        throw markers.bad("found no restart marker before line \(y)")
      }
      for x in 0..<width {
        for (i, channel) in scan.channels.enumerated() {
          let at = y * stride + x * channels + channel
          var predicted: Int32
          if isFirst {
            predicted = x == 0 ? initial : samples[at - channels]
          } else if x == 0 {
            predicted = samples[at - stride]
          } else {
            predicted = scan.predict(
              samples[at - channels], samples[at - stride], samples[at - stride - channels])
          }
          guard let difference = reader.difference(scan.tables[i]) else {
            throw reader.isAtEnd
              ? markers.truncated() : markers.bad("found a code that is not in its Huffman table")
          }
          predicted = (predicted + difference) & 0xFFFF
          samples[at] = predicted
        }
      }
    }
    if scan.transform > 0 {
      for channel in scan.channels {
        for at in Swift.stride(from: channel, to: samples.count, by: channels) {
          samples[at] = samples[at] << Int32(scan.transform) & 0xFFFF
        }
      }
    }
    markers.at = reader.at
  }

  /// The header of a scan.
  private struct Scan {
    let channels: [Int]
    let tables: [HuffmanTable]
    let predictor: Int
    let transform: Int

    init(
      _ body: ArraySlice<UInt8>, channels identifiers: [UInt8], tables known: [Int: HuffmanTable],
      markers: Markers
    ) throws {
      let fields = Array(body)
      let count = fields.first.map(Int.init) ?? 0
      guard count >= 1, count <= identifiers.count, fields.count >= 4 + 2 * count else {
        throw markers.bad("found a scan of \(count) channels, expected 1 to \(identifiers.count)")
      }
      var (channels, tables): ([Int], [HuffmanTable]) = ([], [])
      for i in 0..<count {
        guard let channel = identifiers.firstIndex(of: fields[1 + 2 * i]), !channels.contains(channel) else {
          throw markers.bad(
            "found the channel \(fields[1 + 2 * i]) in a scan, expected each of the frame once")
        }
        guard let table = known[Int(fields[2 + 2 * i] >> 4)] else {
          throw markers.bad("found no Huffman table \(fields[2 + 2 * i] >> 4)")
        }
        channels.append(channel)
        tables.append(table)
      }
      (self.channels, self.tables) = (channels, tables)
      predictor = Int(fields[1 + 2 * count])
      transform = Int(fields[3 + 2 * count] & 15)
      guard 1...7 ~= predictor else { throw markers.bad("found the predictor \(predictor), expected 1 to 7") }
    }

    /// Returns the prediction from the neighbours to the left, above and above left (table H.1).
    func predict(_ a: Int32, _ b: Int32, _ c: Int32) -> Int32 {
      switch predictor {
      case 1: a
      case 2: b
      case 3: c
      case 4: a + b - c
      case 5: a + (b - c) >> 1
      case 6: b + (a - c) >> 1
      default: (a + b) >> 1
      }
    }
  }
}

extension JPEGLossless {
  /// The marker segments of a stream.
  struct Markers {
    let bytes: [UInt8]
    let path: String
    var at = 2
    var restartInterval = 0

    /// Returns the next marker and the bytes of its segment, which is skipped.
    mutating func next() throws -> (marker: UInt8, body: ArraySlice<UInt8>) {
      while at < bytes.count, bytes[at] != 0xFF { at += 1 }
      while at < bytes.count, bytes[at] == 0xFF { at += 1 }
      guard at < bytes.count else { throw truncated() }
      let marker = bytes[at]
      at += 1
      if marker == 0 || marker == 1 || 0xD0...0xD9 ~= marker { return (marker, []) }
      guard at + 2 <= bytes.count else { throw truncated() }
      let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
      guard length >= 2 else { throw bad("found a JPEG segment of \(length) bytes, expected at least 2") }
      guard at + length <= bytes.count else { throw truncated() }
      defer { at += length }
      return (marker, bytes[at + 2..<at + length])
    }

    func interval(_ body: ArraySlice<UInt8>) throws -> Int {
      let fields = Array(body)
      guard fields.count == 2 else {
        throw bad("found a restart interval of \(fields.count) bytes, expected 2")
      }
      return Int(fields[0]) << 8 | Int(fields[1])
    }

    func truncated() -> FormatError {
      FormatError(.inputOutput, path: path, "truncated: the lossless JPEG stream ends within its pixels")
    }

    func bad(_ message: String) -> FormatError {
      FormatError(.badData, path: path, "corrupt lossless JPEG: \(message)")
    }
  }

  /// The codes of a Huffman table (annex C): codes of one length follow each other.
  struct HuffmanTable {
    /// The first code, the number of codes and the index of the first symbol, of each length from 1 to 16.
    private var lengths: [(first: Int, count: Int, index: Int)] = []
    private var symbols: [UInt8] = []

    /// Reads the tables of a segment.
    static func read(_ body: ArraySlice<UInt8>, into tables: inout [Int: HuffmanTable], markers: Markers)
      throws
    {
      var rest = body
      while !rest.isEmpty {
        guard rest.count >= 17 else {
          throw markers.bad("found a Huffman table of \(rest.count) bytes, expected 17 and more")
        }
        let number = Int(rest.removeFirst())
        let counts = rest.prefix(16).map(Int.init)
        rest = rest.dropFirst(16)
        let total = counts.reduce(0, +)
        guard total <= rest.count, total <= 256, number < 4 else {
          throw markers.bad(
            "found the Huffman table \(number) of \(total) codes, expected a table from 0 to 3 within its segment"
          )
        }
        var table = HuffmanTable()
        table.symbols = Array(rest.prefix(total))
        rest = rest.dropFirst(total)
        var (code, index) = (0, 0)
        for (length, count) in counts.enumerated() {
          guard code + count <= 1 << (length + 1) else {
            throw markers.bad("found too many codes of \(length + 1) bits")
          }
          table.lengths.append((code, count, index))
          (code, index) = ((code + count) << 1, index + count)
        }
        guard table.symbols.allSatisfy({ $0 <= 16 }) else {
          throw markers.bad("found differences of more than 16 bits in a Huffman table")
        }
        tables[number] = table
      }
    }

    /// Returns the symbol that begins 16 bits, and the length of its code.
    func symbol(_ bits: Int) -> (value: Int, length: Int)? {
      for (i, entry) in lengths.enumerated() {
        let code = bits >> (15 - i) - entry.first
        if code < entry.count { return code >= 0 ? (Int(symbols[entry.index + code]), i + 1) : nil }
      }
      return nil
    }
  }

  /// The bits of entropy-coded data; FF 00 is the byte FF, and FF before another byte is a marker.
  struct BitReader {
    let bytes: [UInt8]
    var at: Int
    private var window = 0
    private var count = 0
    /// The number of bits that were read after the end.
    private var lacking = 0

    init(bytes: [UInt8], at: Int) { (self.bytes, self.at) = (bytes, at) }

    /// Whether more bits were read than there are.
    var isAtEnd: Bool { lacking > count }

    private mutating func fill() {
      while count <= 40 {
        var byte = 0
        if at < bytes.count, bytes[at] != 0xFF {
          byte = Int(bytes[at])
          at += 1
        } else if at + 1 < bytes.count, bytes[at + 1] == 0 {
          byte = 0xFF
          at += 2
        } else {
          lacking += 8
        }
        window = (window << 8 | byte) & 0xFFFF_FFFF_FFFF
        count += 8
      }
    }

    /// Returns the next difference (section H.1.2.2); nil for a code that is not in the table, or at the end.
    mutating func difference(_ table: HuffmanTable) -> Int32? {
      if count < 32 { fill() }
      guard let (size, length) = table.symbol(window >> (count - 16) & 0xFFFF) else { return nil }
      count -= length
      if size == 16 { return isAtEnd ? nil : 32_768 }
      guard size > 0 else { return isAtEnd ? nil : 0 }
      count -= size
      let bits = window >> count & (1 << size - 1)
      if isAtEnd { return nil }
      return Int32(bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits)
    }

    /// Skips to the bits after a restart marker; returns false where there is none.
    mutating func restart() -> Bool {
      // Bytes that were read ahead of the marker pad the last byte only.
      guard at + 1 < bytes.count, bytes[at] == 0xFF, 0xD0...0xD7 ~= bytes[at + 1] else { return false }
      at += 2
      (window, count, lacking) = (0, 0, 0)
      return true
    }
  }
}
