import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

struct PredictionBandTests {
  private static let training = Training(.policyGradient, .adam)

  /// One target for each log10(B_crit/noise scale), of games in turn.
  private static func evidence(_ ratios: [(game: String, ratio: Double)]) -> [PredictionEvidence] {
    PredictionEvidence.list(
      training, ratios.map { ($0.game + " task", $0.game, 1, 100 * pow(10, $0.ratio), 100) })
  }

  private static let three = evidence([("a", -0.1), ("a", -0.3), ("b", 0), ("c", 0.2)])

  /// Game a counts once, with −0.2. Mean 0, deviation 0.2, t with two degrees of freedom 4.30265:
  /// half the band is 4.30265 · 0.2 · √(4/3) in log10.
  @Test func `is Student's prediction interval over games`() throws {
    let band = PredictionBand(
      game: "new", training: Self.training, noiseScale: Estimate(value: 500), batches: 8,
      evidence: Self.three)
    let half = 4.30265 * 0.2 * (4.0 / 3).squareRoot()
    #expect((log10(try #require(band.high) / 500) - half).magnitude < 1e-4)
    #expect((log10(500 / (try #require(band.low))) - half).magnitude < 1e-4)
    #expect(band.games == 3 && band.reason == nil)
  }

  @Test func `adds the noise scale's own error on each side`() throws {
    let scale = Estimate(value: 500, low: 500 / pow(10, 0.5), high: 500 * pow(10, 0.25))
    let band = PredictionBand(
      game: "new", training: Self.training, noiseScale: scale, batches: 8, evidence: Self.three)
    let square = pow(4.30265 * 0.2, 2) * 4 / 3
    #expect(
      (log10(500 / (try #require(band.low))) - (square + 0.25).squareRoot()).magnitude < 1e-4)
    #expect(
      (log10(try #require(band.high) / 500) - (square + 0.0625).squareRoot()).magnitude < 1e-4)
  }

  @Test func `leaves out the task's own game, and needs three others`() throws {
    let band = PredictionBand(
      game: "a", training: Self.training, noiseScale: Estimate(value: 500), batches: 8,
      evidence: Self.three)
    #expect(band.low == nil && band.high == nil && band.games == 2)
    #expect(
      band.reason
        == "no evidence: pg with adam has fitted critical batches of 2 other games, and a band needs 3"
    )
    #expect(Format.band(band) == "no evidence" && Format.band(nil) == "–")
  }

  @Test func `gives no band to another optimizer, nor to a bound`() throws {
    for other in [Training(.policyGradient, .sgd), Training(.ppo, .sgd)] {
      let band = PredictionBand(
        game: "new", training: other, noiseScale: Estimate(value: 500), batches: 8)
      #expect(band.low == nil && band.games == 0)
      #expect(band.reason?.hasPrefix("no evidence: \(other.words) has") == true)
    }
    let bound = PredictionBand(
      game: "new", training: Self.training, noiseScale: Estimate(value: nil, low: 300), batches: 8)
    #expect(bound.low == nil && bound.games >= 3)
    #expect(bound.reason == "the noise scale is only a lower bound")
    let none = PredictionBand(
      game: "new", training: Self.training, noiseScale: Estimate(value: 0, low: 0, high: 9),
      batches: 8)
    #expect(none.low == nil && none.reason == "the noise scale has no positive value")
  }

  @Test func `reaches down to 0 where the noise scale may be 0`() throws {
    func band(_ low: Double) -> PredictionBand {
      PredictionBand(
        game: "new", training: Self.training, noiseScale: Estimate(value: 500, low: low, high: 900),
        batches: 8, evidence: Self.three)
    }
    #expect(band(0).low == 0 && band(0).reason == nil)
    #expect(band(0).high == band(100).high)
    #expect(try #require(band(100).low) > 0)
  }

  /// 0.3 in ln is 0.1303 in log10.
  @Test(arguments: [1, 2, 3]) func `adds the scatter of batches where too few show it`(
    batches: Int
  ) throws {
    let band = PredictionBand(
      game: "new", training: Self.training, noiseScale: Estimate(value: 500, low: 500, high: 500),
      batches: batches, evidence: Self.three)
    let scatter = batches < 3 ? pow(1.96 * 0.1303, 2) / Double(batches) : 0
    let half = (pow(4.30265 * 0.2, 2) * 4 / 3 + scatter).squareRoot()
    #expect((log10(try #require(band.high) / 500) - half).magnitude < 1e-4)
    #expect((log10(500 / (try #require(band.low))) - half).magnitude < 1e-4)
  }

  /// Batches with a single shard have no moments, so here only two of five show any scatter.
  @Test func `counts the batches at which the noise scale was measured`() throws {
    var runs: [Run] = []
    for (index, batch) in [16.0, 64, 256, 1_024, 4_096].enumerated() {
      for seed in 0..<3 {
        let noise = LawWeightedNoise(numerator: 20_000, denominator: 40)
        runs.append(
          Run(
            batch: batch, seed: seed, updates: 50 + Double(seed), noise: index < 3 ? nil : noise))
      }
    }
    let question = Question(task: "new", target: Target(0), algorithm: .policyGradient)
    let report = fit(RunGroup(question, runs: runs), resamples: 0).inGame(by: [:])
    let scale = try #require(report.noiseScale)
    let expected = PredictionBand(
      game: "new", training: Self.training, noiseScale: scale, batches: 2)
    #expect(report.likelyBatch == expected)
    #expect(
      report.likelyBatch
        != PredictionBand(game: "new", training: Self.training, noiseScale: scale, batches: 5))
  }

  @Test(arguments: [2, 3]) func `parts need moments at three batches`(batches: Int) throws {
    let columns = try JSONDecoder().decode(
      PartColumns.self,
      from: Data(
        """
        {"noise_interval": 8, "policy_noise_numerator": 4000, "policy_noise_denominator": 40, \
        "value_noise_numerator": null, "value_noise_denominator": null, \
        "preconditioned_noise_numerator": null, "preconditioned_noise_denominator": null}
        """.utf8))
    var runs: [Run] = []
    for batch in [16.0, 64, 256].prefix(batches) {
      for seed in 0..<3 {
        var run = Run(batch: batch, seed: seed, updates: 50)
        run.parts = columns
        runs.append(run)
      }
    }
    let scales = PartScales(of: runs)
    #expect((scales.policy?.value == 100) == (batches == 3) && scales.value == nil)
  }

  /// A report with a noise scale at eight batches.
  private static func report(_ task: String, mean: SeedMean = .geometric) -> FitReport {
    var report = FitReport(
      question: Question(task: task, target: Target(0), algorithm: .policyGradient),
      verdict: .fitted, setAside: [], batches: 8, seeds: 5, censored: 0)
    report.points = (0..<8).map { BatchPoint(batch: Double($0), updates: 1, seeds: 5, censored: 0) }
    report.noiseScale = Estimate(value: 1000, low: 900, high: 1100)
    report.mean = mean
    return report
  }

  /// `pong-pixels` is not among the evidence, and the three pongs are.
  @Test func `a variant that is not in the evidence has no band from its own game`() throws {
    let traits = ["pong-pixels", "new"].map {
      (
        $0,
        TaskTraits(
          game: $0 == "new" ? nil : "pong", observationSize: 5, episodeLength: 9, randomScore: 0,
          bestScore: 1)
      )
    }
    let byName = Dictionary(uniqueKeysWithValues: traits)
    let games = Set(
      PredictionEvidence.reference.filter { $0.training == Self.training }.map(\.game))
    #expect(games.contains("pong"))
    func compared(_ task: String) throws -> PredictionBand {
      let comparison = Comparison([("s", [Self.report(task)])], traits: byName, resamples: 1)
      return try #require(comparison.points.first?.likelyBatch)
    }
    #expect(try compared("pong-pixels").games == games.count - 1)
    #expect(try compared("new").games == games.count)
    #expect(Self.report("pong-pixels").likelyBatch == nil, "its game is not known")
  }

  @Test func `the evidence is about typical runs, so expected costs have no band`() throws {
    #expect(Self.report("new").inGame(by: [:]).likelyBatch != nil)
    let expected = Self.report("new", mean: .arithmetic).inGame(by: [:])
    let data = try JSONEncoder().encode(expected)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["likely_critical_batch"] is NSNull)
  }

  @Test func `a table explains the bands that it has, and names the targets without one`() {
    func band(_ estimate: Estimate, game: String = "new") -> PredictionBand {
      PredictionBand(
        game: game, training: Self.training, noiseScale: estimate, batches: 8,
        evidence: Self.three)
    }
    let (good, bound) = (band(Estimate(value: 5)), band(Estimate(value: nil, low: 9)))
    #expect(
      PredictionBand.words([("0", bound), ("0.5", good), ("0.9", good)]) == [
        good.words, "target 0: the noise scale is only a lower bound",
      ])
    #expect(PredictionBand.words([("0", good)]) == [good.words])
    let none = band(Estimate(value: 5), game: "a")
    #expect(PredictionBand.words([("0", none), ("0.5", none)]) == [none.reason])
    #expect(
      PredictionBand.words([("0", bound), ("1", band(Estimate(value: 0)))]) == [
        "target 0: the noise scale is only a lower bound",
        "target 1: the noise scale has no positive value",
      ])
    #expect(PredictionBand.words([]).isEmpty)
  }

  /// Games with deviation 0.4 about 0.1; a further game's target must lie in the band as often as it
  /// says. Of 2,000, 95 % are 1,900 ± 10.
  @Test(arguments: [3, 11]) func `holds a further game in 95 % of cases`(games: Int) throws {
    var draws = Draws(77 + games)
    var held = 0
    for _ in 0..<2000 {
      let evidence = Self.evidence((0..<games).map { ("\($0)", 0.1 + 0.4 * draws.normal()) })
      let critical = 100 * pow(10, 0.1 + 0.4 * draws.normal())
      let band = PredictionBand(
        game: "new", training: Self.training, noiseScale: Estimate(value: 100), batches: 8,
        evidence: evidence)
      if try (#require(band.low)...#require(band.high)).contains(critical) { held += 1 }
    }
    #expect((1860...1940).contains(held), "\(held) of 2000")
  }
}
