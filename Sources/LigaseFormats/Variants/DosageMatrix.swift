/// Allele counts of samples × variants from the genotypes of a VCF file: one byte each, missing as -1.
///
/// A variant is one alternate allele: a site with several has one column for each, with the number of copies
/// of that allele. A genotype with any missing allele is missing; haploid calls count 0 or 1, and polyploid
/// ones up to the ploidy. A site without alternates has no column.
package struct DosageMatrix: Sendable {
  /// A column: one alternate allele of one site.
  package struct Variant: Hashable, Sendable {
    /// The contig's name.
    package var contig: String
    /// The position of the first reference base, counted from 1.
    package var position: Int
    /// The first identifier, nil if there is none.
    package var id: String?
    /// The reference allele.
    package var reference: String
    /// The alternate allele that is counted.
    package var alternate: String
    /// Whether the two alleles of the record are exchanged: the reference allele of the file is counted.
    package var isExchanged = false

    /// The key, `contig:position:reference:alternate`.
    package var key: String { "\(contig):\(position):\(reference):\(alternate)" }
  }

  /// The samples, in the order of the rows.
  package let samples: [String]
  /// The variants, in the order of the columns.
  package let variants: [Variant]
  /// The line number of each variant's record; 0 where there are no line numbers.
  package let lines: [Int]
  /// The counts, row-major `[samples, variants]`; -1 is missing.
  package let values: [Int8]
  /// Warnings about malformed input, one for each class.
  package let warnings: [VCF.Warning]

  /// Returns the count of one variant in one sample, nil if it is missing.
  package subscript(sample: Int, variant: Int) -> Int? {
    let value = values[sample * variants.count + variant]
    return value < 0 ? nil : Int(value)
  }

  /// The records at sites that were not requested.
  package let skipped: SkippedSites

  /// Reads the genotypes of `path`; `-` or nil is standard input. The result does not depend on `threads`.
  package init(contentsOf path: String?, withExchangedAlleles: Bool = false, threads: Int = 1) throws {
    try self.init(
      DosageStream(contentsOf: path, withExchangedAlleles: withExchangedAlleles, threads: threads))
  }

  /// Reads the content of a stream.
  ///
  /// - Parameter rows: the indices of the samples to keep; nil keeps all.
  package init(_ stream: DosageStream, keeping rows: [Int]? = nil) throws {
    let all = stream.header.samples
    let kept = rows ?? Array(all.indices)
    samples = kept.map { all[$0] }
    var tiles: [DosageTile] = []
    try stream.forEachTile { tile in if !tile.variants.isEmpty { tiles.append(tile) } }
    (warnings, skipped) = (stream.warnings, stream.skipped)
    let (rows, columns) = (kept.count, tiles.reduce(0) { $0 + $1.variants.count })
    variants = tiles.flatMap(\.variants)
    lines = tiles.flatMap(\.lines)
    if columns == 0 {
      values = []
      return
    }
    values = [Int8](unsafeUninitializedCapacity: rows * columns) { target, count in
      count = rows * columns
      var first = 0
      // Each tile is released after it is transposed, so that hardly more than one matrix is in memory.
      for i in tiles.indices {
        let width = tiles[i].variants.count
        if let source = tiles[i].values?.base {
          for start in stride(from: 0, to: rows, by: 64) {
            for variant in 0..<width {
              for sample in start..<min(rows, start + 64) {
                target[sample &* columns &+ first &+ variant] = source[variant &* all.count &+ kept[sample]]
              }
            }
          }
        }
        first += width
        tiles[i].values = nil
      }
    }
  }

  /// Writes the matrix as strict TSV, one row per sample: `sample`, then one column per variant, named by its
  /// key; a repeated key gets the suffix `:2`, `:3`, ….
  ///
  /// - Returns: the names that were changed.
  @discardableResult
  package func writeTSV(to output: OutputFile, samples chosen: Range<Int>? = nil) throws -> RepeatedNames {
    let names = RepeatedNames(variants.map(\.key), reserved: ["sample"], areDistinct: areVariantsDistinct)
    try output.writeHeader(Array(((["sample"] + names.unique).joined(separator: "\t") + "\n").utf8))
    var row: [UInt8] = []
    for (i, sample) in samples.enumerated() where chosen?.contains(i) ?? true {
      row.removeAll(keepingCapacity: true)
      row.append(contentsOf: sample.utf8)
      values[i * variants.count..<(i + 1) * variants.count].withUnsafeBufferPointer {
        DosageTile.append($0, to: &row)
      }
      row.append(0x0A)
      try output.write(row)
    }
    return names
  }
}

