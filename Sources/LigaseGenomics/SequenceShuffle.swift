/// Random sequences that keep a property of a given one: its letters, or its pairs of adjacent letters.
package enum SequenceShuffle {
  /// Returns the same letters in random order (Fisher and Yates).
  package static func mononucleotides(_ sequence: [UInt8], using random: inout some RandomNumberGenerator)
    -> [UInt8]
  {
    var result = sequence
    shuffle(&result, count: result.count, using: &random)
    return result
  }

  /// Returns a random sequence with exactly the same pairs of adjacent letters, and the same first and last
  /// letter.
  ///
  /// Each letter is a vertex and each pair an edge; the possible sequences are the Eulerian walks. The last
  /// edges from each letter are drawn so that they form a tree to the last letter, by loop-erased random
  /// walks (Wilson), which makes all walks equally likely (Altschul and Erikson, 1985; Kandel and others,
  /// 1996).
  package static func dinucleotides(_ sequence: [UInt8], using random: inout some RandomNumberGenerator)
    -> [UInt8]
  {
    guard sequence.count > 2, let last = sequence.last.map(Int.init) else { return sequence }
    var successors = [[UInt8]](repeating: [], count: 256)
    for i in 1..<sequence.count { successors[Int(sequence[i - 1])].append(sequence[i]) }
    var treeEdge = [Int](repeating: -1, count: 256)
    var isInTree = [Bool](repeating: false, count: 256)
    isInTree[last] = true
    for letter in 0..<256 where !successors[letter].isEmpty {
      var at = letter
      while !isInTree[at] {
        treeEdge[at] = Int(random.next(upperBound: UInt64(successors[at].count)))
        at = Int(successors[at][treeEdge[at]])
      }
      at = letter
      while !isInTree[at] {
        isInTree[at] = true
        at = Int(successors[at][treeEdge[at]])
      }
    }
    for letter in 0..<256 where successors[letter].count > 1 {
      var free = successors[letter].count
      if letter != last {
        // The edge of the tree is last, and the others are before it in random order.
        free -= 1
        successors[letter].swapAt(treeEdge[letter], free)
      }
      shuffle(&successors[letter], count: free, using: &random)
    }
    var next = [Int](repeating: 0, count: 256)
    var result = [sequence[0]]
    result.reserveCapacity(sequence.count)
    var at = Int(sequence[0])
    while next[at] < successors[at].count {
      let letter = successors[at][next[at]]
      next[at] += 1
      result.append(letter)
      at = Int(letter)
    }
    return result
  }

  /// Shuffles the first `count` letters.
  private static func shuffle(
    _ letters: inout [UInt8], count: Int, using random: inout some RandomNumberGenerator
  ) {
    guard count > 1 else { return }
    for i in stride(from: count - 1, to: 0, by: -1) {
      letters.swapAt(i, Int(random.next(upperBound: UInt64(i + 1))))
    }
  }
}
