/// A bootstrap over games: games are drawn with replacement, each with all its targets, because
/// variants of a game, and targets of a task, are very similar.
struct GameResamples {
  /// With fewer games there is no interval: one resampled from four values need not even contain
  /// the value.
  static let fewestGames = 5

  /// Places of the targets of each game, in the order of the games' first targets.
  private let games: [[Int]]
  private let seed: Int
  private let resamples: Int

  /// - Parameter games: The game of each target; a target without one is a game of its own.
  init(_ games: [String?], seed: Int, resamples: Int) {
    var places: [String: Int] = [:]
    var grouped: [[Int]] = []
    for (index, game) in games.enumerated() {
      if let game, let place = places[game] {
        grouped[place].append(index)
      } else {
        if let game { places[game] = grouped.count }
        grouped.append([index])
      }
    }
    self.games = grouped
    self.seed = seed
    self.resamples = max(resamples, 0)
  }

  /// Number of games.
  var count: Int { games.count }
  /// Whether every game has one target.
  var isPlain: Bool { games.allSatisfy { $0.count == 1 } }

  /// The central 95 % of a statistic over the resamples; `nil` if it exists for fewer than half of
  /// them.
  ///
  /// - Parameter statistic: of the targets at these places, some of them repeated. It may draw
  ///   further random numbers.
  func interval(
    _ statistic: ([Int], inout SplitMix) -> Double?
  ) -> ClosedRange<Double>? {
    var random = SplitMix(seed: seed)
    var drawn: [Double] = []
    for _ in 0..<resamples {
      let chosen = games.flatMap { _ in games[random.index(below: games.count)] }
      if let value = statistic(chosen, &random) { drawn.append(value) }
    }
    drawn.sort()
    guard 2 * drawn.count > resamples, let low = percentile(0.025, ofSorted: drawn),
      let high = percentile(0.975, ofSorted: drawn)
    else { return nil }
    return low...high
  }

  /// The values of a statistic without each of the games in turn.
  func withoutOne<Value>(_ statistic: ([Int]) -> Value?) -> [Value?] {
    games.indices.map { left in
      statistic(games.indices.filter { $0 != left }.flatMap { games[$0] })
    }
  }
}
