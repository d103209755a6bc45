import LigaseFormats

extension ImageModality {
  package static func read(_ file: InputFile, as preparation: (any Preparation)?) throws -> ReadInput {
    let options = (preparation as? ImagePreparation).map { ImageSet.Options($0) } ?? ImageSet.Options()
    let set: ImageSet
    switch try ImageSet.source(file.path) {
    case .archive: set = try ImageSet(archive: file.path, options)
    case .array: set = try ImageSet(array: file.path, options)
    case .folder:
      // Records of a folder are joined by the names of their files, without suffixes.
      var found = try ImageSet(folder: file.path!, options)
      let names = found.ids.map { id in
        let name = id.split(separator: "/").last.map(String.init) ?? id
        return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
      }
      if Set(names).count == names.count { found.ids = names }
      set = found
    case .image: set = try ImageSet(files: [file.path!], options)
    case .table:
      let table = try Table(contentsOf: file.path)
      let key = file.key.flatMap { table.hasColumn($0) ? $0 : nil } ?? table.columnNames.first
      set = try ImageSet(table: table, column: nil, root: nil, key: key, options)
    }
    return ReadInput(ids: set.ids, set.records, ImageModality(), notes: set.notes)
  }
}
