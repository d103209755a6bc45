import LigaseDatasets
import Testing

@Suite struct FeatureScalerTests {
  private static let values: [Float] = [1, 10, 5, 3, 20, 5, 100, -7, 9]

  @Test func itIsFittedOnTheChosenSamplesOnly() {
    let scaler = FeatureScaler(fitting: Self.values, genes: ["A", "B", "C"], samples: [0, 1])
    #expect(scaler.means == [2, 15, 5] && scaler.deviations == [1, 5, 1])
    var other = Self.values
    (other[6], other[7], other[8]) = (-1e6, 3, 0)
    #expect(FeatureScaler(fitting: other, genes: ["A", "B", "C"], samples: [0, 1]) == scaler)
    #expect(scaler.apply(Self.values) == [-1, -1, 0, 1, 1, 0, 98, -4.4, 4])
  }

  @Test func theIdentityChangesNothing() {
    #expect(FeatureScaler(identityFor: ["A", "B", "C"]).apply(Self.values) == Self.values)
    #expect(FeatureScaler(identityFor: []).apply([]) == [])
  }

  @Test func aLargeOffsetKeepsItsDeviation() {
    let scaler = FeatureScaler(fitting: [1_000_000, 1_000_001, 1_000_002], genes: ["A"], samples: [0, 1, 2])
    #expect(scaler.means == [1_000_001] && abs(scaler.deviations[0] - 0.8164966) < 1e-6)
  }
}
