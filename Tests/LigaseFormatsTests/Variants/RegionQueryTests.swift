import LigaseFormats
import LigaseGenomics
import TestSupport
import Testing

/// Regions whose contigs have names that end in `:digits`.
@Suite struct RegionQueryTests {
  private let folder = TemporaryFolder()
  private let contigs = ["HLA-A*01:01:01", "HLA-A*01:01:01:01", "HLA-B:1", "chr1", "x:y"]

  private func file(_ name: String, declaring declared: [String]) throws -> String {
    let path = folder.file(name)
    let writer = try VCF.Writer(
      to: path, header: VCF.Header(contigs: declared.map { .init(id: $0, length: 900) }, samples: ["a"]),
      overwrite: true)
    for contig in contigs {
      for position in [1, 5, 9] {
        try writer.write(VCF.Record("\(contig)\t\(position)\t\(contig)@\(position)\tA\tC\t.\t.\t.\tGT\t0/1"))
      }
    }
    try writer.close()
    return path
  }

  private func found(_ path: String, _ texts: [String], aliases: ContigAliases = .init()) throws -> (
    ids: [String], missing: [String]
  ) {
    let reader = try VCF.RegionReader(contentsOf: path, query: RegionQuery(texts), aliases: aliases)
    var ids: [String] = []
    while let record = try reader.next() { ids += record.ids }
    let matrix = try DosageMatrix(DosageStream(contentsOf: path, query: RegionQuery(texts), aliases: aliases))
    #expect(matrix.variants.compactMap(\.id) == ids)
    return (ids, reader.mismatch.names)
  }

  @Test func namesThatEndInDigits() throws {
    let plain = try file("p.vcf", declaring: contigs)
    let packed = try file("i.vcf.gz", declaring: [])
    let index = try OutputFile(packed + ".tbi", compression: .bgzf)
    try VariantIndex(indexing: packed).write(to: index)
    try index.close()
    for path in [plain, packed] {
      for (texts, expected) in [
        (["HLA-A*01:01:01:01"], ["HLA-A*01:01:01:01@1", "HLA-A*01:01:01:01@5", "HLA-A*01:01:01:01@9"]),
        (["HLA-A*01:01:01:01:5"], ["HLA-A*01:01:01:01@5"]),
        (["HLA-A*01:01:01:01:4-9"], ["HLA-A*01:01:01:01@5", "HLA-A*01:01:01:01@9"]),
        (["HLA-A*01:01:01:5-9"], ["HLA-A*01:01:01@5", "HLA-A*01:01:01@9"]),
        (["{HLA-A*01:01:01}:1"], ["HLA-A*01:01:01@1"]),
        (["HLA-B:1", "chr1:9"], ["HLA-B:1@1", "HLA-B:1@5", "HLA-B:1@9", "chr1@9"]),
        (["HLA-B:1:1-1"], ["HLA-B:1@1"]),
        (["x:y"], ["x:y@1", "x:y@5", "x:y@9"]), (["x:y:9"], ["x:y@9"]), (["chr1:5"], ["chr1@5"]),
      ] {
        let (ids, missing) = try found(path, texts)
        #expect(ids == expected && missing == [], "\(texts) \(path)")
      }
      #expect(try found(path, ["HLA-C:1"]).missing == ["HLA-C"])
      #expect(try found(path, ["1:5"], aliases: .init(rule: .automatic)).ids == ["chr1@5"])
      #expect(throws: RegionQuery.SyntaxError(text: "a:b")) { try found(path, ["a:b"]) }
    }
  }

  /// Without an index and without declarations both interpretations are used, and a region is only reported
  /// if neither is found.
  @Test func streamsWithoutContigs() throws {
    let path = try file("s.vcf", declaring: [])
    #expect(try found(path, ["HLA-B:1"]).ids == ["HLA-B:1@1", "HLA-B:1@5", "HLA-B:1@9"])
    #expect(try found(path, ["HLA-B:1"]).missing == [])
    #expect(try found(path, ["chr1:5"]).ids == ["chr1@5"])
    #expect(try found(path, ["chr1:5"]).missing == [])
    #expect(try found(path, ["chr2:5"]).missing == ["chr2"])
    // Some contigs declared, others not.
    let partly = try file("d.vcf", declaring: ["chr1"])
    #expect(try found(partly, ["HLA-B:1"]).ids == ["HLA-B:1@1", "HLA-B:1@5", "HLA-B:1@9"])
    #expect(try found(partly, ["chr1:5"]).ids == ["chr1@5"])
  }
}
