extension Image {
  /// Reads an image or a volume; the format is recognised by the bytes of the file.
  ///
  /// Values are those that the pixels stand for: 0 to 255 for 8 bits, 0 to 65535 for 16 bits, and after slope and
  /// intercept where the format has them.
  ///
  /// ```
  /// func meanBrightness(of path: String) throws -> Float {
  ///   let image = try Image(contentsOf: path)
  ///   return image.values.reduce(0, +) / Float(image.values.count)
  /// }
  /// ```
  package init(contentsOf path: String) throws {
    self = try Image(contentsOf: path, options: ImageFile.Options())
  }

  /// Reads an image or a volume with what the caller accepts.
  package init(contentsOf path: String, options: ImageFile.Options) throws {
    self = try ImageFile(contentsOf: path, options: options).image()
  }
}
