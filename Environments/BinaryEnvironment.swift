/// A task whose observation consists of zeros and ones. It lists the indices of the ones, so that
/// a network's first layer is a sum of weight rows instead of a matrix product.
public protocol BinaryEnvironment: Environment {
  /// Upper bound on the number of ones in an observation.
  static var maxNonzeros: Int { get }

  /// Calls `body` with the index of every one in the observation, each once, in any order.
  func forEachNonzero(_ body: (Int) -> Void)
}

extension BinaryEnvironment {
  /// Writes the same observation as a dense row.
  public func observe(into row: inout MutableSpan<Float>) {
    row.update(repeating: 0)
    forEachNonzero { row[$0] = 1 }
  }
}

/// The default for a package whose observation equals the network's input, one byte per feature.
extension BinaryEnvironment where Self: PublicTask {
  func appendOriginal(to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes += repeatElement(0, count: Self.facts.observationSize)
    forEachNonzero { bytes[start + $0] = 1 }
  }
}
