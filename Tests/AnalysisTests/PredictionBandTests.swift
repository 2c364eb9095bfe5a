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
      task: "new", training: Self.training, noiseScale: Estimate(value: 500), evidence: Self.three)
    let half = 4.30265 * 0.2 * (4.0 / 3).squareRoot()
    #expect((log10(try #require(band.high) / 500) - half).magnitude < 1e-4)
    #expect((log10(500 / (try #require(band.low))) - half).magnitude < 1e-4)
    #expect(band.games == 3 && band.reason == nil)
  }

  @Test func `adds the noise scale's own error on each side`() throws {
    let scale = Estimate(value: 500, low: 500 / pow(10, 0.5), high: 500 * pow(10, 0.25))
    let band = PredictionBand(
      task: "new", training: Self.training, noiseScale: scale, evidence: Self.three)
    let square = pow(4.30265 * 0.2, 2) * 4 / 3
    #expect(
      (log10(500 / (try #require(band.low))) - (square + 0.25).squareRoot()).magnitude < 1e-4)
    #expect(
      (log10(try #require(band.high) / 500) - (square + 0.0625).squareRoot()).magnitude < 1e-4)
  }

  @Test func `leaves out the task's own game, and needs three others`() throws {
    let band = PredictionBand(
      task: "a task", training: Self.training, noiseScale: Estimate(value: 500),
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
        task: "new", training: other, noiseScale: Estimate(value: 500))
      #expect(band.low == nil && band.games == 0)
      #expect(band.reason?.hasPrefix("no evidence: \(other.words) has") == true)
    }
    let bound = PredictionBand(
      task: "new", training: Self.training, noiseScale: Estimate(value: nil, low: 300))
    #expect(bound.low == nil && bound.games >= 3)
    #expect(bound.reason == "the noise scale has no positive value")
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
        task: "new", training: Self.training, noiseScale: Estimate(value: 100), evidence: evidence)
      if try (#require(band.low)...#require(band.high)).contains(critical) { held += 1 }
    }
    #expect((1860...1940).contains(held), "\(held) of 2000")
  }
}
