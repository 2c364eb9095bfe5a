/// Batches of an arcade game's sweep, by the size of the critical batch.
enum ArcadeBatches {
  /// For critical batches near 8,000.
  static let usual = [256, 512, 1_280, 3_072, 7_168, 16_384, 32_768, 61_440]
  /// Near 20,000.
  static let large = [512, 1_024, 2_560, 6_144, 14_336, 32_768, 65_536, 122_880]
  /// Near 45,000.
  static let largest = [1_536, 3_072, 6_144, 14_336, 28_672, 61_440, 122_880, 245_760]
}

extension EnvironmentFacts {
  /// Facts of an arcade game; what most of them share is the default.
  ///
  /// A discount of 0.95 was at least as fast as 0.99 in all of them but Breakout.
  static func arcade(
    name: String, summary: String, planes: Int, layout: String, timeLimit: Int = 1_000,
    typicalEpisodeLength: Int, scoreRange: ClosedRange<Double>, randomScore: Double,
    bestScore: Double, targets: [Double], budget: Int = 20_000_000,
    batches: [Int] = ArcadeBatches.usual,
    gamma: Double = 0.95, evaluationEpisodes: Int = 256
  ) -> EnvironmentFacts {
    EnvironmentFacts(
      name: name,
      family: .arcade,
      rulesVersion: 1,
      summary: summary,
      observationSize: 100 * planes,
      observationLayout: "[y][x][plane]: \(layout)",
      hasBinaryObservation: true,
      actions: Button.names,
      timeLimit: timeLimit,
      typicalEpisodeLength: typicalEpisodeLength,
      scoreRange: scoreRange,
      randomScore: randomScore,
      bestScore: bestScore,
      targets: targets,
      budget: budget,
      horizon: 32,
      batches: batches,
      gamma: gamma,
      gaeLambda: 0.95,
      entropyCoefficient: 0.003,
      valueCoefficient: 0.1,
      learningRate: .init(rate: 0.01, batch: 5_000, exponent: 0.9),
      evaluationEpisodes: evaluationEpisodes)
  }
}
