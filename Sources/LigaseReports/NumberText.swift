import LigaseRuntime

/// Numbers as short text that is the same on every machine.
package enum NumberText {
  /// A coordinate of a picture: at most two decimals, without trailing zeros. Coordinates that are not finite are 0, and those beyond ten
  /// million are cut there.
  package static func coordinate(_ value: Double) -> String {
    let limited = value.isFinite ? min(max(value, -1e7), 1e7) : 0
    return trimmed(fixed(limited, decimals: 2))
  }

  /// A number with a fixed number of decimals, at most nine; `NA` for one that is not finite, and in exponential form from 1e9 on.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return "NA" }
    guard abs(value) < 1e9 else { return exponential(value) }
    let decimals = min(max(decimals, 0), 9)
    let unit = (0..<decimals).reduce(1) { power, _ in power * 10 }
    // Below 2^63: nine digits before the decimal point and nine after it.
    let scaled = Int((abs(value) * Double(unit)).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    if decimals == 0 { return sign + "\(scaled)" }
    let rest = String(scaled % unit)
    return sign + "\(scaled / unit)." + String(repeating: "0", count: decimals - rest.count) + rest
  }

  /// A number with three significant digits: `0.123`, `45.6`, `1230`, `1.2e-07`; `NA` for one that is not finite.
  package static func short(_ value: Double) -> String {
    guard value.isFinite else { return "NA" }
    if value == 0 { return "0" }
    let magnitude = Int(log10(abs(value)).rounded(.down))
    if magnitude < -4 || magnitude > 5 { return exponential(value) }
    return trimmed(fixed(value, decimals: max(0, 2 - magnitude)))
  }

  /// A number as `1.23e-07`.
  private static func exponential(_ value: Double) -> String {
    var exponent = Int(log10(abs(value)).rounded(.down))
    // In two steps, because 10^320 is beyond the range of Float64.
    var mantissa = value / pow(10, Double(exponent / 2)) / pow(10, Double(exponent - exponent / 2))
    if abs(mantissa) >= 9.995 {
      mantissa /= 10
      exponent += 1
    }
    let digits = String(abs(exponent))
    return trimmed(fixed(mantissa, decimals: 2)) + (exponent < 0 ? "e-" : "e+")
      + (digits.count < 2 ? "0" : "") + digits
  }

  private static func trimmed(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: ".")) else { return text }
    var bytes = Array(text.utf8)
    while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
