import Synchronization

/// Counts the operations of every product that the process executes, to check the operations that
/// networks report. Off until a test turns it on.
///
/// A multiplication is one operation, an addition another. While off, it costs one load per
/// product.
enum ProductCount {
  static let isOn = Atomic(false)
  static let operations = Atomic(0)

  @inline(__always)
  static func add(_ operations: @autoclosure () -> Int) {
    guard isOn.load(ordering: .relaxed) else { return }
    Self.operations.add(operations(), ordering: .relaxed)
  }

  /// The result of products that no network asked for, which are not counted.
  static func pausing<Result>(_ products: () -> Result) -> Result {
    let wasOn = isOn.exchange(false, ordering: .relaxed)
    defer { isOn.store(wasOn, ordering: .relaxed) }
    return products()
  }
}
