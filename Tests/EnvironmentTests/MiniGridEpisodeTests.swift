import Testing

@testable import Environments

/// Whole episodes, also those that random play never sees.
struct MiniGridEpisodeTests {
  private static let random = RandomStream(1, 2, 3, 4)

  /// A task in the middle of an episode that a drawing shows.
  private static func task<Layout>(
    _ type: MiniGrid<Layout>.Type, _ drawing: String, age: Int32 = 0
  ) -> MiniGrid<Layout> {
    var random = random
    var task = type.init(random: &random)
    task.world = MiniGridMap.world(drawing)
    task.steps = age
    return task
  }

  private static func play<Layout>(
    _ task: MiniGrid<Layout>, _ actions: [MiniGridAction]
  ) -> [Outcome] {
    var (task, random) = (task, random)
    return actions.map { task.advance($0.rawValue, random: &random) }
  }

  /// What comes of a sequence of actions: nothing, until the last one ends the episode.
  private static func expectEnd(_ outcomes: [Outcome], reward: Double) {
    for outcome in outcomes.dropLast() { #expect(outcome.reward == 0 && !outcome.isOver) }
    #expect(outcomes.last?.isOver == true)
    #expect(abs((outcomes.last?.reward ?? .nan) - reward) < 1e-12)
  }

  @Test func `a key opens the door to the goal`() {
    let room = "#####\n#>X.#\n#.#.#\n#K#G#\n#####"
    let task = Self.task(MiniGrid<DoorKey<5>>.self, room)
    let actions: [MiniGridAction] = [
      .forward, .toggle, .right, .forward, .pickUp, .left, .left, .forward, .right, .forward,
      .toggle, .forward, .forward, .right, .forward, .forward,
    ]
    // The first two find the door locked; the limit is 250.
    Self.expectEnd(Self.play(task, actions), reward: 1 - 0.9 * 16 / 250)
  }

  @Test func `lava ends the episode without reward`() {
    let room = "#######\n#>.L..#\n#..L..#\n#..L..#\n#..L..#\n#....G#\n#######"
    let task = Self.task(MiniGrid<LavaGap<7>>.self, room)
    Self.expectEnd(Self.play(task, [.forward, .forward]), reward: 0)
  }

  @Test func `picking up the ball is success, picking up the key is not`() {
    let room = "#######\n#.#<KB#\n#######"
    let task = Self.task(MiniGrid<KeyCorridor<3>>.self, room)
    let actions: [MiniGridAction] = [.right, .right, .pickUp, .forward, .pickUp]
    // Hands are full: the ball stays where it is.
    #expect(Self.play(task, actions).allSatisfy { !$0.isOver && $0.reward == 0 })
    Self.expectEnd(
      Self.play(task, actions + [.right, .right, .drop, .left, .left, .pickUp]),
      reward: 1 - 0.9 * 11 / 270)
  }

  @Test func `success in the very last step pays a tenth and is not a truncation`() {
    var copies = Seed(4).stream(.environment, 0)
    let actions = MiniGrid<EmptyRoom<8, CornerStart>>(random: &copies).shortestSolution() ?? []
    var arena = Arena(
      CatalogueEntry(MiniGrid<EmptyRoom<8, CornerStart>>.self).copies(1, seed: Seed(4)))
    for _ in 0..<256 - actions.count {
      arena.step([MiniGridAction.done.rawValue])
      #expect(arena.endings == [.none])
    }
    for action in actions { arena.step([action]) }
    #expect(arena.endings == [.terminated])
    #expect(abs(arena.rewards[0] - 0.1) < 1e-7)
    #expect(arena.lastRows.isEmpty)
  }

  @Test func `every episode of every layout without moving things can be solved in time`() {
    solve(MiniGrid<EmptyRoom<8, CornerStart>>.self, episodes: 1)
    solve(MiniGrid<EmptyRoom<6, RandomStart>>.self, episodes: 100)
    solve(MiniGrid<FourRooms>.self, episodes: 40)
    solve(MiniGrid<DoorKey<5>>.self, episodes: 40, uses: [.pickUp: 1, .toggle: 1])
    solve(MiniGrid<DoorKey<6>>.self, episodes: 20, uses: [.pickUp: 1, .toggle: 1])
    solve(MiniGrid<DoorKey<8>>.self, episodes: 10, uses: [.pickUp: 1, .toggle: 1])
    solve(MiniGrid<LavaGap<7>>.self, episodes: 40)
    solve(MiniGrid<MultiRoom<2, 4>>.self, episodes: 40, uses: [.toggle: 1])
    solve(MiniGrid<MultiRoom<4, 5>>.self, episodes: 20, uses: [.toggle: 3])
    solve(MiniGrid<MultiRoom<6, 10>>.self, episodes: 5, uses: [.toggle: 5])
    solve(MiniGrid<KeyCorridor<3>>.self, episodes: 40, uses: [.pickUp: 2, .drop: 1])
    solve(MiniGrid<KeyCorridor<7>>.self, episodes: 2, uses: [.pickUp: 2, .drop: 1])
  }

  /// Plays shortest ways and counts the actions that can't be avoided.
  private func solve<Layout>(
    _: MiniGrid<Layout>.Type, episodes: Int, uses: [MiniGridAction: Int] = [:]
  ) {
    var random = Seed(17).stream(.environment)
    var task = MiniGrid<Layout>(random: &random)
    for _ in 0..<episodes {
      let actions = task.shortestSolution()?.compactMap(MiniGridAction.init) ?? []
      #expect(actions.count < Layout.timeLimit)
      Self.expectEnd(
        Self.play(task, actions),
        reward: 1 - 0.9 * Double(actions.count) / Double(Layout.timeLimit))
      for (action, times) in uses {
        #expect(actions.count { $0 == action } >= times, "\(Layout.facts.name)")
      }
      task.restart(random: &random)
    }
  }
}
