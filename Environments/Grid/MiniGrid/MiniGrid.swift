/// A task of MiniGrid 3.2.0, byte for byte: an agent that sees the 7×7 cells in front of it walks
/// through rooms with doors, keys, balls and lava to a goal.
///
/// Success after t steps pays 1 − 0.9·t/limit and ends the episode, even at the time limit. Lava
/// ends the episode without reward. `MiniGridWorld.act` implements the actions, `MiniGridView` the
/// field of view, and the layouts the grids and further rules.
struct MiniGrid<Layout: MiniGridLayout>: BinaryEnvironment, PublicTask {
  var world: MiniGridWorld<Layout.Board>
  var layout: Layout
  var steps: Int32 = 0

  init(random: inout some RandomSource) {
    world = MiniGridWorld()
    layout = Layout(world: &world, random: &random)
  }

  mutating func restart(random: inout some RandomSource) { self = Self(random: &random) }

  mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    steps += 1
    let action = MiniGridAction(rawValue: action) ?? .done
    switch layout.advance(action, in: &world, random: &random) {
    case .none: return Outcome()
    case .success:
      let share = Double(steps) / Double(Layout.timeLimit)
      return Outcome(reward: 1 - 0.9 * share, isOver: true)
    case .lava: return Outcome(isOver: true)
    case .collision: return Outcome(reward: -1, isOver: true)
    }
  }

  static var facts: EnvironmentFacts { Layout.facts }

  var view: MiniGridView { MiniGridView(world, seesThroughWalls: Layout.seesThroughWalls) }

  // MARK: The network's input

  /// At most three features for each cell (kind, colour and state of a door) and one for the
  /// direction.
  static var maxNonzeros: Int { 3 * MiniGridView.cells + 1 }

  func forEachNonzero(_ body: (Int) -> Void) {
    let view = self.view
    let cells = view.cells.span
    var remaining = view.seen
    while remaining != 0 {
      let index = remaining.trailingZeroBitCount
      remaining &= remaining &- 1
      let (cell, first) = (cells[index], index &* MiniGridFeatures.perCell)
      body(first &+ Int(cell.kindNumber))
      guard cell.hasColourOfItsOwn else { continue }
      body(first + MiniGridFeatures.colours + Int(cell.colour.rawValue))
      if cell.kind == .door { body(first + MiniGridFeatures.states + Int(cell.state.rawValue)) }
    }
    body(MiniGridFeatures.directions + Int(world.direction.number))
  }

  // MARK: The package's observation

  typealias OriginalRandom = GymnasiumRandom
  static var original: Original { Original(package: .miniGrid, id: Layout.originalID) }

  /// Appends each cell's kind, colour and state (zeros if unseen), column by column from the left
  /// and starting at the farthest cell, then the direction.
  func appendOriginal(to bytes: inout [UInt8]) {
    let view = self.view
    for column in 0..<MiniGridView.side {
      for row in 0..<MiniGridView.side {
        let index = row * MiniGridView.side + column
        let (cell, isSeen) = (view.cells[index], view.seen >> UInt64(index) & 1 == 1)
        bytes +=
          isSeen ? [cell.originalKind, cell.colour.rawValue, cell.state.rawValue] : [0, 0, 0]
      }
    }
    bytes.append(world.direction.number)
  }
}

/// The layout of a MiniGrid task's features in the network's input row.
///
/// Each of the 49 cells of the view, row by row from the farthest, has sixteen features, all
/// one-hot: its kind (empty, wall, door, key, ball, goal, lava), the colour of a door, key or ball
/// (red, green, blue, purple, yellow, grey) and the state of a door (open, closed, locked). All are
/// 0 for an unseen cell. Four features for the direction follow (right, down, left, up).
///
/// Codes that carry no information are left out: the single colour of walls, goals and lava, the
/// single state of everything but doors, and kinds that no layout contains.
enum MiniGridFeatures {
  static let colours = 7
  static let states = 13
  static let perCell = 16
  static let directions = perCell * MiniGridView.cells
  static let count = directions + 4
}
