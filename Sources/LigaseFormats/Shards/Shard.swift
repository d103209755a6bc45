/// One of n parts of the records of an input, each a contiguous range: `2/7` is the second of seven.
///
///     Shard("2/7")?.range(of: 70)   // 10..<20
package struct Shard: Hashable, Sendable, CustomStringConvertible {
  /// The number of the part, from 1, and the number of parts.
  package let number, count: Int
  /// The largest number of parts: the largest array of common schedulers is smaller.
  package static let mostParts = 1_000_000

  /// Reads `i/n`; nil unless `1 <= i <= n`.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map {
      $0.allSatisfy { "0"..."9" ~= $0 } ? Int($0) : nil
    }
    guard parts.count == 2, let number = parts[0], let count = parts[1], 1...Self.mostParts ~= count,
      1...count ~= number
    else { return nil }
    (self.number, self.count) = (number, count)
  }

  package var description: String { "\(number)/\(count)" }

  /// Whether the part begins the output, with its header.
  package var isFirst: Bool { number == 1 }

  /// The records of the part among all, numbered from 0: their numbers differ by 1 at most between parts.
  package func range(of total: Int) -> Range<Int> {
    // Without a product of the total, which may be large.
    let (whole, rest) = total.quotientAndRemainder(dividingBy: count)
    func start(_ part: Int) -> Int { whole * part + rest * part / count }
    return start(number - 1)..<start(number)
  }
}

/// Counts the records of a reader, and lets those of a range through.
package struct RecordSelection: Sendable {
  /// The records to read, numbered from 0.
  package var range = 0..<Int.max
  /// The number of the next record.
  package private(set) var number = 0

  /// Selects all records.
  package init(_ range: Range<Int>? = nil) { self.range = range ?? 0..<Int.max }

  /// Reads the next record of the range with `read`, which returns false at the end of a file; returns false there and at the end of the range.
  package mutating func next(_ read: () throws -> Bool) throws -> Bool {
    while number < range.lowerBound {
      guard try read() else { return false }
      number += 1
    }
    guard number < range.upperBound, try read() else { return false }
    number += 1
    return true
  }

  /// Counts records that `read` reads until it returns false.
  package static func count(_ read: () throws -> Bool) rethrows -> Int {
    var count = 0
    while try read() { count += 1 }
    return count
  }

  /// Returns whether the next record is in the range, and counts it.
  package mutating func takes() -> Bool {
    defer { number += 1 }
    return range.contains(number)
  }
}
