import LigaseRuntime

/// A random order of the letters of a sequence with the same counts of pairs of neighbours, and the same first and last letter: a random
/// Eulerian walk (Altschul and Erickson, 1985).
package enum DinucleotideShuffle {
  /// Returns a shuffled sequence; letters are compared whatever their case, and returned in upper case.
  package static func shuffled(_ sequence: [UInt8], using random: inout SeededGenerator) -> [UInt8] {
    let letters = sequence.map { 97...122 ~= $0 ? $0 - 32 : $0 }
    guard letters.count > 2, let last = letters.last else { return letters }
    var followers: [UInt8: [UInt8]] = [:]
    for (a, b) in zip(letters, letters.dropFirst()) { followers[a, default: []].append(b) }
    let kinds = followers.keys.sorted()
    // The last follower of every letter, so that all lead to the last letter of the sequence.
    var exits: [UInt8: Int] = [:]
    repeat {
      for kind in kinds where kind != last { exits[kind] = random.next(below: followers[kind]!.count) }
    } while !kinds.allSatisfy({ leads($0, to: last, followers, exits) })
    for kind in kinds {
      var own = followers[kind]!
      let exit = exits[kind].map { own.remove(at: $0) }
      random.shuffle(&own)
      followers[kind] = own + (exit.map { [$0] } ?? [])
    }
    var (result, used) = ([letters[0]], [UInt8: Int]())
    while result.count < letters.count {
      let at = result[result.count - 1], next = used[at, default: 0]
      result.append(followers[at]![next])
      used[at] = next + 1
    }
    return result
  }

  private static func leads(
    _ start: UInt8, to last: UInt8, _ followers: [UInt8: [UInt8]], _ exits: [UInt8: Int]
  ) -> Bool {
    var (at, steps) = (start, 0)
    while at != last {
      guard steps <= exits.count, let exit = exits[at] else { return false }
      at = followers[at]![exit]
      steps += 1
    }
    return true
  }
}
