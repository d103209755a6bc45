import LigaseTensors

/// Grids at a multiple of their extents; PyTorch's `Upsample`.
package struct Upsampling: Layer {
  /// How places between the places of the input are filled.
  package enum Mode: String, Codable, CaseIterable, Hashable, Sendable {
    /// Every place is repeated.
    case nearest
    /// Linear interpolation along each axis, between the middles of places.
    case linear
  }

  /// The factor of the extents.
  package let factor: Int
  /// The mode.
  package let mode: Mode

  /// Creates a layer without parameters.
  package init(factor: Int, mode: Mode = .nearest) { (self.factor, self.mode) = (factor, mode) }

  /// Returns the enlarged examples.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids {
    mode == .nearest ? input.repeated(by: factor) : input.linearlyUpsampled(by: factor)
  }

  package mutating func visitParameters(_ visit: ParameterVisitor) {}
}

/// More places at both ends of each axis, mirrored about the ends; PyTorch's `ReflectionPad1d` to `ReflectionPad3d`.
package struct MirrorPadding: Layer {
  /// Places at either end.
  package let count: Int

  /// Creates a layer without parameters.
  package init(_ count: Int) { self.count = count }

  /// Returns the enlarged examples.
  package func callAsFunction(_ input: Grids, _ context: Context) -> Grids { input.mirrored(by: count) }

  package mutating func visitParameters(_ visit: ParameterVisitor) {}
}
