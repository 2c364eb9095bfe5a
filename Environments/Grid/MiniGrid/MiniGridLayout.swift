/// The part of MiniGrid that differs between tasks: how an episode's grid is generated, and
/// additional rules. The value holds the state of those rules.
protocol MiniGridLayout: BitwiseCopyable, Sendable {
  associatedtype Board: MiniGridBoard

  static var facts: EnvironmentFacts { get }
  /// The package's name for the task.
  static var originalID: String { get }
  /// Steps after which an episode is truncated; the reward for success depends on it.
  static var timeLimit: Int { get }
  /// Whether the agent sees through walls.
  static var seesThroughWalls: Bool { get }

  /// Generates an episode's grid and places the agent.
  init(world: inout MiniGridWorld<Board>, random: inout some RandomSource)

  /// Takes one step, including the layout's own rules.
  mutating func advance(
    _ action: MiniGridAction, in world: inout MiniGridWorld<Board>,
    random: inout some RandomSource
  ) -> MiniGridEvent
}

extension MiniGridLayout {
  static var seesThroughWalls: Bool { false }

  mutating func advance(
    _ action: MiniGridAction, in world: inout MiniGridWorld<Board>,
    random: inout some RandomSource
  ) -> MiniGridEvent { world.act(action) }
}

/// The actions, with MiniGrid's numbers.
enum MiniGridAction: Int32, CaseIterable {
  case left, right, forward, pickUp, drop, toggle, done
}

/// An event that may end an episode.
enum MiniGridEvent {
  case none, success, lava, collision
}

extension MiniGridWorld {
  /// Takes one step by the rules that all layouts share.
  ///
  /// Left and right turn on the spot. Forward enters an empty cell, a goal, lava or an open door.
  /// Pick-up takes the key or ball ahead if the agent carries nothing; drop puts the carried object
  /// on an empty cell ahead. Toggle opens and closes a door; a locked one opens only if the agent
  /// carries a key of its colour, and is never locked again. The key is kept. Done does nothing.
  mutating func act(_ action: MiniGridAction) -> MiniGridEvent {
    switch action {
    case .left: direction = direction.counterclockwise
    case .right: direction = direction.clockwise
    case .forward: return goForward()
    case .pickUp:
      if carried == .empty && self[ahead].isPortable { swapWithAhead() }
    case .drop:
      if self[ahead] == .empty { swapWithAhead() }
    case .toggle: toggleAhead()
    case .done: break
    }
    return .none
  }

  private mutating func goForward() -> MiniGridEvent {
    let cell = self[ahead]
    switch cell.kind {
    case .wall, .key, .ball: return .none
    case .door where cell.state != .open: return .none
    default: agent = ahead
    }
    return cell.kind == .goal ? .success : cell.kind == .lava ? .lava : .none
  }

  private mutating func swapWithAhead() {
    let cell = self[ahead]
    self[ahead] = carried
    carried = cell
  }

  private mutating func toggleAhead() {
    let door = self[ahead]
    guard door.kind == .door else { return }
    switch door.state {
    case .open: self[ahead] = .door(door.colour, .closed)
    case .closed: self[ahead] = .door(door.colour, .open)
    case .locked:
      if carried == .key(door.colour) { self[ahead] = .door(door.colour, .open) }
    }
  }
}
