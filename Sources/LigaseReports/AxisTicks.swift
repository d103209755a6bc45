import LigaseRuntime

/// Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten.
package struct AxisTicks: Sendable {
  /// The numbers in increasing order, within the range.
  package let values: [Double]
  /// The distance between two numbers.
  package let step: Double
  private let decimals: Int

  /// - Parameters:
  ///   - range: the range of the axis.
  ///   - count: about how many ticks there are.
  package init(_ range: ClosedRange<Double>, count: Int = 5) {
    let span = range.upperBound - range.lowerBound
    guard span.isFinite, span > 1e-290, span > 1e-12 * max(abs(range.lowerBound), abs(range.upperBound))
    else {
      values = [range.lowerBound]
      step = 1
      decimals = 2
      return
    }
    let rough = span / Double(max(count, 1))
    let power = pow(10, log10(rough).rounded(.down))
    let step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : rough / power < 7.5 ? 5 : 10)
    self.step = step
    // The last digit of the step; 1e-9 corrects the logarithm of 0.1, which is rounded.
    decimals = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
    let first = (range.lowerBound / step - 1e-9).rounded(.up)
    let last = (range.upperBound / step + 1e-9).rounded(.down)
    values = last >= first ? (0...Int(last - first)).map { (first + Double($0)) * step } : []
  }

  /// The text of a tick: all of them have the same number of decimals.
  package func label(_ value: Double) -> String {
    let largest = values.reduce(0) { max($0, abs($1)) }
    if decimals > 5 || largest >= 1e6 { return NumberText.short(abs(value) < step / 2 ? 0 : value) }
    return NumberText.fixed(value, decimals: decimals)
  }
}
