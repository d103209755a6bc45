extension Image {
  /// The number of values at one place of the first axis.
  private var sliceCount: Int { values.count / extents[0] }

  /// Returns the slice at a place of the first axis of a volume; an image of two axes is its only slice.
  package func slice(_ index: Int) -> Image {
    guard extents.count == 3 else { return self }
    var slice = Image(
      extents: Array(extents.dropFirst()), channels: channels,
      values: Array(values[index * sliceCount..<(index + 1) * sliceCount]))
    slice.spacing = spacing.map { Array($0.dropFirst()) }
    slice.affine = affine.map { map in
      map.indices.map { $0 % 4 == 3 && $0 < 12 ? map[$0] + Double(index) * map[$0 - 1] : map[$0] }
    }
    (slice.window, slice.inversion) = (window, inversion)
    (slice.hasOpacity, slice.areChannelsMeasurements) = (hasOpacity, areChannelsMeasurements)
    return slice
  }

  /// The number of slices.
  package var depth: Int { extents.count == 3 ? extents[0] : 1 }

  /// The channels without that of opacity, which pictures leave out.
  private var colourChannels: Int { hasOpacity ? channels - 1 : channels }

  /// Returns the interval of the finite values; 0 to 1 where there are none.
  package var valueRange: ClosedRange<Double> {
    var (low, high) = (Float.infinity, -Float.infinity)
    for value in values where value.isFinite { (low, high) = (min(low, value), max(high, value)) }
    return low <= high ? Double(low)...Double(high) : 0...1
  }

  /// Returns 8-bit numbers of an interval of values: its lower end becomes 0, its upper end 255, and what is
  /// outside the nearer of the two. NaN becomes 0.
  package func bytes(window: ClosedRange<Double>) -> [UInt8] {
    let scale = window.upperBound > window.lowerBound ? 255 / (window.upperBound - window.lowerBound) : 0
    return values.map { value in
      guard !value.isNaN else { return 0 }
      let byte = min(max((Double(value) - window.lowerBound) * scale, 0), 255).rounded()
      return UInt8(lowIsBright ? 255 - byte : byte)
    }
  }

  /// Returns an image of two axes as an 8-bit PNG, grey or RGB; opacity is left out.
  ///
  /// `window` is the interval from black to white: that of the file if it is nil, else that of the values.
  package func pngData(window: ClosedRange<Double>? = nil, path: String = "-") throws -> [UInt8] {
    guard extents.count == 2 else {
      throw FormatError(.badData, path: path, "found a volume, expected an image of two axes for PNG")
    }
    guard [1, 3].contains(colourChannels), !areChannelsMeasurements || channels == 1 else {
      throw FormatError(
        .badData, path: path,
        "found \(channels) \(areChannelsMeasurements ? "values at each place, such as times" : "channels"), expected grey (1) or colour (3) for PNG"
      )
    }
    var pixels = bytes(window: window ?? self.window ?? valueRange)
    let shown = colourChannels
    if shown < channels {
      pixels = pixels.indices.lazy.filter { $0 % channels < shown }.map { pixels[$0] }
    }
    return try RasterCodec.encodePNG(pixels, width: extents[1], height: extents[0], channels: shown)
  }

  /// Writes an image of two axes as an 8-bit PNG, as ``pngData(window:path:)`` makes it.
  package func writePNG(to path: String, window: ClosedRange<Double>? = nil, overwrite: Bool = false) throws {
    let bytes = try pngData(window: window, path: path)
    let output = try OutputFile(path, overwrite: overwrite, compression: Compression.none)
    try output.write(bytes)
    try output.close()
  }
}
