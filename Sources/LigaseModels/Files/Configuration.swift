internal import FoundationEssentials
import LigaseDatasets
import LigaseFormats

/// Options read from a JSON file, which contains only changed options; every key must exist.
package struct Configuration: Sendable {
  /// The current names of options that had another name in earlier versions.
  static let renamedKeys = ["purpose": "setting", "members": "ensemble"]

  private let changes: JSONValue
  private let path: String

  /// Reads a file.
  ///
  /// - Throws: `FormatError` for JSON that does not parse.
  package init(contentsOf path: String) throws {
    let reader = try ByteReader(contentsOf: path)
    self.path = reader.path
    do {
      changes = try JSONDecoder().decode(JSONValue.self, from: Data(try reader.readAll()))
    } catch is DecodingError {
      throw FormatError(
        .badData, path: reader.path, "found text that is not JSON, expected an object of options")
    }
  }

  /// Checks the layers that the file lists, before any data is read.
  ///
  /// - Throws: `FormatError` for a list that cannot be read or whose layers do not fit each other.
  package func checkLayers<Preset: Task>(of _: Preset.Type) throws {
    guard case .object(let options) = changes, case .object(let inputs)? = options["inputs"] else { return }
    for (input, value) in inputs.sorted(by: { $0.key < $1.key }) {
      guard case .object(let choices) = value, case .object(let encoder)? = choices["encoder"],
        let layers = encoder["layers"]
      else { continue }
      let name = "inputs.\(input).encoder.layers"
      var options = EncoderOptions(.layers)
      do { options.layers = try layers.decoded([ListedLayer].self) } catch let problem as LayerProblem {
        throw FormatError(.badData, path: path, "\(name): \(problem)")
      } catch {
        throw FormatError(.badData, path: path, "found no list under '\(name)', expected layers in brackets")
      }
      if options.layers.isEmpty { continue }
      guard let axes = Modalities.axes(of: input == "*" ? Preset.mainInput : input) else { continue }
      let shape = LayerShape(rank: axes, channels: nil)
      if let problem = options.layerProblem(shape, isOfSteps: Preset.isOfSteps) {
        throw FormatError(.badData, path: path, "\(name): \(problem)")
      }
    }
  }

  /// Whether the file names a value for an encoder's option of an input.
  package func setsEncoder(_ option: String, of input: String) -> Bool {
    changes.leaves(at: "").contains { leaf in
      [input, "*"].contains { (leaf.name + ".").hasPrefix("inputs.\($0).encoder.\(option).") }
    }
  }

  /// Returns `defaults` with the values of the file in place.
  ///
  /// - Throws: `FormatError` for an unknown key (naming those that exist) or a value of the wrong type.
  package func laid<Options: Codable>(over defaults: Options) throws -> Options {
    let known = try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(defaults))
    func decoded(_ changes: JSONValue) throws -> Options {
      let merged = try JSONEncoder().encode(known.overlaid(with: changes, at: "", path: path))
      return try JSONDecoder().decode(Options.self, from: merged)
    }
    do { return try decoded(changes) } catch let problem as LayerProblem {
      throw FormatError(.badData, path: path, "layers: \(problem)")
    } catch is DecodingError {
      // Decoding one value at a time shows which one is wrong.
      let wrong = changes.leaves(at: "").first { (try? decoded($0.alone)) == nil }?.name ?? ""
      throw FormatError(
        .badData, path: path, "the value of '\(wrong)' cannot be used: found another type or choice")
    }
  }
}
