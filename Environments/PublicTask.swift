/// A task that follows a public package byte for byte: driven by that package's generator it
/// gives that package's observations, rewards and endings.
public protocol PublicTask: Environment {
  /// The package's generator.
  associatedtype OriginalRandom: SeededRandomSource

  static var original: Original { get }

  /// Appends the present observation as the package has it, which need not be what a network
  /// is shown.
  func appendOriginal(to bytes: inout [UInt8])
}

/// A generator of random numbers that a small number starts.
public protocol SeededRandomSource: RandomSource {
  init(seed: UInt32)
}

/// The task of a public package that a task of ours follows.
public struct Original: Sendable {
  /// Package and version. A package has one layout for the streams of all its tasks, see
  /// `TraceLayout`.
  public enum Package: String, Sendable {
    case bsuite = "bsuite 0.3.6"
    case minAtar = "MinAtar 1.0.15"
    case miniGrid = "minigrid 3.2.0"
  }

  public var package: Package
  /// What the package calls it.
  public var id: String

  public init(package: Package, id: String) {
    self.package = package
    self.id = id
  }
}
