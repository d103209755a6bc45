import LigaseDatasets
import LigaseNetworks
import LigaseTensors

/// The shape of the data between the layers of a list, as far as it is known before the data is read.
package struct LayerShape: Hashable, Sendable {
  /// The number of spatial axes: 0 for one row per example, 1 for steps, 2 for pixels, 3 for voxels.
  package var rank: Int
  /// The number of channels; nil where it depends on the data.
  package var channels: Int?
  /// Whether positions are those of the input.
  package var keepsPlaces = true
  /// The places of the input at either end of every axis that have none in the output.
  package var margin = 0
  /// Whether the channels are two concatenated directions of a recurrent layer.
  package var isBidirectional = false
  /// The number of places along each axis; nil where examples differ, or where it is not known yet.
  package var extents: [Int]?

  package init(rank: Int, channels: Int?) { (self.rank, self.channels) = (rank, channels) }

  /// The shape of an input.
  ///
  /// - Parameter channels: those that the layers read: of the input, or of the embeddings of its tokens.
  init(_ input: InputShape, channels: Int?) {
    self.init(rank: input.axes, channels: channels)
    extents = input.extents.isEmpty ? input.length.map { [$0] } : input.extents
  }

  /// Returns the shape after a window has slid over every axis.
  func slid(by window: SlidingWindow) throws(LayerProblem) -> LayerShape {
    var shape = self
    guard let extents else { return shape }
    let places = zip(window.axes, extents).map { $0.places(on: $1) }
    if let axis = places.firstIndex(of: 0) {
      throw LayerProblem(
        "found a window of \(window.axes[axis].size) over \(extents[axis]) places, expected at least as many places as the window needs"
      )
    }
    shape.extents = places
    return shape
  }

  /// Returns the shape with another number of channels.
  func with(channels: Int?) -> LayerShape {
    var shape = self
    (shape.channels, shape.isBidirectional) = (channels, false)
    return shape
  }
}

/// The options of one layer in a list of layers: they determine its output shape and build it.
package protocol LayerOptions: Codable, Hashable, Sendable {
  /// The names of the layer in lists.
  static var names: [String] { get }
  /// Creates the default options of a layer in a list.
  ///
  /// - Parameter layer: the name in the list.
  init(layer: String)
  /// Returns the output shape for an input shape.
  ///
  /// - Throws: `LayerProblem` where an option is out of range or the input shape does not fit.
  func output(of input: LayerShape) throws(LayerProblem) -> LayerShape
  /// Builds the layer for an input that `output(of:)` accepts and whose channels are known.
  func build(_ input: LayerShape, from weights: WeightBuilder) -> any Layer
}

extension LayerOptions {
  fileprivate var erased: AnyHashable { AnyHashable(self) }
  fileprivate func json() throws -> JSONValue { try JSONValue(encoding: self) }
}

/// The reason why a list of layers cannot be used.
package struct LayerProblem: Error, Equatable, CustomStringConvertible {
  /// The reason in one sentence.
  package var description: String

  init(_ description: String) { self.description = description }

  /// Throws unless a number is in a range.
  static func require<T>(_ value: T, in range: ClosedRange<T>, _ name: String) throws(LayerProblem) {
    if !range.contains(value) {
      throw LayerProblem("\(name) must be from \(range.lowerBound) to \(range.upperBound) (got \(value))")
    }
  }

  /// Throws unless the number of spatial axes is in a range.
  static func requireSpace(_ shape: LayerShape, _ range: ClosedRange<Int> = 1...3) throws(LayerProblem) {
    if range.contains(shape.rank) { return }
    throw LayerProblem(
      "it reads \(range.upperBound == 1 ? "steps" : "steps, pixels or voxels"), and the layer before it gives "
        + (shape.rank == 0 ? "one row an example" : "\(shape.rank) axes of space"))
  }
}

/// The layers that can be listed. A layer is one type in this folder and one line here.
enum LayerRegistry {
  static let all: [any LayerOptions.Type] = [
    ConvolutionOptions.self, WindowPoolingOptions.self, RecurrentOptions.self, LengthPoolingOptions.self,
    LinearOptions.self, ActivationOptions.self, DropoutOptions.self, NormalizationOptions.self,
    ResidualOptions.self, CutOptions.self, FlattenOptions.self, GridNormOptions.self,
    PReLUOptions.self, DeepMedicOptions.self, UNetOptions.self, TransposedConvolutionOptions.self,
    UpsamplingOptions.self,
  ]

