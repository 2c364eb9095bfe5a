import Foundation
import TestSupport
import Testing

@testable import Analysis

struct PredictionScoreTests {
  /// A fitted target whose noise scale is 10^miss times its B_crit.
  private static func target(
    _ task: String, _ target: Double = 1, critical: Double, miss: Double, updates: Double = 50,
    horizon: Int = 16, batches grid: ClosedRange<Int> = 0...6
  ) -> FitReport {
    let runs = grid.flatMap { index in
      [0.99, 1, 1.01].map { factor in
        let batch = critical * pow(3, Double(index - 3))
        return Run(
          batch: batch, updates: factor * updates * (1 + critical / batch),
          noise: LawWeightedNoise(
            numerator: pow(10, miss) * critical * updates, denominator: updates))
      }
    }
    let question = Question(
      task: task, target: Target(target), algorithm: .policyGradient, horizon: horizon)
    return fit(RunGroup(question, runs: runs), resamples: 20)
  }

  private static func prediction(
    _ fits: [FitReport], games: [String: String] = [:], resamples: Int = 200
  ) throws -> Prediction {
    let traits = games.mapValues {
      TaskTraits(
        game: $0, observationSize: 5, episodeLength: 9, randomScore: 0, bestScore: 1)
    }
    let comparison = Comparison([("s", fits)], traits: traits, resamples: resamples)
    return try #require(comparison.comparisons.first).prediction
  }

