extension EnvironmentFacts {
  /// Facts of a MiniGrid task, with defaults for what most tasks share.
  ///
  /// Where nothing moves by itself, the best score is the mean over the shortest paths found by a
  /// search that sees the whole grid. An agent that sees 7×7 cells of it can only come close.
  static func miniGrid(
    name: String, variantOf: String? = nil, summary: String, actions: Int = 7, timeLimit: Int,
    typicalEpisodeLength: Int? = nil, scoreRange: ClosedRange<Double> = 0...1,
    randomScore: Double, bestScore: Double
  ) -> EnvironmentFacts {
    let names = ["turn left", "turn right", "forward", "pick up", "drop", "toggle", "done"]
    return EnvironmentFacts(
      name: name,
      family: .grid,
      variantOf: variantOf,
      rulesVersion: 1,
      summary: summary,
      observationSize: MiniGridFeatures.count,
      observationLayout: """
        49 cells before the agent, row by row from the farthest, 16 features each: kind (empty, \
        wall, door, key, ball, goal, lava), colour of doors, keys and balls (red, green, blue, \
        purple, yellow, grey), state of doors (open, closed, locked), all one-hot, all 0 if \
        unseen; then the direction (right, down, left, up), one-hot
        """,
      planes: PlaneLayout(
        height: MiniGridView.side, width: MiniGridView.side, channels: MiniGridFeatures.perCell,
        order: .cells, uniform: MiniGridFeatures.count - MiniGridFeatures.directions),
      hasBinaryObservation: true,
      actions: Array(names.prefix(actions)),
      timeLimit: timeLimit,
      typicalEpisodeLength: typicalEpisodeLength ?? timeLimit,
      scoreRange: scoreRange,
      randomScore: randomScore,
      bestScore: bestScore)
  }
}
