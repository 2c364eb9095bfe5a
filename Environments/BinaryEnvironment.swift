/// A task whose observation is all zeros and ones, told as the list of its ones: a first layer
/// is then a sum of rows instead of a product.
public protocol BinaryEnvironment: Environment {
  /// No state has more ones than this.
  static var mostActiveFeatures: Int { get }

  /// Hands over the index of every one in the observation, each once, in any order.
  func forEachActiveFeature(_ body: (Int) -> Void)
}

extension BinaryEnvironment {
  /// The dense row of the same observation.
  public func observe(into row: inout MutableSpan<Float>) {
    row.update(repeating: 0)
    forEachActiveFeature { row[$0] = 1 }
  }
}

/// A binary task whose package shows the very zeros and ones that networks see, a byte each.
extension BinaryEnvironment where Self: PublicTask {
  public func appendOriginal(to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes += repeatElement(0, count: Self.facts.observationSize)
    forEachActiveFeature { bytes[start + $0] = 1 }
  }
}
