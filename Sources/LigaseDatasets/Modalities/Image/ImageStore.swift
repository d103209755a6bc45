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
    let spacing: [Double]?
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
  /// The number of channels of an image.
  func channels(of image: Int) -> Int { places[image].channels }

  /// Adds an image, whose values must be finite.
  package func append(_ image: Image) throws {
    let (bytes, width) = Self.packed(image.values)
    places.append(
      Place(
        offset: end, width: width, extents: image.extents, channels: image.channels, spacing: image.spacing))
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
    if values.allSatisfy({
      $0 >= 0 && $0 <= 255 && $0 == $0.rounded(.towardZero) && ($0 != 0 || $0.sign == .plus)
    }) {
      return (values.map { UInt8($0) }, .byte)
    }
    func bytes(_ pattern: UInt32, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: pattern >> UInt32(8 * $0)) }
    }
    if values.allSatisfy({
      abs($0) <= 32767 && $0 == $0.rounded(.towardZero) && ($0 != 0 || $0.sign == .plus)
    }) {
      return (values.flatMap { bytes(UInt32(bitPattern: Int32($0)), 2) }, .short)
    }
    return (values.flatMap { bytes($0.bitPattern, 4) }, .float)
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

  /// Returns the bytes of an image.
  private func bytes(_ place: Place) -> [UInt8] {
    guard descriptor >= 0 else { return Array(memory[place.offset..<(place.offset + place.byteCount)]) }
    return [UInt8](unsafeUninitializedCapacity: place.byteCount) { target, count in
      while count < place.byteCount {
        let got = pread(
          descriptor, target.baseAddress! + count, place.byteCount - count, off_t(place.offset + count))
        if got < 0, errno == EINTR { continue }
        precondition(got > 0, "ImageStore: the temporary file of images cannot be read")
        count += got
      }
    }
  }

  /// Returns an image.
  package func image(_ number: Int) -> Image {
    let place = places[number], bytes = bytes(place)
    let values = [Float](unsafeUninitializedCapacity: place.count) { target, count in
      count = place.count
      bytes.withUnsafeBufferPointer { bytes in
        switch place.width {
        case .byte: for i in 0..<count { target[i] = Float(bytes[i]) }
        case .short:
          for i in 0..<count {
            target[i] = Float(Int16(bitPattern: UInt16(bytes[2 * i]) | UInt16(bytes[2 * i + 1]) << 8))
          }
        case .float:
          for i in 0..<count {
            target[i] = Float(
              bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[4 * i + $1]) << UInt32(8 * $1) })
          }
        }
      }
    }
    var image = Image(extents: place.extents, channels: place.channels, values: values)
    image.spacing = place.spacing
    return image
  }
}
