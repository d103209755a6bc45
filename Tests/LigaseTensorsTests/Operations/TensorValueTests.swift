import LigaseTensors
import TestSupport
import Testing

@Suite struct TensorValueTests {
  @Test func arithmeticBroadcastsLikeNumPy() {
    let matrix = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect((matrix + Tensor([10, 20, 30])).scalars == [11, 22, 33, 14, 25, 36])
    #expect((matrix * Tensor([10, 100], shape: [2, 1])).scalars == [10, 20, 30, 400, 500, 600])
    #expect((Tensor([1, 2], shape: [2, 1]) - Tensor([1, 2, 3])).shape == [2, 3])
    #expect((matrix / Tensor(2)).scalars == [0.5, 1, 1.5, 2, 2.5, 3])
  }

  @Test func productsAgreeWithTheTextbook() {
    let (m, k, n) = (5, 7, 3)
    let a = Tensor.draws([m, k]), b = Tensor.draws([k, n], seed: 2)
    var expected = [Double](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n {
        for p in 0..<k { expected[i * n + j] += Double(a[i, p]) * Double(b[p, j]) }
      }
    }
    #expect(mismatch(a.matmul(b).scalars, expected, tolerance: 1e-6) == nil)
    let weight = b.transposed(), bias = Tensor([1, 2, 3])
    let shifted = expected.enumerated().map { $1 + Double($0 % n + 1) }
    #expect(mismatch(a.linear(weight: weight, bias: bias).scalars, shifted, tolerance: 1e-6) == nil)
  }

  @Test func anEmptyInnerExtentGivesZerosOrTheBias() {
    let empty = Tensor([], shape: [2, 0])
    #expect(empty.matmul(Tensor([], shape: [0, 3])).scalars == [Float](repeating: 0, count: 6))
    let biased = empty.linear(weight: Tensor([], shape: [2, 0]), bias: Tensor([1, 2]))
    #expect(biased.scalars == [1, 2, 1, 2])
  }

  @Test func softmaxRowsSumToOneAndSurviveLargeNumbers() {
    let x = Tensor([1000, 1001, 999, -1000, 0, 1000], shape: [2, 3])
    let y = x.softmax()
    #expect(y.isFinite)
    for total in y.sum(alongAxis: 1).scalars { #expect(abs(total - 1) < 1e-6) }
    let logs = x.logSoftmax().scalars
    #expect(abs(logs[0] - -1.4076059) < 1e-4)
    #expect(logs[3] == -2000)
  }

  @Test func reductionsRunAlongTheirAxis() {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [1, 2, 3])
    #expect(x.sum(alongAxis: 1).scalars == [5, 7, 9])
    #expect(x.sum(alongAxis: 2).scalars == [6, 15])
    #expect(x.mean(alongAxis: 1).scalars == [2.5, 3.5, 4.5])
    #expect(x.mean().scalar == 3.5)
    #expect(x.norm == 91.0.squareRoot())
  }

  @Test func rearrangementsPutEachNumberInItsPlace() {
    let x = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])
    let y = x.permuted([2, 0, 1])
    #expect(y.shape == [4, 2, 3])
    for i in 0..<2 {
      for j in 0..<3 {
        for k in 0..<4 { #expect(y[k, i, j] == x[i, j, k]) }
      }
    }
    #expect(Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]).transposed().scalars == [1, 4, 2, 5, 3, 6])
    let parts = [Tensor([1, 2], shape: [2, 1]), Tensor([3, 4, 5, 6], shape: [2, 2])]
    #expect(Tensor.concatenated(parts).scalars == [1, 3, 4, 2, 5, 6])
    #expect(x.slicedLast(1..<3).shape == [2, 3, 2])
    #expect(x.slicedFirst(1..<2).scalars == (12..<24).map(Float.init))
  }

  @Test func dropoutKeepsTheMeanAndIsAFunctionOfItsKey() {
    let x = Tensor.ones([100_000])
    let y = x.dropout(probability: 0.25, key: 5)
    let dropped = y.scalars.filter { $0 == 0 }.count
    #expect(abs(Double(dropped) / 100_000 - 0.25) < 0.01)
    #expect(y.scalars.allSatisfy { $0 == 0 || abs($0 - 4 / 3) < 1e-6 })
    #expect(bits(y) == bits(x.dropout(probability: 0.25, key: 5)))
    #expect(bits(y) != bits(x.dropout(probability: 0.25, key: 6)))
    #expect(x.dropout(probability: 0, key: 1).scalars == x.scalars)
    #expect(x.dropout(probability: 1, key: 1).sum().scalar == 0)
  }

  @Test func valuesAreCopiedOnWrite() {
    let a = Tensor([1, 2, 3])
    var b = a
    #expect(a.sharesStorage(with: b))
    b.withUnsafeMutableBufferPointer { $0[0] = 9 }
    #expect(a.scalars == [1, 2, 3] && b.scalars == [9, 2, 3])
    #expect(!a.sharesStorage(with: b))
  }
}
