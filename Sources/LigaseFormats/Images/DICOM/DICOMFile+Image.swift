import LigaseRuntime

extension DICOMFile {
  /// Decodes the pixels: the frames in the order of their positions.
  func image() throws -> Image {
    let frames = try DICOMFrames(self)
    let layout = frames.layout
    let stack = layout.frames > 1 ? try DICOMStack(frames: layout.frames, of: self) : nil
    let meanings = try DICOMMeaning.frames(of: dataset)
    let palette = try layout.photometric == .palette ? DICOMPalette(dataset) : nil
    let extents = [layout.rows, layout.columns]
    let count = try ImageSize.count([layout.frames] + extents + [layout.channels], path: path)
    var values: [Float] = []
    // Memory grows with what is decoded, not with what the header states.
    if syntax.pixels == .native { values.reserveCapacity(count) }
    for frame in stack?.order ?? [0] {
      let numbers = try frames.numbers(frame)
      if let palette {
        palette.append(numbers, to: &values)
      } else if layout.isFloat {
        values += numbers.lazy.map {
          layout.bitsAllocated == 32
            ? Float(bitPattern: UInt32(truncatingIfNeeded: $0))
            : Float(Double(bitPattern: UInt64(bitPattern: $0)))
        }
      } else {
        meanings[meanings.count == layout.frames ? frame : 0].append(numbers, to: &values)
      }
    }
    var image = Image(
      extents: layout.frames > 1 ? [layout.frames] + extents : extents, channels: layout.channels,
      values: values)
    let geometry = DICOMGeometry.ifAny(of: self).geometry
    image.spacing = stack == nil ? geometry.spacing : stack?.spacing
    image.affine = stack == nil ? geometry.affine : stack?.affine
    if layout.photometric == .monochrome1 {
      image.inversion = layout.isFloat ? nil : meanings[0].inversion(of: layout)
    }
    if let palette {
      image.window = 0...palette.maximum
    } else if layout.channels == 3 {
      image.window = 0...Double(UInt64.max >> UInt64(64 - layout.bitsStored))
    } else {
      image.window = meanings[0].interval
    }
    return image
  }
}

extension DICOMMeaning {
  /// The sum of the values of the smallest and the largest number that can be stored: what remains of it is a value inverted.
  func inversion(of layout: DICOMLayout) -> Double {
    let span = pow(2, Double(layout.bitsStored)), low = layout.isSigned ? -span / 2 : 0
    if let table { return Double(table.values.first!) + Double(table.values.last!) }
    return (2 * low + span - 1) * slope + 2 * intercept
  }

  /// Appends the values that stored numbers stand for.
  func append(_ numbers: [Int64], to values: inout [Float]) {
    if let table {
      let last = table.values.count - 1
      values += numbers.lazy.map { table.values[Int(min(max($0 - Int64(table.first), 0), Int64(last)))] }
    } else {
      values += numbers.lazy.map { Float(Double($0) * slope + intercept) }
    }
  }
}

/// The colours of PALETTE COLOR: a table each for red, green and blue.
struct DICOMPalette {
  private let first: [Int]
  private let colours: [[Int]]
  /// The value of full brightness.
  let maximum: Double

  /// Reads the tables.
  init(_ dataset: DICOMDataset) throws {
    if dataset[.segmentedPalette] != nil, dataset[DICOMTag.palettes[0]] == nil {
      throw FormatError(
        .badData, path: dataset.path, "found segmented palettes, which are not read",
        remedy: .rewrite(with: "gdcmconv -l FILE NEW.dcm"))
    }
    let isSigned = try dataset.integer(.pixelRepresentation, in: 0...1) == 1
    let tables = try zip(DICOMTag.paletteDescriptors, DICOMTag.palettes).map { descriptor, data in
      guard
        let table = try DICOMMeaning.lookUpTable(
          dataset, descriptor: descriptor, data: data, isSigned: isSigned), !table.values.isEmpty
      else {
        throw FormatError(.badData, path: dataset.path, "found no \(data), expected it for PALETTE COLOR")
      }
      return table
    }
    first = tables.map(\.first)
    colours = tables.map(\.values)
    maximum = colours.contains { $0.contains { $0 > 255 } } ? 65_535 : 255
  }

  /// Appends the colours of stored numbers.
  func append(_ numbers: [Int64], to values: inout [Float]) {
    for number in numbers {
      for channel in 0..<3 {
        let index = min(max(number - Int64(first[channel]), 0), Int64(colours[channel].count - 1))
        values.append(Float(colours[channel][Int(index)]))
      }
    }
  }
}
