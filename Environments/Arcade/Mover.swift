/// An object that crosses the screen along its row.
struct Mover: BitwiseCopyable, Sendable {
  var x: Int8
  var y: Int8
  var isRightward: Bool
  /// Steps until it moves.
  var timer: Int8 = 0
  /// Steps until it shoots, if it can.
  var shotTimer: Int8 = 0

  mutating func move() { x += isRightward ? 1 : -1 }
  var isOff: Bool { x < 0 || x > 9 }
  func isAt(_ x: Int8, _ y: Int8) -> Bool { self.x == x && self.y == y }
  /// The column of its trail, which may be off the screen.
  var behind: Int8 { isRightward ? x - 1 : x + 1 }
}

extension Mover {
  /// Creates an object that enters at the wall it moves away from.
  init(entering y: Int8, isRightward: Bool, timer: Int8, shotTimer: Int8 = 0) {
    self.init(
      x: isRightward ? 0 : 9, y: y, isRightward: isRightward, timer: timer, shotTimer: shotTimer)
  }
}

/// Movers from the oldest to the newest, at most `capacity`.
struct Movers<let capacity: Int>: BitwiseCopyable, Sendable {
  private var slots: [capacity of Mover] = .init(
    repeating: Mover(x: 0, y: 0, isRightward: false))
  private(set) var count = 0

  var indices: Range<Int> { 0..<count }

  subscript(index: Int) -> Mover {
    get { slots[index] }
    set { slots[index] = newValue }
  }

  mutating func append(_ mover: Mover) {
    slots[count] = mover
    count += 1
  }

  mutating func remove(at index: Int) {
    count -= 1
    for place in index..<count { slots[place] = slots[place + 1] }
  }

  /// Removes the oldest object in a cell.
  ///
  /// - Returns: whether there was one.
  mutating func removeFirst(at x: Int8, _ y: Int8) -> Bool {
    for index in indices where slots[index].isAt(x, y) {
      remove(at: index)
      return true
    }
    return false
  }

  func forEach(_ body: (Mover) -> Void) {
    for index in indices { body(slots[index]) }
  }

  func contains(_ isWanted: (Mover) -> Bool) -> Bool {
    for index in indices where isWanted(slots[index]) { return true }
    return false
  }
}
