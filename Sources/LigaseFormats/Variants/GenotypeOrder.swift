/// The order of the values for each genotype (VCF 4.5, section 1.6.2): the index of the genotype `k1 <= k2 <=
/// … <= kP` is the sum over m of `C(km + m - 1, m)`.
enum GenotypeOrder {
  /// Returns the number of genotypes of `ploidy` alleles out of `alleles`: `C(alleles + ploidy - 1, ploidy)`;
  /// nil if it is unreasonably large.
  static func count(alleles: Int, ploidy: Int) -> Int? { binomial(alleles + ploidy - 1, ploidy) }

  /// Returns the ploidy with this number of genotypes, nil if there is none.
  static func ploidy(alleles: Int, genotypes: Int) -> Int? {
    guard alleles > 1 else { return nil }
    var ploidy = 1
    while let count = count(alleles: alleles, ploidy: ploidy), count <= genotypes {
      if count == genotypes { return ploidy }
      ploidy += 1
    }
    return nil
  }

  /// Returns the indices of the genotypes that have no other allele than the reference and one alternate:
  /// first without a copy of it, then with one, and so on.
  static func places(of allele: Int, ploidy: Int) -> [Int] {
    var places = [0]
    // The alternate alleles are the last ones; each further copy is one index before them.
    var sum = 0
    for m in stride(from: ploidy, through: 1, by: -1) {
      sum += binomial(allele + m - 1, m) ?? 0
      places.append(sum)
    }
    return places
  }

  /// Returns `C(n, k)`, nil beyond 2^40.
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