  @Test func `scores all targets, the hardest and the easiest, by tasks and games`() throws {
    // The rms over all is √((4·0.1² + 0.3² + 0.2²)/6) = √(0.17/6).
    let fits = [
      Self.target("a", 1, critical: 100, miss: 0.1), Self.target("a", 2, critical: 200, miss: 0.3),
      Self.target("b", critical: 400, miss: -0.1), Self.target("c", critical: 800, miss: -0.1),
      Self.target("d", critical: 1600, miss: -0.1),
      Self.target("e", critical: 3200, miss: 0.2, updates: 3),
    ]
    let prediction = try Self.prediction(fits, games: ["a": "ab", "b": "ab"])
    #expect(
      prediction.scores.map(\.targetSet)
        == [.all, .all, .hardest, .hardest, .easiest, .easiest])
    #expect(prediction.scores.map(\.leastUpdates) == [nil, 5, nil, 5, nil, 5])
    #expect(prediction.scores.map(\.targets) == [6, 5, 5, 4, 5, 4])
    #expect(prediction.scores.map(\.tasks) == [5, 4, 5, 4, 5, 4])
    #expect(prediction.scores.map(\.games) == [4, 3, 4, 3, 4, 3])
    let all = try #require(prediction[.all])
    #expect((try #require(all.rmsLogRatio?.value) - (0.17 / 6).squareRoot()).magnitude < 1e-3)
    #expect((try #require(all.medianLogRatio?.value) - 0.1).magnitude < 1e-3)
    // Four games have no interval; e is the worst to keep, and a and b are left out together.
    #expect(all.rmsLogRatio?.low == nil)
    let left = try #require(all.withoutOneGame.rmsLogRatio)
    #expect((try #require(left.low) - (0.06 / 3).squareRoot()).magnitude < 1e-3)
    #expect((try #require(left.high) - (0.16 / 5).squareRoot()).magnitude < 1e-3)
    let easiest = try #require(prediction[.easiest]?.rmsLogRatio?.value)
    #expect((easiest - (0.08 / 5).squareRoot()).magnitude < 1e-3)
  }

  @Test func `a target counts once, though two studies have it`() throws {
    let fits = [100.0, 200, 400].map { Self.target("t\($0)", critical: $0, miss: 0.1) }
    let again = fits.map { fit in
      var fit = fit
      fit.criticalBatch = Estimate(value: 1)
      return fit
    }
    let comparison = Comparison([("first", fits), ("second", again)], traits: [:], resamples: 9)
    #expect(comparison.points.map(\.sets.count) == [3, 3, 3, 0, 0, 0])
    let score = try #require(comparison.comparisons.first?.prediction[.all])
    #expect(score.targets == 3)
    #expect((try #require(score.rmsLogRatio?.value) - 0.1).magnitude < 1e-3)
  }

  /// By hand: b alone is off the line y = 2x + 1 of the others.
  @Test func `fits a control to the other games, each of which weighs the same`() throws {
    let line = try #require(
      HeldOutLine([
        ("a", 0, 1), ("a", 0, 1), ("a", 0, 1), ("b", 1, 4), ("c", 2, 5), ("d", 3, 7),
      ]))
    #expect((line.misses[3] + 1).magnitude < 1e-12)
    // For d: a (0, 1), b (1, 4) and c (2, 5) weigh the same: slope 2, centre (1, 10/3).
    #expect((line.misses[5] - (10.0 / 3 + 2 * 2 - 7)).magnitude < 1e-12)
    // A constant: the mean of the other games' means.
    let constant = try #require(
      HeldOutLine([("a", 0, 1), ("a", 0, 3), ("b", 0, 4), ("c", 0, 6), ("d", 0, 8)]))
    for (miss, expected) in zip(constant.misses, [5, 3, 4.0 / 3, -4.0 / 3, -4]) {
      #expect((miss - expected).magnitude < 1e-12)
    }
    #expect(HeldOutLine([("a", 0, 1), ("b", 1, 2), ("c", 2, 3)]) == nil)
  }

  /// B_crit of eight games over three decades, missed by 0.1 either way.
  private static func games(_ misses: [Double] = [0.1, -0.1], horizon: (Int) -> Int = { _ in 16 })
    -> [FitReport]
  {
    (0..<8).map { index in
      target(
        "g\(index)", critical: 10 * pow(2.5, Double(index)), miss: misses[index % misses.count],
        updates: 20 + 7 * Double((index * 5) % 8), horizon: horizon(index))
    }
  }

  @Test func `is better only if it beats every control beyond doubt`() throws {
    let better = try #require(try Self.prediction(Self.games()).conclusion)
    let scores = try #require(try Self.prediction(Self.games())[.all])
    let known = scores.controls.filter { $0.difference?.high != nil }.map(\.control)
    #expect(known.contains(.constant) && known.contains(.horizon))
    #expect(better.verdict == .better, "\(better.sentence)")
    #expect(better.sentence.contains("better than every control: a constant, "))
    // A horizon that tells B_crit as well as the noise scale does.
    let level = try #require(
      try Self.prediction(Self.games([0.1]) { Int(pow(2.5, Double($0)) * 100) }).conclusion)
    #expect(level.verdict == .worse, "\(level.sentence)")
    #expect(level.sentence.contains("worse than") && level.sentence.contains("the horizon (rms "))
    let wild = try #require(
      try Self.prediction(Self.games([1.2, -1.1, 0.1, 0.2])).conclusion)
    #expect(wild.verdict == .undecided, "\(wild.sentence)")
    #expect(wild.sentence.contains("not shown to be better than a constant"))
  }

  @Test func `says that four games are too few, though their targets are many`() throws {
    let fits = (0..<8).map {
      Self.target("t\($0)", critical: 10 * pow(2.5, Double($0)), miss: 0.1)
    }
    let games = Dictionary(uniqueKeysWithValues: (0..<8).map { ("t\($0)", "game \($0 % 4)") })
    let conclusion = try #require(try Self.prediction(fits, games: games).conclusion)
    #expect(conclusion.verdict == .tooFew)
    #expect(conclusion.sentence.hasPrefix("8 fitted targets of 4 games have a prediction: too few"))
    let plain = try #require(try Self.prediction(fits).conclusion)
    #expect(plain.verdict != .tooFew)
  }

  /// Eight variants of each of six games miss by the same. The mean over six games is √8 times as
  /// uncertain as that over 48 independent targets.
  @Test func `intervals over variants are as wide as those over games`() throws {
    var draws = Draws(76)
    let misses = (0..<6).map { _ in 0.3 * draws.normal() }
    func width(_ games: [String?]) throws -> Double {
      let values = misses.flatMap { miss in (0..<8).map { _ in miss } }
      let resamples = GameResamples(games, seed: 1, resamples: 1000)
      let ends = try #require(resamples.interval { places, _ in mean(places.map { values[$0] }) })
      return ends.upperBound - ends.lowerBound
    }
    let names = (0..<6).flatMap { game in (0..<8).map { _ in "\(game)" } }
    let byGame = try width(names)
    let byTarget = try width([String?](repeating: nil, count: 48))
    #expect((2.4...3.3).contains(byGame / byTarget), "\(byGame / byTarget); √8 is 2.83")
  }
}
