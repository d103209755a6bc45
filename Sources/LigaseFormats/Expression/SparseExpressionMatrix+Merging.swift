extension SparseExpressionMatrix {
  /// Merges duplicate genes by `policy` and returns the names that were merged.
  mutating func mergeDuplicates(_ policy: ExpressionMatrix.DuplicateGenes, path: String) throws -> [String] {
    var positions: [String: Int32] = [:]
    var names: [String] = []
    var counts: [Int] = []
    let target = genes.map { gene -> Int32 in
      if let position = positions[gene] {
        counts[Int(position)] += 1
        return position
      }
      positions[gene] = Int32(names.count)
      names.append(gene)
      counts.append(1)
      return Int32(names.count - 1)
    }
    if names.count == genes.count { return [] }
    let duplicated = names.indices.filter { counts[$0] > 1 }.map { names[$0] }
    if policy == .error {
      throw FormatError(
        .badData, path: path,
        "found duplicated genes: \(FormatError.list(duplicated)); expected unique names",
        remedy: .chooseDuplicatePolicy)
    }
    if policy == .first {
      var isTaken = [Bool](repeating: false, count: names.count)
      let firsts = target.map { to -> Int32 in
        defer { isTaken[Int(to)] = true }
        return isTaken[Int(to)] ? -1 : to
      }
      self = regrouping(firsts, names: names, true)
      return duplicated
    }
    self = regrouping(target, names: names, false)
    joinEqualColumns(policy, counts)
    return duplicated
  }

  /// Merges adjacent values of one column into one; absent values count as zero.
  private mutating func joinEqualColumns(_ policy: ExpressionMatrix.DuplicateGenes, _ counts: [Int]) {
    var to = 0
    var first = 0
    for sample in samples.indices {
      let end = rowStarts[sample + 1]
      var i = first
      while i < end {
        let column = columns[i]
        var (sum, largest, present) = (0.0, -Float.infinity, 0)
        while i < end, columns[i] == column {
          sum += Double(values[i])
          largest = max(largest, values[i])
          present += 1
          i += 1
        }
        let all = counts[Int(column)]
        if all == 1 {
          sum = Double(values[i - 1])
        } else if policy == .mean {
          sum /= Double(all)
        } else {
          sum = Double(present < all ? max(0, largest) : largest)
        }
        if sum != 0 {
          columns[to] = column
          values[to] = Float(sum)
          to += 1
        }
      }
      first = end
      rowStarts[sample + 1] = to
    }
    columns.removeLast(columns.count - to)
    values.removeLast(values.count - to)
  }
}
