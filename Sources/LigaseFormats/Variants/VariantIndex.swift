/// The index of a BGZF-compressed VCF or BCF file, with the chunks of the file that contain the records of a
/// region: `.tbi` (tabix) or `.csi` (hts-specs: tabix, CSIv1).
///
///     tbi = "TBI\1" n_ref:int32 header
///           { n_bin:int32 { bin:uint32 n_chunk:int32 { begin:uint64 end:uint64 } }
///           n_intv:int32 { offset:uint64 } } [ n_no_coor:uint64 ]
///     csi = "CSI\1" min_shift:int32 depth:int32 l_aux:int32 aux n_ref:int32
///           { n_bin:int32 { bin:uint32 loffset:uint64 n_chunk:int32 { begin:uint64 end:uint64 } } }
///           [ n_no_coor ]
///     header = format:int32 col_seq:int32 col_beg:int32 col_end:int32 meta:int32 skip:int32 l_nm:int32 names
///
/// All numbers are little endian, and the file is compressed as BGZF; begin, end and offset are virtual
/// offsets. The index of BCF is CSI without `aux`: contigs have the numbers of the file's header.
package struct VariantIndex: Equatable, Sendable {
  /// A part of the file between two virtual offsets.
  struct Chunk: Equatable, Sendable {
    var begin: UInt64
    var end: UInt64
  }

  /// The records of one bin.
  struct Bin: Equatable, Sendable {
    /// The offset of the first record that overlaps the bin's start or is after it (CSI).
    var firstOffset: UInt64 = 0
    var chunks: [Chunk] = []
  }

  /// The index of one contig.
  struct Contig: Equatable, Sendable {
    var name: String
    var bins: [Int: Bin] = [:]
    /// The offset of the first record that overlaps each window of 16 kb (TBI).
    var windows: [UInt64] = []
  }

  /// The two formats.
  package enum Format: String, CaseIterable, Sendable {
    /// tabix; contigs up to 2^29.
    case tbi
    /// CSI; contigs of any length.
    case csi
  }

  /// The format of the index.
  package internal(set) var format: Format
  var scheme: BinningScheme
  var indexed: [Contig] = []
  /// The columns and characters in the header of the index; none for BCF.
  var columns: [Int32] = VariantIndex.columnsOfVCF

  /// Format VCF, contig in column 1, position in column 2, no end, comments begin with `#`, no line skipped.
  static let columnsOfVCF: [Int32] = [2, 1, 2, 0, 0x23, 0]

  init(format: Format, scheme: BinningScheme) {
    self.format = format
    self.scheme = scheme
  }

  /// The contigs with records, in the order of the file.
  package var contigs: [String] { indexed.map(\.name) }

  /// Returns the number of records of a contig, nil where the index does not contain it.
  package func recordCount(of contig: String) -> Int? {
    guard let contig = indexed.first(where: { $0.name == contig }),
      let counts = contig.bins[scheme.countsBin], counts.chunks.count == 2
    else { return nil }
    return Int(exactly: counts.chunks[1].begin)
  }

  /// Returns the chunks of the file that contain all records which overlap `range` of a contig, with
  /// positions counted from 0; in order and without overlap.
  func chunks(of contig: String, overlapping range: Range<Int>) -> [Chunk] {
    guard let contig = indexed.first(where: { $0.name == contig }), range.lowerBound < scheme.span else {
      return []
    }
    let first = firstOffset(in: contig, of: range.lowerBound)
    var found: [Chunk] = []
    for numbers in scheme.bins(overlapping: range) {
      if numbers.count <= contig.bins.count {
        for number in numbers { found += contig.bins[number]?.chunks ?? [] }
      } else {
        for (number, bin) in contig.bins where numbers.contains(number) { found += bin.chunks }
      }
    }
    found.removeAll { $0.end <= first }
    found.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    var merged: [Chunk] = []
    for chunk in found {
      if let last = merged.last, chunk.begin <= last.end {
        merged[merged.count - 1].end = max(last.end, chunk.end)
      } else {
        merged.append(chunk)
      }
    }
    return merged
  }

  /// Returns an offset before which no record overlaps a position or a later one.
  private func firstOffset(in contig: Contig, of position: Int) -> UInt64 {
    if format == .tbi {
      if contig.windows.isEmpty { return 0 }
      return contig.windows[min(position >> scheme.minimumShift, contig.windows.count - 1)]
    }
    var bin = scheme.firstBin(ofLevel: scheme.depth) + position >> scheme.minimumShift
    while bin > 0 {
      if let found = contig.bins[bin] { return found.firstOffset }
      bin = bin > scheme.parent(of: bin) * 8 + 1 ? bin - 1 : scheme.parent(of: bin)
    }
    return contig.bins[0]?.firstOffset ?? 0
  }
}
