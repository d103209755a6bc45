/// The spellings of a missing number: an empty field, or one of a short list of words.
package enum MissingValue {
  /// The words, besides an empty field: those that R, pandas, Excel and SQL write.
  package static let spellings = [
    "NA", "NaN", "nan", "null", "NULL", "N/A", "n/a", "#N/A", "None", "-", ".", "<NA>", "#NA", "-nan", "-NaN",
  ]

  /// Each word as a number in base 256, possible because none has more than four letters.
  private static let keys: [UInt32] = spellings.map { $0.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

  /// Returns whether a field is missing, ignoring spaces around it.
  package static func isMissing(_ text: some BidirectionalCollection<UInt8>) -> Bool {
    guard let first = text.firstIndex(where: { $0 != 0x20 }),
      let last = text.lastIndex(where: { $0 != 0x20 })
    else { return true }
    var key: UInt32 = 0
    var count = 0
    for byte in text[first...last] {
      count += 1
      if count > 4 { return false }
      key = key << 8 | UInt32(byte)
    }
    return keys.withUnsafeBufferPointer { $0.contains(key) }
  }
}
