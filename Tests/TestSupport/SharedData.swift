import Glibc

/// Public data sets that are too large for the package, in the folder that `LIGASE_DATA` names, by default
/// `../shared/data` next to the package; tests that need them are skipped if they are absent.
public enum SharedData {
  /// Returns the path of a file of the collection, or nil, with a message, if it is absent.
  public static func path(_ name: String) -> String? {
    let folder = getenv("LIGASE_DATA").map { String(cString: $0) } ?? "../shared/data"
    let path = folder + "/" + name
    if access(path, R_OK) == 0, let whole = realpath(path, nil) {
      defer { free(whole) }
      // Tests that run in another folder need the path from the root.
      return String(cString: whole)
    }
    print("skipped: \(path) is absent (LIGASE_DATA names the folder)")
    return nil
  }

  /// Returns the bytes of a file of the collection, or nil, with a message, if it is absent.
  public static func bytes(_ name: String) -> [UInt8]? {
    path(name).flatMap(TemporaryFolder.contents)
  }
}
