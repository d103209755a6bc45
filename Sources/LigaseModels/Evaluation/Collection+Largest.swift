extension Collection where Element: Comparable {
  /// Where the largest element stands, the first of equals; nil where there is none.
  var indexOfLargest: Index? { indices.max { (self[$0], $1) < (self[$1], $0) } }
}
