import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

struct PredictionScoreTests {
  /// A fitted target whose noise scale is 10^miss times its B_crit.
  private static func target(
    _ task: String, _ target: Double = 1, critical: Double, miss: Double, updates: Double = 50,
    horizon: Int = 16
  ) -> FitReport {
    let noise = LawWeightedNoise(
      numerator: updates * critical * pow(10, miss), denominator: updates)
    var runs: [Run] = []
    for index in -3...3 {
      let batch: Double = critical * pow(3, Double(index))
      let length: Double = updates * (1 + critical / batch)
      for factor in [0.99, 1, 1.01] {
        runs.append(Run(batch: batch, updates: factor * length, noise: noise))
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
    let sets: [TargetSet] = [.all, .all, .hardest, .hardest, .easiest, .easiest]
    #expect(prediction.scores.map(\.targetSet) == sets)
    let leasts: [Double?] = [nil, 5, nil, 5, nil, 5]
    #expect(prediction.scores.map(\.leastUpdates) == leasts)
    #expect(prediction.scores.map(\.targets) == [6, 5, 5, 4, 5, 4])
    #expect(prediction.scores.map(\.tasks) == [5, 4, 5, 4, 5, 4])
    #expect(prediction.scores.map(\.games) == [4, 3, 4, 3, 4, 3])
    let all = try #require(prediction[.all])
    func near(_ value: Double?, _ expected: Double) -> Bool {
      value.map { ($0 - expected).magnitude < 1e-3 } ?? false
    }
    #expect(near(all.rmsLogRatio?.value, sqrt(0.17 / 6)))
    #expect(near(all.medianLogRatio?.value, 0.1))
    // Four games have no interval; e is the worst to keep, and a and b are left out together.
    #expect(all.rmsLogRatio?.low == nil)
    let left = try #require(all.withoutOneGame.rmsLogRatio)
    #expect(near(left.low, sqrt(0.06 / 3)) && near(left.high, sqrt(0.16 / 5)))
    #expect(near(prediction[.easiest]?.rmsLogRatio?.value, sqrt(0.08 / 5)))
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
    typealias Target = (game: String, x: Double, y: Double)
    let targets: [Target] = [
      ("a", 0, 1), ("a", 0, 1), ("a", 0, 1), ("b", 1, 4), ("c", 2, 5), ("d", 3, 7),
    ]
    let line = try #require(HeldOutLine(targets)).misses
    #expect((line[3] + 1).magnitude < 1e-12)
    // For d: a (0, 1), b (1, 4) and c (2, 5) weigh the same: slope 2, centre (1, 10/3), so 22/3.
    #expect((line[5] - 1.0 / 3).magnitude < 1e-12)
    // A constant: the mean of the other games' means.
    let level: [Target] = [("a", 0, 1), ("a", 0, 3), ("b", 0, 4), ("c", 0, 6), ("d", 0, 8)]
    let third = 4.0 / 3
    let expected: [Double] = [5, 3, third, -third, -4]
    for (miss, own) in zip(try #require(HeldOutLine(level)).misses, expected) {
      #expect((miss - own).magnitude < 1e-12)
    }
    let few: [Target] = [("a", 0, 1), ("b", 1, 2), ("c", 2, 3)]
    #expect(HeldOutLine(few) == nil)
  }

  /// B_crit of eight games over three decades, missed by 0.1 either way.
  private static func games(
    _ misses: [Double] = [0.1, -0.1], isHorizonTelling: Bool = false
  ) -> [FitReport] {
    (0..<8).map { (index: Int) -> FitReport in
      let scale: Double = pow(2.5, Double(index))
      let updates = 20 + 7 * (index * 5 % 8)
      return target(
        "g\(index)", critical: 10 * scale, miss: misses[index % misses.count],
        updates: Double(updates), horizon: isHorizonTelling ? Int(100 * scale) : 16)
    }
  }

  @Test func `is better only if it beats every control beyond doubt`() throws {
    let better = try #require(try Self.prediction(Self.games()).conclusion)
    let scores = try #require(try Self.prediction(Self.games())[.all])
    let known = scores.controls.filter { $0.difference?.high != nil }.map(\.rival)
    #expect(known.contains(.constant) && known.contains(.horizon))
    #expect(better.verdict == .better, "\(better.sentence)")
    #expect(better.sentence.contains("better than every control: a constant, "))
    // A horizon that tells B_crit as well as the noise scale does.
    let level = try #require(
      try Self.prediction(Self.games([0.1], isHorizonTelling: true)).conclusion)
    #expect(level.verdict == .worse, "\(level.sentence)")
    #expect(level.sentence.contains("worse than") && level.sentence.contains("the horizon (rms "))
    let wild = try #require(
      try Self.prediction(Self.games([1.2, -1.1, 0.1, 0.2])).conclusion)
    #expect(wild.verdict == .undecided, "\(wild.sentence)")
    #expect(wild.sentence.contains("not significantly better than a constant"))
  }

