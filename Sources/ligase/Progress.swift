import LigaseRuntime

/// Shows the progress of long work: one line redrawn on a terminal, occasional lines elsewhere, or JSON
/// lines.
struct Progress {
  /// The state of the work at one moment.
  struct Moment {
    var epoch: Int
    var epochs: Int
    var batch: Int
    var batches: Int
    var loss: Double
    var samplesPerSecond: Double
    var unit: String
    var secondsLeft: Double?
  }

  private let style: ProgressStyle
  private let isQuiet: Bool
  private let isVerbose: Bool
  private var lastShown = 0.0
  private var isLineOpen = false

  init(_ report: ReportOptions) {
    style = report.progress == .auto ? (StandardError.isTerminal ? .always : .auto) : report.progress
    isVerbose = report.verbose
    isQuiet = report.quiet || report.progress == .never
  }

  /// The time in seconds of a monotonic clock.
  static var now: Double { MonotonicClock.seconds }

  /// Shows a moment, unless the last one was shown shortly before.
  mutating func show(_ moment: Moment) {
    let seconds = moment.secondsLeft
    show(
      "epoch \(moment.epoch)/\(moment.epochs) \(moment.batch * 100 / max(moment.batches, 1)) %, "
        + "loss \(Progress.short(moment.loss)), \(Self.rate(moment.samplesPerSecond)) \(moment.unit)/s"
        + (seconds.map { ", \(Progress.duration($0)) left" } ?? ""),
      json: "{\"epoch\":\(moment.epoch),\"epochs\":\(moment.epochs),\"batch\":\(moment.batch),"
        + "\"batches\":\(moment.batches),\"loss\":\(moment.loss),"
        + "\"samples_per_second\":\(Int(moment.samplesPerSecond))"
        + (seconds.map { ",\"seconds_left\":\(Int($0.rounded()))" } ?? "") + "}")
  }

  /// Shows a line, or a JSON object, unless the last one was shown shortly before: the interval is 0.1 s for
  /// redrawn lines, 30 s for other lines, 5 s for JSON.
  mutating func show(_ text: @autoclosure () -> String, json: @autoclosure () -> String) {
    guard !isQuiet else { return }
    let now = Progress.now, interval = style == .always ? 0.1 : style == .json ? 5 : 30.0
    if lastShown == 0 { lastShown = style == .always ? 0 : now }
    guard now - lastShown >= interval else { return }
    lastShown = now
    if style == .json {
      StandardError.write(json() + "\n")
    } else if style == .always {
      StandardError.write("\r\u{1B}[K\(text())")
      isLineOpen = true
    } else {
      StandardError.write("ligase: \(text())\n")
    }
  }

  /// Prints a line about a finished step: on a terminal the next one replaces it, unless all steps are shown.
  mutating func line(_ text: String) {
    guard !isQuiet, style != .json else { return }
    clear()
    if style == .always, !isVerbose {
      StandardError.write("\r\u{1B}[K\(text)")
      (isLineOpen, lastShown) = (true, Progress.now)
    } else {
      StandardError.write("ligase: \(text)\n")
    }
  }

  /// Prints a JSON line, where progress is JSON.
  mutating func json(_ text: @autoclosure () -> String) {
    if !isQuiet, style == .json { StandardError.write(text() + "\n") }
  }

  /// Removes the redrawn line.
  mutating func clear() {
    if isLineOpen { StandardError.write("\r\u{1B}[K") }
    isLineOpen = false
  }

  /// Formats a number of samples in a second: whole, or with two decimals below ten.
  static func rate(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    if value >= 10 { return "\(Int(min(value, 1e15)))" }
    return "\((value * 100).rounded() / 100)"
  }

  /// Returns a number with about four digits.
  static func short(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
    let digits = abs(value) >= 100 ? 1 : abs(value) >= 10 ? 2 : abs(value) >= 0.01 || value == 0 ? 4 : 6
    var scaled = 1.0
    for _ in 0..<digits { scaled *= 10 }
    let whole = Int((abs(value) * scaled).rounded())
    let fraction = String(whole % Int(scaled))
    let padded = String(repeating: "0", count: digits - fraction.count) + fraction
    return (value < 0 && whole > 0 ? "-" : "") + "\(whole / Int(scaled)).\(padded)"
  }

  /// Returns a duration as `2 h 05 min`, `3 min 20 s`, `12 s`.
  static func duration(_ seconds: Double) -> String {
    let s = Int(max(0, seconds).rounded())
    if s >= 3600 { return "\(s / 3600) h \(s / 60 % 60) min" }
    return s >= 60 ? "\(s / 60) min \(s % 60) s" : "\(s) s"
  }
}
