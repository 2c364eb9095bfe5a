public import Synchronization

/// Counts the operations of all products of the process, where they are executed: the witness
/// against which what the network says of itself is held. Off until it is asked for.
///
/// A multiplication is one operation, an addition another. It costs a load a product while off.
public enum ProductCount {
  public static let isOn = Atomic(false)
  public static let operations = Atomic(0)

  @inline(__always)
  static func add(_ operations: @autoclosure () -> Int) {
    guard isOn.load(ordering: .relaxed) else { return }
    Self.operations.add(operations(), ordering: .relaxed)
  }
}