  @Test func `parts of the gradient are scored over the targets that have them`() throws {
    let fits = Self.games([0.3, -0.3]).enumerated().map { index, fit in
      var fit = fit
      let critical = fit.criticalBatch?.value ?? 0
      fit.parts.policy = Estimate(value: critical * 1.1, low: nil, high: nil)
      // Unknown for two games, and negative for one: no prediction there.
      if index > 1 {
        fit.parts.value = Estimate(value: index == 2 ? -1 : critical * 10, low: nil, high: nil)
      }
      return fit
    }
    let score = try #require(try Self.prediction(fits)[.all])
    let parts = Dictionary(uniqueKeysWithValues: score.parts.map { ($0.rival, $0) })
    let (policy, value) = (try #require(parts[.policy]), try #require(parts[.value]))
    let total = try #require(score.rmsLogRatio?.value)
    #expect(policy.targets == 8 && policy.games == 8)
    #expect(((policy.rmsLogRatio?.value ?? 0) - log10(1.1)).magnitude < 1e-9)
    #expect(((policy.difference?.value ?? 0) - (total - log10(1.1))).magnitude < 1e-9)
    #expect(try #require(policy.difference?.low) > 0)
    #expect(value.targets == 5 && value.games == 5)
    #expect(((value.medianLogRatio?.value ?? 0) - 1).magnitude < 1e-9)
    #expect(try #require(value.difference?.high) < 0)
    let unknown = try #require(parts[.preconditioned])
    #expect(unknown.targets == 0 && unknown.rmsLogRatio == nil && unknown.difference == nil)
  }

  @Test func `counts the fitted targets without a prediction, and says so`() throws {
    let fits = Self.games().enumerated().map { index, fit in
      var fit = fit
      if index < 2 { fit.noiseScale = index == 0 ? nil : .bound(above: 500) }
      return fit
    }
    let prediction = try Self.prediction(fits)
    let all = try #require(prediction[.all])
    #expect(all.targets == 6 && all.unpredicted == 2 && all.games == 6)
    let sentence = try #require(prediction.conclusion?.sentence)
    #expect(
      sentence.hasPrefix("6 of 8 fitted targets have a prediction; over these, of 6 games, the"))
    let few = try #require(try Self.prediction(Array(fits.prefix(5))).conclusion?.sentence)
    #expect(few.hasPrefix("3 of 5 fitted targets, of 3 games, have a prediction: too few"))
    let whole = try #require(try Self.prediction(Self.games()).conclusion?.sentence)
    #expect(whole.hasPrefix("over 8 fitted targets of 8 games, the noise scale misses"))
  }

  /// Without game a, three targets are left: enough for a median, too few for r² and ρ.
  @Test func `gives no range over left-out games where one leaves too few targets`() throws {
    let fits = [100.0, 150, 250, 400].enumerated().map { index, critical in
      Self.target("t\(index)", critical: critical, miss: index == 3 ? 0.1 : -0.1)
    }
    let four = try #require(
      try Self.prediction(fits, games: ["t0": "a", "t1": "b", "t2": "c"])[.all])
    #expect(four.rSquared?.value != nil && four.rankCorrelation?.value != nil)
    #expect(four.withoutOneGame.rSquared == nil && four.withoutOneGame.rankCorrelation == nil)
    #expect(four.withoutOneGame.medianLogRatio?.low != nil)
    // Without game a, one target is left, and a median of one is none.
    let two = try #require(
      try Self.prediction(fits, games: ["t0": "a", "t1": "a", "t2": "a"])[.all])
    #expect(two.medianLogRatio?.value != nil && two.withoutOneGame.medianLogRatio == nil)
    #expect(two.withoutOneGame.rmsLogRatio == nil)
  }

  @Test func `says that four games are too few, though their targets are many`() throws {
    let fits = Self.games([0.1])
    var games: [String: String] = [:]
    for (index, fit) in fits.enumerated() { games[fit.question.task ?? ""] = "game \(index % 4)" }
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
      let values = misses.flatMap { [Double](repeating: $0, count: 8) }
      let resamples = GameResamples(games, seed: 1, resamples: 1000)
      let ends = try #require(resamples.interval { places, _ in mean(places.map { values[$0] }) })
      return ends.upperBound - ends.lowerBound
    }
    let names = (0..<6).flatMap { [String?](repeating: "\($0)", count: 8) }
    let byGame = try width(names)
    let byTarget = try width([String?](repeating: nil, count: 48))
    #expect((2.4...3.3).contains(byGame / byTarget), "\(byGame / byTarget); √8 is 2.83")
  }
}
