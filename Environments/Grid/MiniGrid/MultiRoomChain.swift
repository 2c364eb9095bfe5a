/// A chain of rooms, each behind a door in a wall of the previous one.
struct MultiRoomChain<let capacity: Int> {
  private(set) var count = 0
  /// The rooms, walls included.
  private(set) var areas: [capacity of MiniGridArea] =
    .init(repeating: MiniGridArea(x: 0, y: 0, width: 0, height: 0))
  /// The door that leads into each room.
  private(set) var doors: [capacity of MiniGridPosition] =
    .init(repeating: MiniGridPosition(x: 0, y: 0))

  init() {}

  /// Draws the upper left corner and the size of the first room, then adds rooms until one doesn't
  /// fit or the chain is complete.
  init(largest: Int32, within grid: MiniGridArea, random: inout some RandomSource) {
    let x = random.integer(below: grid.width - 2)
    let y = random.integer(below: grid.height - 2)
    let (width, height) = Self.size(largest, random: &random)
    let first = MiniGridArea(x: x, y: y, width: width, height: height)
    append(first, behind: MiniGridPosition(x: x, y: y), within: grid)
    // As if the first room had been entered from the left.
    var wall: Int32? = count == 0 ? nil : 0
    while let last = wall, count < capacity {
      wall = extend(enteredBy: (last + 2) % 4, largest: largest, within: grid, random: &random)
    }
  }

  private static func size(
    _ largest: Int32, random: inout some RandomSource
  ) -> (width: Int32, height: Int32) {
    let width = 4 + random.integer(below: largest - 3)
    return (width, 4 + random.integer(below: largest - 3))
  }

  /// Adds a room behind a wall of the last one, other than the wall through which that one is
  /// entered.
  ///
  /// Draws the wall, the door, the size, and the shift of the new room along the wall, up to eight
  /// times. Walls are numbered like directions.
  ///
  /// - Returns: the wall, or `nil` if no attempt gave a room that fits.
  private mutating func extend(
    enteredBy entry: Int32, largest: Int32, within grid: MiniGridArea,
    random: inout some RandomSource
  ) -> Int32? {
    for _ in 0..<8 {
      let rank = random.integer(below: 3)
      let wall = rank < entry ? rank : rank + 1
      // Down and up are handled as right and left with x and y exchanged.
      let isTransposed = wall & 1 == 1
      let last = isTransposed ? areas[count - 1].transposed : areas[count - 1]
      var door = MiniGridPosition(
        x: wall < 2 ? last.x + last.width - 1 : last.x,
        y: last.y + 1 + random.integer(below: last.height - 2))
      var next = MiniGridArea(x: door.x, y: door.y, width: 0, height: 0)
      (next.width, next.height) = Self.size(largest, random: &random)
      if isTransposed { swap(&next.width, &next.height) }
      next.x -= wall < 2 ? 0 : next.width - 1
      next.y -= next.height - 2 - random.integer(below: next.height - 2)
      if isTransposed { (door, next) = (door.transposed, next.transposed) }
      if append(next, behind: door, within: grid) { return wall }
    }
    return nil
  }

  /// Adds a room if it is inside the grid and apart from all earlier rooms except the last one. The
  /// grid's last row stays free.
  @discardableResult
  private mutating func append(
    _ area: MiniGridArea, behind door: MiniGridPosition, within grid: MiniGridArea
  ) -> Bool {
    guard
      area.x >= 0, area.y >= 0, area.x + area.width <= grid.width,
      area.y + area.height < grid.height
    else { return false }
    for index in 0..<max(count - 1, 0) where !area.isApart(from: areas[index]) { return false }
    areas[count] = area
    doors[count] = door
    count += 1
    return true
  }
}

extension MiniGridArea {
  fileprivate var transposed: Self { Self(x: y, y: x, width: height, height: width) }

  /// Whether the areas share no cell, with a free column or row between them if `other` is to the
  /// right or below.
  fileprivate func isApart(from other: Self) -> Bool {
    x + width < other.x || other.x + other.width <= x
      || y + height < other.y || other.y + other.height <= y
  }
}

extension MiniGridPosition {
  fileprivate var transposed: Self { Self(x: y, y: x) }
}
