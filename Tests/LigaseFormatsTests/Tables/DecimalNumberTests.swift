import Glibc
import LigaseFormats
import Testing

@Suite struct DecimalNumberTests {
  private func float(_ text: String) -> Result<Float, DecimalNumber.Failure> {
    Array(text.utf8).withUnsafeBufferPointer(DecimalNumber.float)
  }

  private func double(_ text: String) -> Result<Double, DecimalNumber.Failure> {
    Array(text.utf8).withUnsafeBufferPointer(DecimalNumber.double)
  }

  @Test func grammar() {
    for (text, value): (String, Double) in [
      ("0", 0), ("1", 1), ("-1", -1), ("+7", 7), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("1E-2", 0.01),
      (" 2 ", 2), ("00012", 12), ("1e0000000000005", 1e5), ("0e999999999", 0),
    ] {
      #expect(double(text) == .success(value), "\(text)")
      #expect(float(text) == .success(Float(value)), "\(text)")
    }
    for text in ["", "NA", " ", " NA "] + MissingValue.spellings {
      #expect(double(text) == .failure(.missing), "\(text)")
    }
    for text in ["inf", "-inf", "+Infinity", "1e999", "1e999999999"] {
      #expect(double(text) == .failure(.notFinite), "\(text)")
    }
    #expect(float("1e39") == .failure(.notFinite))
    #expect(float("99999999999999999999e19") == .failure(.notFinite))
    for text in [
      "abc", "1x", "0x10", "1e", "1e+", "--1", "..", "--", "NANA", "None1", "1,5", "1_000", "1 2", "nanx",
      "NAN1", "١",
    ] {
      #expect(double(text) == .failure(.notNumber), "\(text)")
      #expect(float(text) == .failure(.notNumber), "\(text)")
    }
    #expect(double("-0").map(\.sign) == .success(.minus))
  }

  /// Every rounding agrees with the C library's, which is exact.
  @Test func roundsAsTheCLibrary() {
    var random = SplitMix(state: 7)
    for i in 0..<400_000 {
      let digits = Int(random.next() % 21) + 1
      var text = ""
      for _ in 0..<digits { text += String(random.next() % 10) }
      let point = Int(random.next() % UInt64(digits + 1))
      text.insert(".", at: text.index(text.startIndex, offsetBy: point))
      if i % 2 == 0 { text += "e\(Int(random.next() % 90) - 45)" }
      if i % 3 == 0 { text = "-" + text }
      let expected = strtof(text, nil)
      #expect(float(text) == (expected.isFinite ? .success(expected) : .failure(.notFinite)), "\(text)")
      #expect(double(text) == .success(strtod(text, nil)), "\(text)")
    }
  }

  /// Numbers exactly between two Float32 values, and those that differ from them by one digit.
  @Test func halfWayCases() {
    var random = SplitMix(state: 8)
    for _ in 0..<100_000 {
      let significand = (random.next() >> 40 | 1 << 23) << 1 | 1
      let shift = Int(random.next() % 20)
      let exact = Double(significand) / Double(1 << shift)
      for text in ["\(exact)", "\(exact)1", "\(exact.nextDown)", "\(exact.nextUp)"] where !text.contains("e")
      {
        #expect(float(text) == .success(strtof(text, nil)), "\(text)")
      }
    }
  }

  @Test func shortestTextReadsBack() {
    var random = SplitMix(state: 9)
    for _ in 0..<100_000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if value.isFinite { #expect(float(value.description) == .success(value)) }
      let wide = Double(bitPattern: random.next())
      if wide.isFinite { #expect(double(wide.description) == .success(wide)) }
    }
  }
}

/// A small seeded generator for tests.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