extension DosageMatrix {
  /// Whether all keys are known to be distinct: in a sorted file only variants of one position can have equal
  /// keys.
  private var areVariantsDistinct: Bool {
    variants.withUnsafeBufferPointer { variants in
      var contigs: Set<String> = []
      // The first variant of the current position.
      var first = 0
      for index in variants.indices {
        // A colon in the parts of a key makes it ambiguous.
        if variants[index].reference.utf8.contains(0x3A) { return false }
        if index == 0 || variants[index].contig != variants[index - 1].contig {
          let contig = variants[index].contig
          if contig.utf8.contains(0x3A) || !contigs.insert(contig).inserted { return false }
          first = index
        } else if variants[index].position != variants[first].position {
          if variants[index].position < variants[first].position { return false }
          first = index
        }
        if index - first > 100 { return false }
        for other in first..<index
        where variants[other].alternate == variants[index].alternate
          && variants[other].reference == variants[index].reference
        {
          return false
        }
      }
      return true
    }
  }
}

/// Some consecutive variants of a file and their counts, `[variants, samples]`.
struct DosageTile: Sendable {
  var variants: [DosageMatrix.Variant] = []
  /// The line number of each variant.
  var lines: [Int] = []
  var values: PageMemory?
  /// Warnings about malformed input.
  var warnings: [VCF.Warning] = []
  /// The records at sites that were not requested.
  var skipped = SkippedSites()
  /// The number of records with alternate alleles and GT.
  var recordsWithGenotypes = 0
  /// The number of records without GT, the line number of the first one, and their other keys.
  var recordsWithoutGenotypes = (count: 0, line: 0)
  var keysWithoutGenotypes: Set<String> = []

  /// Counts a record without GT but with other keys.
  mutating func addWithoutGenotypes(_ keys: [String], _ line: Int) {
    if recordsWithoutGenotypes.count == 0 { recordsWithoutGenotypes.line = line }
    recordsWithoutGenotypes.count += 1
    if keysWithoutGenotypes.count < 100 { keysWithoutGenotypes.formUnion(keys) }
  }

  /// Appends a tab and the count for each value, or only the tab if it is missing.
  static func append(_ values: UnsafeBufferPointer<Int8>, to row: inout [UInt8]) {
    // A tab and up to three digits each, in pieces that fit in the cache.
    var first = 0
    while first < values.count {
      let part = UnsafeBufferPointer(rebasing: values[first..<min(values.count, first + 4096)])
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4 * part.count) { text in
        var to = 0
        for value in part {
          text[to] = 0x09
          if value >= 100 {
            text[to &+ 1] = 0x31
            text[to &+ 2] = 0x30 &+ UInt8(value) / 10 % 10
            text[to &+ 3] = 0x30 &+ UInt8(value) % 10
            to &+= 4
          } else if value >= 10 {
            text[to &+ 1] = 0x30 &+ UInt8(value) / 10
            text[to &+ 2] = 0x30 &+ UInt8(value) % 10
            to &+= 3
          } else {
            text[to &+ 1] = 0x30 &+ UInt8(truncatingIfNeeded: value)
            to &+= value < 0 ? 1 : 2
          }
        }
        row.append(contentsOf: UnsafeBufferPointer(rebasing: text[..<to]))
      }
      first += part.count
    }
  }
}
