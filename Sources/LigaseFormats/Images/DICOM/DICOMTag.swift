/// A tag of DICOM with its keyword and its type of value: `Rows (0028,0010)`.
struct DICOMTag: Hashable, CustomStringConvertible {
  let number: UInt32
  let keyword: String
  /// The value representation that the dictionary of the standard (PS3.6) gives, for files with implicit ones.
  let representation: Representation

  /// The types of values that are read here.
  enum Representation: String {
    case text, decimal, uint16 = "US", int16 = "SS", uint32 = "UL", int32 = "SL", float = "FL", double = "FD"
    case sequence = "SQ", bytes

    /// Returns the type of an explicit value representation; nil for `UN`, whose type the dictionary gives.
    init?(code: String) {
      switch code {
      case "UN": return nil
      case "DS", "IS": self = .decimal
      case "OB", "OW", "OF", "OD", "OL", "OV", "UV", "SV", "AT": self = .bytes
      default: self = Representation(rawValue: code) ?? .text
      }
    }
  }

  init(_ group: UInt32, _ element: UInt32, _ keyword: String, _ representation: Representation) {
    number = group << 16 | element
    (self.keyword, self.representation) = (keyword, representation)
  }

  var description: String { "\(keyword) \(DICOMTag.shown(number))" }

  /// Returns a tag in the notation of the standard: `(0028,0010)`.
  static func shown(_ number: UInt32) -> String {
    func digits(_ value: UInt32) -> String {
      let text = String(value, radix: 16, uppercase: true)
      return String(repeating: "0", count: 4 - text.count) + text
    }
    return "(\(digits(number >> 16)),\(digits(number & 0xFFFF)))"
  }
}

extension DICOMTag {
  // The file.
  static let transferSyntax = DICOMTag(0x0002, 0x0010, "TransferSyntaxUID", .text)
  static let sopClass = DICOMTag(0x0008, 0x0016, "SOPClassUID", .text)
  static let modality = DICOMTag(0x0008, 0x0060, "Modality", .text)
  // The pixels.
  static let samplesPerPixel = DICOMTag(0x0028, 0x0002, "SamplesPerPixel", .uint16)
  static let photometric = DICOMTag(0x0028, 0x0004, "PhotometricInterpretation", .text)
  static let planar = DICOMTag(0x0028, 0x0006, "PlanarConfiguration", .uint16)
  static let frames = DICOMTag(0x0028, 0x0008, "NumberOfFrames", .decimal)
  static let rows = DICOMTag(0x0028, 0x0010, "Rows", .uint16)
  static let columns = DICOMTag(0x0028, 0x0011, "Columns", .uint16)
  static let bitsAllocated = DICOMTag(0x0028, 0x0100, "BitsAllocated", .uint16)
  static let bitsStored = DICOMTag(0x0028, 0x0101, "BitsStored", .uint16)
  static let highBit = DICOMTag(0x0028, 0x0102, "HighBit", .uint16)
  static let pixelRepresentation = DICOMTag(0x0028, 0x0103, "PixelRepresentation", .uint16)
  static let pixelData = DICOMTag(0x7FE0, 0x0010, "PixelData", .bytes)
  static let floatPixelData = DICOMTag(0x7FE0, 0x0008, "FloatPixelData", .bytes)
  static let doublePixelData = DICOMTag(0x7FE0, 0x0009, "DoubleFloatPixelData", .bytes)
  static let extendedOffsets = DICOMTag(0x7FE0, 0x0001, "ExtendedOffsetTable", .bytes)
  // Their meaning.
  static let slope = DICOMTag(0x0028, 0x1053, "RescaleSlope", .decimal)
  static let intercept = DICOMTag(0x0028, 0x1052, "RescaleIntercept", .decimal)
  static let windowCenter = DICOMTag(0x0028, 0x1050, "WindowCenter", .decimal)
  static let windowWidth = DICOMTag(0x0028, 0x1051, "WindowWidth", .decimal)
  static let windowFunction = DICOMTag(0x0028, 0x1056, "VOILUTFunction", .text)
  static let modalityTable = DICOMTag(0x0028, 0x3000, "ModalityLUTSequence", .sequence)
  static let tableDescriptor = DICOMTag(0x0028, 0x3002, "LUTDescriptor", .bytes)
  static let tableData = DICOMTag(0x0028, 0x3006, "LUTData", .bytes)
  static let paletteDescriptors = [
    DICOMTag(0x0028, 0x1101, "RedPaletteColorLookupTableDescriptor", .bytes),
    DICOMTag(0x0028, 0x1102, "GreenPaletteColorLookupTableDescriptor", .bytes),
    DICOMTag(0x0028, 0x1103, "BluePaletteColorLookupTableDescriptor", .bytes),
  ]
  static let palettes = [
    DICOMTag(0x0028, 0x1201, "RedPaletteColorLookupTableData", .bytes),
    DICOMTag(0x0028, 0x1202, "GreenPaletteColorLookupTableData", .bytes),
    DICOMTag(0x0028, 0x1203, "BluePaletteColorLookupTableData", .bytes),
  ]
  static let segmentedPalette = DICOMTag(0x0028, 0x1221, "SegmentedRedPaletteColorLookupTableData", .bytes)
  // Their place.
  static let position = DICOMTag(0x0020, 0x0032, "ImagePositionPatient", .decimal)
  static let orientation = DICOMTag(0x0020, 0x0037, "ImageOrientationPatient", .decimal)
  static let pixelSpacing = DICOMTag(0x0028, 0x0030, "PixelSpacing", .decimal)
  static let imagerSpacing = DICOMTag(0x0018, 0x1164, "ImagerPixelSpacing", .decimal)
  static let frameOffsets = DICOMTag(0x3004, 0x000C, "GridFrameOffsetVector", .decimal)
  // Functional groups of enhanced files.
  static let sharedGroups = DICOMTag(0x5200, 0x9229, "SharedFunctionalGroupsSequence", .sequence)
  static let frameGroups = DICOMTag(0x5200, 0x9230, "PerFrameFunctionalGroupsSequence", .sequence)
  static let pixelMeasures = DICOMTag(0x0028, 0x9110, "PixelMeasuresSequence", .sequence)
  static let framePositions = DICOMTag(0x0020, 0x9113, "PlanePositionSequence", .sequence)
  static let frameOrientations = DICOMTag(0x0020, 0x9116, "PlaneOrientationSequence", .sequence)
  static let valueTransformation = DICOMTag(0x0028, 0x9145, "PixelValueTransformationSequence", .sequence)
  static let frameWindows = DICOMTag(0x0028, 0x9132, "FrameVOILUTSequence", .sequence)

