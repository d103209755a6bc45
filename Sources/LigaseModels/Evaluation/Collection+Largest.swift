extension Collection where Element: Comparable {
  /// The index of the largest element, the first one of equals; nil for an empty collection.
  var indexOfLargest: Index? { indices.max { (self[$0], $1) < (self[$1], $0) } }
}
