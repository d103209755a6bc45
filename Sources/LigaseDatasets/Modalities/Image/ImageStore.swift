import LigaseFormats
import LigaseRuntime

/// The images of a data set, each kept without loss in as few bytes as its numbers need: in memory up to a limit, beyond it in
/// a temporary file without a name, so that memory does not grow with their number.
///
/// Images are added by one thread, and then read by any number.
package final class ImageStore: @unchecked Sendable {
  /// Bytes that are kept in memory.
  package static let memoryLimit = 256 << 20

  private enum Width { case byte, short, float }

  private struct Place {
    let offset: Int
    let width: Width
    let extents: [Int]
    let channels: Int
    let spacing, affine: [Double]?
    var count: Int { extents.reduce(channels, *) }
    var byteCount: Int { count * (width == .byte ? 1 : width == .short ? 2 : 4) }
  }

  private var places: [Place] = []
  private var memory: [UInt8] = []
  private var descriptor: Int32 = -1
  private var end = 0
  private let limit: Int

  package init(memoryLimit limit: Int = ImageStore.memoryLimit) { self.limit = limit }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The number of images.
  package var count: Int { places.count }

  /// The extents of an image.
  func extents(of image: Int) -> [Int] { places[image].extents }
  /// Whether the place of an image in the patient is known.
  func isPlaced(_ image: Int) -> Bool { places[image].affine != nil }
  /// The number of channels of an image.
  func channels(of image: Int) -> Int { places[image].channels }

  /// Adds an image, whose values must be finite.
  package func append(_ image: Image) throws {
    let (bytes, width) = Self.packed(image.values)
    places.append(
      Place(
        offset: end, width: width, extents: image.extents, channels: image.channels, spacing: image.spacing,
        affine: image.affine))
    end += bytes.count
    if descriptor < 0, end <= limit {
      memory += bytes
      return
    }
    if descriptor < 0 {
      try openFile()
      try write(memory, at: 0)
      memory = []
    }
    try write(bytes, at: end - bytes.count)
  }

  private static func packed(_ values: [Float]) -> (bytes: [UInt8], width: Width) {
    func areWhole(_ range: ClosedRange<Float>) -> Bool {
      values.allSatisfy {
        range.contains($0) && $0 == $0.rounded(.towardZero) && ($0 != 0 || $0.sign == .plus)
      }
    }
    if areWhole(0...255) { return (values.map { UInt8($0) }, .byte) }
    if areWhole(-32767...32767) {
      return (littleEndian(values.count, of: Int16.self) { Int16(values[$0]) }, .short)
    }
    return (littleEndian(values.count, of: UInt32.self) { values[$0].bitPattern }, .float)
  }

  private static func littleEndian<T: FixedWidthInteger>(
    _ count: Int, of _: T.Type, _ number: (Int) -> T
  ) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count * MemoryLayout<T>.size) { target, filled in
      let bytes = UnsafeMutableRawBufferPointer(target)
      for i in 0..<count {
        bytes.storeBytes(of: number(i).littleEndian, toByteOffset: i * MemoryLayout<T>.size, as: T.self)
      }
      filled = count * MemoryLayout<T>.size
    }
  }

  private func openFile() throws {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var name = Array("\(folder)/ligase-images-XXXXXX".utf8CString)
    descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw failure("cannot create a temporary file for images", folder) }
    unlink(name)
  }

  private func failure(_ words: String, _ path: String) -> FormatError {
    FormatError(.cannotCreate, path: path, "\(words): \(String(cString: strerror(errno)))")
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let got = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(offset + done))
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else {
        throw failure(
          "cannot write the temporary file of images", getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")
      }
      done += got
    }
  }

  /// Returns some bytes of the store.
  private func bytes(_ count: Int, from offset: Int) -> [UInt8] {
    guard descriptor >= 0 else { return Array(memory[offset..<(offset + count)]) }
    return [UInt8](unsafeUninitializedCapacity: count) { [wanted = count] target, count in
      while count < wanted {
        let got = pread(descriptor, target.baseAddress! + count, wanted - count, off_t(offset + count))
        if got < 0, errno == EINTR { continue }
        precondition(got > 0, "ImageStore: the temporary file of images cannot be read")
        count += got
      }
    }
  }

  /// Returns an image.
  package func image(_ number: Int) -> Image {
    let place = places[number]
    var image = Image(
      extents: place.extents, channels: place.channels, values: values(place, 0..<place.count))
    (image.spacing, image.affine) = (place.spacing, place.affine)
    return image
  }

  /// Returns the numbers of a part of an image, channels last. The part begins at `origin`, which may lie outside the
  /// image; places outside have the numbers `fill`, one for each channel.
  package func part(_ number: Int, from origin: [Int], extents: [Int], fill: [Float]) -> [Float] {
    let place = places[number], own = place.extents, channels = place.channels
    precondition(
      origin.count == own.count && extents.count == own.count && fill.count == channels,
      "ImageStore: a part of \(extents) at \(origin) of an image of \(own)")
    let width = extents.last!, count = extents.reduce(channels, *)
    var values = [Float](repeating: fill[0], count: count)
    if channels > 1 { for i in values.indices { values[i] = fill[i % channels] } }
    let columns = max(0, origin.last!)..<max(0, origin.last!, min(own.last!, origin.last! + width))
    guard !columns.isEmpty else { return values }
    for line in 0..<(count / max(width * channels, 1)) {
      var (rest, start, isInside, step) = (line, 0, true, 1)
      for axis in own.indices.dropLast().reversed() {
        let position = origin[axis] + rest % extents[axis]
        rest /= extents[axis]
        isInside = isInside && position >= 0 && position < own[axis]
        start += position * step
        step *= own[axis]
      }
      guard isInside else { continue }
      let first = (start * own.last! + columns.lowerBound) * channels
      let target = (line * width + columns.lowerBound - origin.last!) * channels
      values.replaceSubrange(
        target..<(target + columns.count * channels),
        with: self.values(place, first..<(first + columns.count * channels)))
    }
    return values
  }

  /// Returns some of the numbers of an image.
  private func values(_ place: Place, _ range: Range<Int>) -> [Float] {
    let size = place.byteCount / max(place.count, 1)
    let bytes = bytes(range.count * size, from: place.offset + range.lowerBound * size)
    return [Float](unsafeUninitializedCapacity: range.count) { target, count in
      count = range.count
      bytes.withUnsafeBytes { bytes in
        switch place.width {
        case .byte: for i in 0..<count { target[i] = Float(bytes[i]) }
        case .short:
          for i in 0..<count {
            let bits = bytes.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self)
            target[i] = Float(Int16(littleEndian: bits))
          }
        case .float:
          for i in 0..<count {
            let bits = bytes.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)
            target[i] = Float(bitPattern: UInt32(littleEndian: bits))
          }
        }
      }
    }
  }
}
