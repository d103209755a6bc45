/// Numbers of SMILES tokens: 0 for every token that is not in the vocabulary, and numbers from 1 for the
/// known tokens in the order of their bytes.
///
/// The same tokens get the same numbers, whatever their order in the data. The JSON form is the array of the
/// known tokens.
package struct SMILESVocabulary: Hashable, Sendable {
  /// The number of a token that is not in the vocabulary.
  package static let unknown: Int32 = 0

  /// The known tokens; the one at index `i` has the number `i + 1`.
  package let tokens: [String]

  private let numbers: [String: Int32]

  /// Creates a vocabulary of the tokens that occur in at least `minimumCount` of the given texts.
  package init(_ texts: some Sequence<[String]>, minimumCount: Int = 1) {
    var counts: [String: Int] = [:]
    for text in texts {
      for token in Set(text) { counts[token, default: 0] += 1 }
    }
    let kept = counts.lazy.filter { $0.value >= minimumCount }.map(\.key)
    self.init(sorted: kept.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
  }

  private init(sorted tokens: [String]) {
    self.tokens = tokens
    numbers = Dictionary(uniqueKeysWithValues: tokens.enumerated().map { ($1, Int32($0 + 1)) })
  }

  /// The number of different numbers, including the unknown token: the rows of an embedding.
  package var count: Int { tokens.count + 1 }

  /// Returns the number of a token; 0 for an unknown token.
  package func number(of token: String) -> Int32 { numbers[token] ?? Self.unknown }

  /// Returns the numbers of a text's tokens.
  package func encode(_ text: [String]) -> [Int32] { text.map(number) }

  /// Returns the token of a number, or nil for 0 and for numbers out of range.
  package func token(_ number: Int32) -> String? {
    tokens.indices.contains(Int(number) - 1) ? tokens[Int(number) - 1] : nil
  }
}

extension SMILESVocabulary: Codable {
  /// Reads an array of distinct tokens and keeps their order.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let tokens = try container.decode([String].self)
    guard Set(tokens).count == tokens.count else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a SMILES vocabulary holds a token twice")
    }
    self.init(sorted: tokens)
  }

  /// Writes the array of the known tokens.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(tokens)
  }
}