  /// The sequences that are read here, for files with implicit value representations.
  static let sequences: Set<UInt32> = Set(
    [
      modalityTable, sharedGroups, frameGroups, pixelMeasures, framePositions, frameOrientations,
      valueTransformation, frameWindows,
    ].map(\.number))

  // What may identify a patient.
  static let seriesUID = DICOMTag(0x0020, 0x000E, "SeriesInstanceUID", .text)
  /// Texts that may identify a patient, with the columns in which they are shown.
  static let identifiers: [(tag: DICOMTag, column: String)] = [
    (DICOMTag(0x0010, 0x0010, "PatientName", .text), "patient_name"),
    (DICOMTag(0x0010, 0x0020, "PatientID", .text), "patient_id"),
    (DICOMTag(0x0010, 0x0030, "PatientBirthDate", .text), "patient_birth_date"),
    (DICOMTag(0x0010, 0x0040, "PatientSex", .text), "patient_sex"),
    (DICOMTag(0x0010, 0x1010, "PatientAge", .text), "patient_age"),
    (DICOMTag(0x0008, 0x0020, "StudyDate", .text), "study_date"),
    (DICOMTag(0x0008, 0x0050, "AccessionNumber", .text), "accession_number"),
    (DICOMTag(0x0008, 0x0080, "InstitutionName", .text), "institution"),
    (DICOMTag(0x0008, 0x0090, "ReferringPhysicianName", .text), "referring_physician"),
    (DICOMTag(0x0008, 0x1030, "StudyDescription", .text), "study_description"),
    (DICOMTag(0x0008, 0x103E, "SeriesDescription", .text), "series_description"),
    (DICOMTag(0x0020, 0x000D, "StudyInstanceUID", .text), "study_uid"),
    (seriesUID, "series_uid"),
    (DICOMTag(0x0008, 0x0018, "SOPInstanceUID", .text), "instance_uid"),
  ]
}
