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
}
