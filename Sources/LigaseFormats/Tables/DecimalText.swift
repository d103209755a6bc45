/// Numbers as the shortest decimal text that reads back as the same value: `5`, `-0.25`, `1e-05`.
enum DecimalText {
  static func append(_ value: Float, to text: inout [UInt8]) {
    append(description: value.description, to: &text)
  }

  static func append(_ value: Double, to text: inout [UInt8]) {
    append(description: value.description, to: &text)
  }

  static func append(_ value: Int, to text: inout [UInt8]) {
    append(description: value.description, to: &text)
  }

  private static func append(description: String, to text: inout [UInt8]) {
    var description = description
    description.withUTF8 { digits in
      // The description of whole numbers is `5.0`.
      let count = digits.count
      let isWhole = count > 2 && digits[count - 1] == 0x30 && digits[count - 2] == 0x2E
      text.append(contentsOf: isWhole ? UnsafeBufferPointer(rebasing: digits[..<(count - 2)]) : digits)
    }
  }
}
