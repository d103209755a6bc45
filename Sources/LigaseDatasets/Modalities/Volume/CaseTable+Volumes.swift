import LigaseFormats

extension CaseTable {
  /// Reads the files of a case into a collection of volumes.
  ///
  /// - Parameter labelled: whether labels are read, where the case has some.
  package func read(
    _ number: Int, labelled: Bool, into volumes: inout VolumeCollector, _ options: ImageFile.Options
  ) throws {
    let one = cases[number]
    func image(_ path: String) throws -> VolumeCollector.Named {
      (path, try Image(contentsOf: path, options: options))
    }
    try volumes.add(
      one.id, channels: one.channels.map(image), mask: one.mask.map(image),
      labels: labelled ? one.labels.map(image) : nil)
  }
}
