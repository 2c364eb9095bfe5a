/// A task that follows a public package byte for byte: with that package's random numbers it
/// gives the same observations, rewards and endings.
protocol PublicTask: Environment {
  /// The package's random number generator.
  associatedtype OriginalRandom: SeededRandomSource

  static var original: Original { get }

  /// Appends the current observation in the package's format, which may differ from the
  /// network's input.
  func appendOriginal(to bytes: inout [UInt8])
}

/// A random number generator with a 32-bit seed.
protocol SeededRandomSource: RandomSource {
  init(seed: UInt32)
}

/// The task of a public package that one of our tasks reproduces.
public struct Original: Sendable {
  /// Package and version. All tasks of a package share one byte-stream layout, see `TraceLayout`.
  public enum Package: String, Sendable {
    case bsuite = "bsuite 0.3.6"
    case minAtar = "MinAtar 1.0.15"
    case miniGrid = "minigrid 3.2.0"
  }

  public var package: Package
  /// The package's name for the task.
  public var id: String

  init(package: Package, id: String) {
    self.package = package
    self.id = id
  }
}
