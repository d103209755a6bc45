extension BED {
  /// The kind of a BED file: with the columns of the format, or those of ENCODE's peaks, which differ from
  /// the seventh on.
  package enum Kind: String, CaseIterable, Sendable {
    /// GA4GH BED, three to twelve columns.
    case bed
    /// ENCODE narrowPeak: BED6 and four columns.
    case narrowPeak
    /// ENCODE broadPeak: BED6 and three columns.
    case broadPeak
    /// ENCODE gappedPeak: BED12 and three columns.
    case gappedPeak

    /// Detects the kind of a file by its name, the type of its track, or its first interval.
    ///
    /// Ten columns are narrowPeak where the seventh to tenth are numbers; nine are broadPeak where the seventh to ninth are
    /// numbers that cannot be a thick start, a thick end and a colour; fifteen are gappedPeak.
    package init(of first: Record?, columnCount: Int, path: String?, trackType: String?) {
      let name = (path ?? "").lowercased()
      for kind in Kind.allCases where kind != .bed {
        let word = kind.rawValue.lowercased()
        if trackType?.lowercased() == word || name.hasSuffix("." + word) || name.hasSuffix(".\(word).gz") {
          self = kind
          return
        }
      }
      switch columnCount {
      case 10:
        self =
          first.map { $0.rest.count == 4 && $0.rest.allSatisfy { Double($0) != nil } } == true
          ? .narrowPeak : .bed
      case 15: self = .gappedPeak
      case 9: self = first.map(Kind.isBroadPeak) == true ? .broadPeak : .bed
      default: self = .bed
      }
    }

    private static func isBroadPeak(_ record: Record) -> Bool {
      let numbers = record.rest.prefix(3).compactMap { Double($0) }
      guard numbers.count == 3 else { return false }
      let places = record.rest.prefix(2).compactMap { Int($0) }
      // The only number that is a valid colour is 0.
      return places.count < 2 || numbers[2] != 0 || !places.allSatisfy { record.start...record.end ~= $0 }
    }

    /// The names of the first columns; the others have none.
    package var columnNames: [String] {
      let six = ["chrom", "start", "end", "name", "score", "strand"]
      let twelve =
        six + ["thick_start", "thick_end", "item_rgb", "block_count", "block_sizes", "block_starts"]
      return switch self {
      case .bed: twelve
      case .narrowPeak: six + ["signal_value", "p_value", "q_value", "peak"]
      case .broadPeak: six + ["signal_value", "p_value", "q_value"]
      case .gappedPeak: twelve + ["signal_value", "p_value", "q_value"]
      }
    }
  }
}
