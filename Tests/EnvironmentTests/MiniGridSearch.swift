@testable import Environments

extension MiniGrid {
  /// A shortest way to success, found by trying everything in breadth; nil if there is none.
  ///
  /// Only for layouts in which nothing moves by itself.
  func shortestSolution() -> [Int32]? {
    var random = RandomStream(1, 2, 3, 4)
    var reached = [(task: self, previous: -1, action: Int32(0))]
    var seen: Set<[UInt8]> = [key]
    var next = 0
    while next < reached.count {
      for action in Int32(0)..<6 {
        var task = reached[next].task
        let outcome = task.advance(action, random: &random)
        if outcome.isOver && outcome.reward == 0 { continue }
        guard outcome.isOver || seen.insert(task.key).inserted else { continue }
        reached.append((task, next, action))
        if outcome.isOver { return actions(to: reached.count - 1, in: reached) }
      }
      next += 1
    }
    return nil
  }

  private func actions(
    to last: Int, in reached: [(task: Self, previous: Int, action: Int32)]
  ) -> [Int32] {
    var actions: [Int32] = []
    var index = last
    while index > 0 {
      actions.append(reached[index].action)
      index = reached[index].previous
    }
    return actions.reversed()
  }

  /// All that can change in an episode but its age.
  private var key: [UInt8] {
    var key = [UInt8(world.agent.x), UInt8(world.agent.y), world.direction.number]
    key += [world.carried.originalKind, world.carried.colour.rawValue]
    for y in 0..<Layout.Board.height {
      for x in 0..<Layout.Board.width {
        let cell = world.board[x, y]
        if cell.kind == .door { key.append(cell.state.rawValue) }
        if cell.isPortable { key += [UInt8(x), UInt8(y), cell.originalKind] }
      }
    }
    return key
  }
}
