/// The order in which values for each genotype stand (VCF 4.5, section 1.6.2): of the genotypes
/// `k1 <= k2 <= … <= kP` that one stands at the sum over m of `C(km + m - 1, m)`.
enum GenotypeOrder {
  /// The number of genotypes of `ploidy` alleles out of `alleles`: `C(alleles + ploidy - 1, ploidy)`; nil if it
  /// is beyond all reason.
  static func count(alleles: Int, ploidy: Int) -> Int? { binomial(alleles + ploidy - 1, ploidy) }

  /// The ploidy at which there are so many genotypes, nil if there is none.
  static func ploidy(alleles: Int, genotypes: Int) -> Int? {
    guard alleles > 1 else { return nil }
    var ploidy = 1
    while let count = count(alleles: alleles, ploidy: ploidy), count <= genotypes {
      if count == genotypes { return ploidy }
      ploidy += 1
    }
    return nil
  }

  /// Where the genotypes stand that have no other allele than the reference and one alternate: first without a copy of
  /// it, then with one, and so on.
  static func places(of allele: Int, ploidy: Int) -> [Int] {
    var places = [0]
    // The alternate alleles are the last ones; one copy more is one place before them.
    var sum = 0
    for m in stride(from: ploidy, through: 1, by: -1) {
      sum += binomial(allele + m - 1, m) ?? 0
      places.append(sum)
    }
    return places
  }

  /// `C(n, k)`, nil beyond 2^40.
  private static func binomial(_ n: Int, _ k: Int) -> Int? {
    if k < 0 || k > n { return 0 }
    var result = 1
    for i in 0..<min(k, n - k) {
      let (product, overflow) = result.multipliedReportingOverflow(by: n - i)
      if overflow || product > 1 << 50 { return nil }
      result = product / (i + 1)
    }
    return result > 1 << 40 ? nil : result
  }
}
