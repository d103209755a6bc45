import LigaseRuntime
import LigaseGenomics

/// A FASTA file, plain or BGZF, with random access to its regions.
///
/// ```swift
/// let genome = try IndexedFASTA(contentsOf: "genome.fa.gz")
/// let bases = try genome.sequence(of: Region("chr1:1,000-2,000")!)
/// ```
public final class IndexedFASTA {
  /// The sequences of the file.
  package let index: FASTAIndex
  /// Other names of its contigs for queries.
  package var aliases = ContigAliases()
  private let file: RandomAccess
  /// The entries of an existing index that have been checked against the file; nil for an index created from
  /// the file.
  private var checked: Set<String>?
  private var hasCheckedAll = false

  /// Opens `path` with `path.fai`, or with an index created by reading the file if there is none.
  ///
  /// An index of another version of the file throws, here or when a sequence is read.
  public init(contentsOf path: String, threads: Int = 1) throws {
    file = try RandomAccess(contentsOf: path)
    if access(path + ".fai", R_OK) == 0 {
      index = try FASTAIndex(contentsOf: path + ".fai")
      checked = []
      try checkEnd()
    } else {
      index = try FASTAIndex(indexing: path, threads: threads)
    }
  }

  /// The size of the file's content.
  var size: Int { file.size }

  /// Returns bytes of the file's content.
  func bytes(_ range: Range<Int>) throws -> [UInt8] { try file.read(range) }

  /// The file as the user named it.
  package var path: String { file.path }

  /// Returns the sequence of this name or of an alias; throws if there is none.
  package func entry(of contig: String) throws -> FASTAIndex.Entry {
    let isKnown = { self.index[$0] != nil }
    if let name = aliases.resolve(contig, among: isKnown), let entry = index[name] { return entry }
    let other = ContigAliases(rule: .automatic).resolve(contig, among: isKnown)
    // If an index of an older version lacks it, the index is the problem.
    if checked != nil, !hasCheckedAll {
      hasCheckedAll = true
      for number in index.entries.indices.prefix(10_000) { try checkEntry(number) }
    }
    throw FormatError(
      .badData, path: path,
      "found no sequence \(FormatError.quoted(contig)), expected one of: "
        + FormatError.list(index.entries.map(\.name)), remedy: other.map { .useContigAliases($0) })
  }

  /// Returns the residues of a region; an unknown contig and a region beyond its contig throw.
  public func sequence(of region: Region) throws -> [UInt8] {
    let entry = try entry(of: region.contig)
    let end = region.end ?? max(entry.length, region.start - 1)
    guard end <= entry.length, region.start <= entry.length + 1 else {
      throw FormatError(
        .badData, path: path,
        "found region \(region) beyond the end of \(FormatError.quoted(entry.name)), which has \(entry.length) residues"
      )
    }
    return try residues(of: entry, region.start - 1..<end)
  }

  /// Returns the residues of `range`, counted from 0, of one sequence.
  package func residues(of entry: FASTAIndex.Entry, _ range: Range<Int>) throws -> [UInt8] {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= entry.length, "IndexedFASTA: \(range) of \(entry.length)")
    if range.isEmpty { return [] }
    if checked?.insert(entry.name).inserted == true, let number = index.number(of: entry.name) {
      try checkEntry(number)
    }
    let first = entry.offset(ofResidue: range.lowerBound)
    let last = entry.offset(ofResidue: range.upperBound - 1)
    let text = try file.read(first..<last + 1)
    var residues: [UInt8] = []
    residues.reserveCapacity(range.count)
    text.withUnsafeBufferPointer { _ = Blanks.append($0, to: &residues) }
    guard residues.count == range.count, !residues.contains(0x3E) else {
      throw FormatError(
        .badData, path: path, offset: first,
        "found \(residues.count) residues of \(FormatError.quoted(entry.name)) where the index promises \(range.count): "
          + "the index is of another file", remedy: .rebuildIndex)
    }
    return residues
  }
}
