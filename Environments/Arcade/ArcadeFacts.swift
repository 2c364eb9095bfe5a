extension EnvironmentFacts {
  /// Facts of an arcade game, with defaults for what most games share.
  static func arcade(
    name: String, summary: String, planes: Int, layout: String, timeLimit: Int = 1_000,
    typicalEpisodeLength: Int, scoreRange: ClosedRange<Double>, randomScore: Double,
    bestScore: Double
  ) -> EnvironmentFacts {
    EnvironmentFacts(
      name: name,
      family: .arcade,
      rulesVersion: 1,
      summary: summary,
      observationSize: 100 * planes,
      observationLayout: "[y][x][plane]: \(layout)",
      planes: PlaneLayout(height: 10, width: 10, channels: planes, order: .cells),
      hasBinaryObservation: true,
      actions: Button.names,
      timeLimit: timeLimit,
      typicalEpisodeLength: typicalEpisodeLength,
      scoreRange: scoreRange,
      randomScore: randomScore,
      bestScore: bestScore)
  }
}
