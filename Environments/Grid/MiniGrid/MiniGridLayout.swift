/// What tells one of MiniGrid's tasks from another: how an episode's grid is drawn, and rules of
/// its own. The value holds what such rules remember of the episode.
protocol MiniGridLayout: BitwiseCopyable, Sendable {
  associatedtype Board: MiniGridBoard

  static var facts: EnvironmentFacts { get }
  /// The package's name of the task.
  static var originalID: String { get }
  /// Steps after which an episode is truncated; success pays by it.
  static var timeLimit: Int { get }
  /// Walls hide nothing.
  static var seesThroughWalls: Bool { get }

  /// Draws an episode's grid and puts the agent into it.
  init(world: inout MiniGridWorld<Board>, random: inout some RandomSource)

  /// One step, rules of the layout's own included.
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

/// With MiniGrid's numbers.
enum MiniGridAction: Int32, CaseIterable {
  case left, right, forward, pickUp, drop, toggle, done
}

/// What may end an episode.
enum MiniGridEvent {
  case none, success, lava, collision
}

extension MiniGridWorld {
  /// One step of the rules that all layouts share.
  ///
  /// Left and right turn on the spot; forward enters what is empty, a goal, lava or an open
  /// door. Empty hands pick up the key or ball ahead; what is carried can be dropped ahead on an
  /// empty cell. Toggling opens and closes a door; a locked one opens only for who carries a key
  /// of its colour, and is never locked again; the key stays in hand. Done does
  /// nothing.
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
