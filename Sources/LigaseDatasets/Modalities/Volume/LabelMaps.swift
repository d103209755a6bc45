import LigaseFormats
import LigaseRuntime

/// The label of every place of volumes, read in parts when they are needed, with some places of each label.
package struct LabelMaps: Sendable {
  /// The places of one label in one volume.
  package struct Places: Sendable {
    /// The number of all places.
    package var count = 0
    /// Evenly drawn ones of them: at most ``LabelMaps/most``.
    package var drawn: [Int32] = []
  }

  /// The most places of a label in a volume from which segments are drawn.
  static let most = 1 << 14

  let store: ImageStore
  /// For each volume the places of each label inside its mask; nil where labels are not known.
  private let places: [[Int: Places]?]
  private let numbers: [Int]
  /// For each label the number of its class, in the order of the classes.
  package let labels: [Int]
  /// The class of each label.
  private let classes: [Int: Int32]

  fileprivate init(store: ImageStore, places: [[Int: Places]?], numbers: [Int], labels: [Int]) {
    (self.store, self.places, self.numbers, self.labels) = (store, places, numbers, labels)
    classes = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, Int32($0)) })
  }

  /// The number of volumes.
  package var count: Int { numbers.count }
  /// The names of the classes.
  package var names: [String] { labels.map { "\($0)" } }

  /// The maps of some volumes, with the same classes.
  package func selecting(_ rows: [Int]) -> LabelMaps {
    LabelMaps(store: store, places: places, numbers: rows.map { numbers[$0] }, labels: labels)
  }

  /// Whether the labels of a volume are known.
  package func isKnown(_ volume: Int) -> Bool { places[numbers[volume]] != nil }

  /// Returns the places of each class of a volume.
  package func places(of volume: Int) -> [Places] {
    labels.map { places[numbers[volume]]?[$0] ?? Places() }
  }

  /// Returns the class of each place of a part of a volume; -1 outside the volume.
  package func classes(_ volume: Int, from origin: [Int], extents: [Int]) -> [Int32] {
    store.part(numbers[volume], from: origin, extents: extents, fill: [-1]).map {
      $0 < 0 ? -1 : classes[Int($0)] ?? -1
    }
  }

  /// Adds all labels to a digest.
  package func add(to digest: inout some ContentDigest) {
    for number in numbers where places[number] != nil { digest.add(store.image(number).values) }
  }

  /// Collects label maps.
  struct Collector {
    private let store = ImageStore()
    private var places: [[Int: Places]?] = []

    var maps: LabelMaps {
      let found = Set(places.compactMap { $0 }.flatMap(\.keys)).sorted()
      return LabelMaps(store: store, places: places, numbers: Array(places.indices), labels: found)
    }

    /// Adds the labels of a volume, whole numbers from 0 to 65535.
    mutating func add(_ truth: VolumeCollector.Named?, id: String, inside: [Bool]?) throws {
      guard let truth else {
        try store.append(Image(extents: [1, 1], channels: 1, values: [0]))
        places.append(nil)
        return
      }
      // The labels in the order in which they are found, and the number of each among them.
      var (found, number) = ([(label: Int, places: Places)](), [Int: Int]())
      var random = SeededGenerator(seed: 0, stream: "places of \(id)")
      for (i, value) in truth.image.values.enumerated() {
        guard value >= 0, value <= 65535, value == value.rounded() else {
          throw FormatError(
            .badData, path: truth.path,
            "found the label \(value), expected whole numbers from 0 to 65535")
        }
        guard inside?[i] ?? true else { continue }
        let own = number[Int(value)] ?? found.count
        if own == found.count {
          number[Int(value)] = own
          found.append((Int(value), Places()))
        }
        found[own].places.count += 1
        // Each place is as likely to be among those drawn (Vitter's algorithm R).
        if found[own].places.drawn.count < LabelMaps.most {
          found[own].places.drawn.append(Int32(i))
        } else {
          let place = random.next(below: found[own].places.count)
          if place < LabelMaps.most { found[own].places.drawn[place] = Int32(i) }
        }
      }
      try store.append(truth.image)
      places.append(Dictionary(uniqueKeysWithValues: found.map { ($0.label, $0.places) }))
    }
  }
}
