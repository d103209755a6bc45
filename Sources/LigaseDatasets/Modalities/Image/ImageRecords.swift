import LigaseFormats

/// Images, read from their store when they are needed.
package struct ImageRecords: Records {
  private let store: ImageStore
  /// The number of each record in the store.
  private var numbers: [Int]
  /// What each image of the store is called in messages.
  private let names: [String]
  /// The number of channels to which images are brought; nil leaves them as they are.
  private let channels: Int?

  init(_ store: ImageStore, names: [String], channels: Int?) {
    (self.store, numbers, self.names, self.channels) = (store, Array(0..<store.count), names, channels)
  }

  /// Creates records of images in memory.
  package init(_ images: [Image]) throws {
    let store = ImageStore()
    for image in images { try store.append(image) }
    self.init(store, names: images.indices.map { "image \($0)" }, channels: nil)
  }

  package var count: Int { numbers.count }

  /// Returns an image.
  package subscript(record: Int) -> Image {
    let image = store.image(numbers[record])
    guard let channels, channels != image.channels else { return image }
    return image.selecting(channels: [Int](repeating: 0, count: channels))
  }

  /// What an image is called in messages.
  package func name(of record: Int) -> String { names[numbers[record]] }

  /// The extents of an image.
  package func extents(of record: Int) -> [Int] { store.extents(of: numbers[record]) }
  /// Whether the place of an image in the patient is known.
  package func isPlaced(_ record: Int) -> Bool { store.isPlaced(numbers[record]) }
  /// The number of channels of an image.
  package func channels(of record: Int) -> Int { channels ?? store.channels(of: numbers[record]) }

  package func selecting(_ rows: [Int]) -> ImageRecords {
    var chosen = self
    chosen.numbers = rows.map { numbers[$0] }
    return chosen
  }

  package func add(to digest: inout some ContentDigest) {
    for record in 0..<count {
      let image = self[record]
      digest.add(
        bytes: (image.extents + [image.channels]).flatMap { size in
          (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
        })
      digest.add(image.values)
    }
  }

  /// A fingerprint of the pixels, of 128 bits.
  package func content(of record: Int) -> String? {
    let image = self[record]
    var (a, b) = (0xCBF2_9CE4_8422_2325 as UInt64, 0x9E37_79B9_7F4A_7C15 as UInt64)
    func add(_ bits: UInt64) {
      a = (a ^ bits) &* 0x100_0000_01B3
      b = (b &+ bits ^ (b >> 29)) &* 0xBF58_476D_1CE4_E5B9
    }
    for size in image.extents + [image.channels] { add(UInt64(size)) }
    for value in image.values { add(UInt64(value.bitPattern)) }
    return "\(String(a, radix: 16))-\(String(b, radix: 16))"
  }
}
