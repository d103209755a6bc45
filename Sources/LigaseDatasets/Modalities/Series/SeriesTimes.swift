import LigaseFormats

/// The times of the rows of a long table: numbers, or dates in days since 1970-01-01.
///
/// ```
/// date       YYYY-MM-DD
/// date-time  date ("T" | " ") hh ":" mm [":" ss ["." digits]] ["Z" | ("+" | "-") hh [":"] mm]
/// ```
/// Source: ISO 8601, in the profile of RFC 3339 with optional seconds and zone; without a zone times are taken as UTC.
struct SeriesTimes {
  /// A time for each row.
  let values: [Double]
  /// Whether they are days of dates.
  let areDates: Bool

  /// Reads a column.
  ///
  /// - Throws: `FormatError` at the first field that is missing, or of another kind than most fields are; half dates are dates.
  init(_ table: Table, column name: String) throws {
    let column = try table.index(ofColumn: name), texts = try table.strings(name)
    var (values, dates) = (
      [Double](repeating: .nan, count: texts.count), [Bool?](repeating: nil, count: texts.count)
    )
    for (row, text) in texts.enumerated() {
      if let number = table.double(row: row, column: column) {
        (values[row], dates[row]) = (number, false)
      } else if let days = Self.days(text) {
        (values[row], dates[row]) = (days, true)
      }
    }
    let areDates = dates.contains(true) && dates.count { $0 == true } >= dates.count { $0 == false }
    if let row = dates.firstIndex(where: { $0 != areDates }) {
      let forms = "an ISO date such as 2024-03-31 or 2024-03-31T12:30"
      let expected =
        areDates
        ? forms + " as in other rows"
        : dates.contains(false) ? "a number as in other rows" : "a number, or \(forms)"
      throw table.error(
        row: row, column: column,
        (texts[row].isEmpty ? "found an empty field" : "found \(FormatError.quoted(texts[row]))")
          + " in column \(FormatError.quoted(name)), expected \(expected)")
    }
    (self.values, self.areDates) = (values, areDates)
  }

  /// Whether numbers look like dates without hyphens, such as 20240331, whose differences are no numbers of days.
  static func looksCompact(_ values: [Double]) -> Bool {
    values.allSatisfy { value in
      guard let number = Int(exactly: value), 1900_01_01...2199_12_31 ~= number else { return false }
      return Self.daysFromCivil(number / 10_000, number / 100 % 100, number % 100) != nil
    }
  }

  /// Days since 1970-01-01 of a date or a date-time; nil for any other text.
  static func days(_ text: String) -> Double? {
    var scan = Scan(Array(text.utf8))
    guard let year = scan.digits(4), scan.take("-"), let month = scan.digits(2), scan.take("-"),
      let day = scan.digits(2), let days = daysFromCivil(year, month, day)
    else { return nil }
    if scan.isAtEnd { return Double(days) }
    guard scan.take("T") || scan.take("t") || scan.take(" "), let hour = scan.digits(2), hour < 24,
      scan.take(":"),
      let minute = scan.digits(2), minute < 60
    else { return nil }
    var seconds = Double(hour * 3600 + minute * 60)
    if scan.take(":") {
      guard let second = scan.digits(2), second <= 60 else { return nil }
      seconds += Double(second)
      if scan.take(".") || scan.take(",") {
        guard let fraction = scan.fraction() else { return nil }
        seconds += fraction
      }
    }
    if !(scan.take("Z") || scan.take("z")), !scan.isAtEnd {
      let isBehind = scan.take("-")
      guard isBehind || scan.take("+"), let hours = scan.digits(2), hours < 24 else { return nil }
      var offset = hours * 60
      if !scan.isAtEnd {
        _ = scan.take(":")
        guard let minutes = scan.digits(2), minutes < 60 else { return nil }
        offset += minutes
      }
      seconds += Double(isBehind ? offset : -offset) * 60
    }
    return scan.isAtEnd ? Double(days) + seconds / 86_400 : nil
  }

  /// Days since 1970-01-01 of a day of the Gregorian calendar; nil for a day that does not exist.
  private static func daysFromCivil(_ year: Int, _ month: Int, _ day: Int) -> Int? {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard 1...12 ~= month, 1...lengths[month - 1] ~= day else { return nil }
    let before = year - 1
    let ofYears = before * 365 + before / 4 - before / 100 + before / 400
    return ofYears + lengths[..<(month - 1)].reduce(0, +) + day - 1 - 719_162
  }

  /// The bytes of a date that are left to be read.
  private struct Scan {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    /// Reads a character, if it stands there.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
      place += 1
      return true
    }

    /// The number of `count` digits.
    mutating func digits(_ count: Int) -> Int? {
      guard place + count <= bytes.count else { return nil }
      var number = 0
      for byte in bytes[place..<(place + count)] {
        guard 0x30...0x39 ~= byte else { return nil }
        number = number * 10 + Int(byte - 0x30)
      }
      place += count
      return number
    }

    /// The digits behind a decimal point.
    mutating func fraction() -> Double? {
      var (value, unit) = (0.0, 0.1)
      let start = place
      while place < bytes.count, 0x30...0x39 ~= bytes[place] {
        value += Double(bytes[place] - 0x30) * unit
        unit /= 10
        place += 1
      }
      return place > start ? value : nil
    }
  }
}