  static var names: [String] { all.flatMap { $0.names } }
}

/// One layer of a list: `{"layer": "convolution", "filters": 64, "kernelSize": 7}`. Missing options have
/// their defaults, and unknown ones are refused.
package struct ListedLayer: Codable, Hashable, Sendable {
  /// The options of the layer.
  package var options: any LayerOptions
  /// The name of the layer in the list.
  package var layer: String
  /// The prefix of its parameter names; nil uses its position in the list.
  package var name: String?

  init(_ layer: String, name: String? = nil, _ options: any LayerOptions) {
    (self.layer, self.name, self.options) = (layer, name, options)
  }

  package init(from decoder: any Decoder) throws {
    guard case .object(var fields) = try JSONValue(from: decoder) else {
      throw LayerProblem(
        "found a value that is not a layer, expected an object such as {\"layer\": \"linear\"}")
    }
    guard case .string(let layer)? = fields.removeValue(forKey: "layer") else {
      throw LayerProblem(
        "found no name under \"layer\", expected one of \(LayerRegistry.names.joined(separator: ", "))")
    }
    var name: String?
    if case .string(let text)? = fields.removeValue(forKey: "name") { name = text }
    guard let kind = LayerRegistry.all.first(where: { $0.names.contains(layer) }) else {
      throw LayerProblem(
        "found the layer '\(layer)', expected one of \(LayerRegistry.names.joined(separator: ", "))")
    }
    self.init(layer, name: name, try Self.options(kind, layer, fields))
  }

  /// Returns the default options of a layer with some options replaced.
  private static func options<Options: LayerOptions>(
    _: Options.Type, _ layer: String, _ fields: [String: JSONValue]
  ) throws -> any LayerOptions {
    guard case .object(var all) = try JSONValue(encoding: Options(layer: layer)) else {
      return Options(layer: layer)
    }
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
      guard all[key] != nil else {
        let known = all.keys.filter { $0 != "layer" }.sorted().joined(separator: ", ")
        throw LayerProblem(
          "\(layer): found the unknown option '\(key)', expected "
            + (known.isEmpty ? "none" : "one of \(known)"))
      }
      all[key] = value
      do { _ = try JSONValue.object(all).decoded(Options.self) } catch is DecodingError {
        throw LayerProblem("\(layer): the value of '\(key)' cannot be used: found another type or choice")
      }
    }
    return try JSONValue.object(all).decoded(Options.self)
  }

  package func encode(to encoder: any Encoder) throws {
    guard case .object(var fields) = try options.json() else { return }
    fields["layer"] = .string(layer)
    if let name { fields["name"] = .string(name) }
    try JSONValue.object(fields).encode(to: encoder)
  }

  package static func == (a: ListedLayer, b: ListedLayer) -> Bool {
    a.layer == b.layer && a.name == b.name && a.options.erased == b.options.erased
  }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(layer)
    hasher.combine(name)
    hasher.combine(options.erased)
  }
}

/// A sequence of layers.
extension [ListedLayer] {
  /// Returns the shape of the output of the last layer.
  ///
  /// - Throws: `LayerProblem` that names the first layer that does not fit.
  package func output(of input: LayerShape) throws(LayerProblem) -> LayerShape {
    var shape = input
    for (i, entry) in enumerated() {
      do { shape = try entry.options.output(of: shape) } catch {
        throw LayerProblem("layer \(i + 1), \(entry.layer): \(error)")
      }
    }
    return shape
  }

  /// Builds the layers for an input that fits, with the parameters of each under its name, or `prefix` and
  /// its position.
  func build(_ input: LayerShape, prefix: String = "", from weights: WeightBuilder) throws(LayerProblem)
    -> Sequential
  {
    var (shape, layers) = (input, [(name: String, layer: any Layer)]())
    for (i, entry) in enumerated() {
      let name = entry.name ?? "\(prefix)\(i)"
      layers.append((name, entry.options.build(shape, from: weights.nested(name))))
      shape = try entry.options.output(of: shape)
    }
    return Sequential(named: layers)
  }
}
