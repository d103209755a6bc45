import LigaseFormats

extension ImageModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let options = (preparation as? ImagePreparation).map { ImageSet.Options($0) } ?? ImageSet.Options()
    var set = try ImageSet(contentsOf: file.path, options) { table in
      file.key.flatMap { table.hasColumn($0) ? $0 : nil } ?? table.columnNames.first
    }
    if let path = file.path, FilePath.isFolder(path) {
      // Records of a folder are joined by the names of their files, without suffixes.
      let names = set.ids.map { id in
        let name = FilePath.name(of: id)
        return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
      }
      if Set(names).count == names.count { set.ids = names }
    }
    return ReadInput(ids: set.ids, set.records, ImageModality(), notes: set.notes)
  }
}
