import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

struct ReportTests {
  private static let keys: Set<String> = [
    "task", "variant", "target", "verdict", "minimum_updates", "minimum_observations",
    "critical_batch",
    "rms_log_residual", "linear_fit", "algorithm", "optimizer", "horizon", "set_aside", "bootstrap",
    "noise_scale", "batches", "seeds", "censored", "reason", "seed_deviation", "batch_deviation",
    "exponent", "without_one_batch", "seeds_needed", "mean", "lower_bounds",
  ]

  private static func json(_ report: FitReport) throws -> [String: Any] {
    let data = try JSONEncoder().encode(report)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func `is encoded with exactly the keys of the contract`() throws {
    var draws = Draws(61)
    var runs = runs(
      minimumUpdates: 50, criticalBatch: 300, batches: batches(6, from: 10, factor: 4), seeds: 3,
      spread: 0.1, draws: &draws)
    runs.append(Run(batch: 10, updates: 1e6))
    let object = try Self.json(
      fit(RunGroup(Question(task: "t", target: Target("0.90")), runs: runs)))
    #expect(Set(object.keys) == Self.keys)
    for key in [
      "minimum_updates", "minimum_observations", "critical_batch", "exponent", "without_one_batch",
    ] {
      let estimate = try #require(object[key] as? [String: Double])
      #expect(Set(estimate.keys) == ["value", "low", "high"])
    }
    let linear = try #require(object["linear_fit"] as? [String: Double])
    #expect(Set(linear.keys) == ["minimum_updates", "minimum_observations", "critical_batch"])
    let aside = try #require((object["set_aside"] as? [[String: Any]])?.first)
    #expect(Set(aside.keys) == ["batch", "seed", "updates", "censored"])
    #expect(aside["seed"] is NSNull && aside["updates"] as? Double == 1e6)
    #expect((0.05...0.2).contains(try #require(object["seed_deviation"] as? Double)))
    #expect(object["batch_deviation"] is Double && object["seeds_needed"] is Int)
    #expect(object["target"] as? String == "0.9")
    #expect(object["verdict"] as? String == "fitted")
    #expect(object["batches"] as? Int == 6 && object["seeds"] as? Int == 3)
    for key in ["reason", "noise_scale", "algorithm", "horizon", "bootstrap"] {
      #expect(object[key] is NSNull)
    }
  }

  @Test func `writes what it does not know as null`() throws {
    let object = try Self.json(fit(RunGroup(runs: [])))
    #expect(Set(object.keys) == Self.keys)
    for key in [
      "task", "target", "minimum_updates", "minimum_observations", "critical_batch", "linear_fit",
      "rms_log_residual", "seed_deviation", "batch_deviation", "exponent", "without_one_batch",
      "seeds_needed",
    ] {
      #expect(object[key] is NSNull, "\(key)")
    }
    #expect(object["verdict"] as? String == "too-few")
  }

  @Test func `writes a bound as a low end without a value`() throws {
    let runs = exactRuns(
      minimumUpdates: 1, criticalBatch: 1e9, batches: batches(6, from: 10, factor: 4))
    let object = try Self.json(fit(RunGroup(runs: runs)))
    let bound = try #require(object["critical_batch"] as? [String: Any])
    #expect(Set(bound.keys) == ["value", "low", "high"])
    #expect(bound["value"] is NSNull && bound["high"] is NSNull && bound["low"] is Double)
  }

  @Test func `has more keys for a study`() throws {
    let question = Question(task: "t", algorithm: .ppo, horizon: 8, minibatches: 4)
    let runs = exactRuns(
      minimumUpdates: 5, criticalBatch: 100, batches: batches(6, from: 10, factor: 4))
    let object = try Self.json(fit(RunGroup(question, runs: runs)))
    #expect(
      Set(object.keys)
        == Self.keys.union([
          "likely_critical_batch", "untuned", "policy_noise_scale", "value_noise_scale",
          "preconditioned_noise_scale", "advice", "compute", "cores", "adaptive",
        ]))
    #expect(object["algorithm"] as? String == "ppo" && object["horizon"] as? Int == 8)
    #expect(object["optimizer"] as? String == "adam")
  }

  @Test func `words say what σ is a share of`() {
    var draws = Draws(62)
    let group = RunGroup(
      runs: runs(
        minimumUpdates: 50, criticalBatch: 300, batches: batches(6, from: 10, factor: 4), seeds: 3,
        spread: 0.1, draws: &draws))
    let (typical, cost) = (fit(group), fit(group, mean: .arithmetic))
    func start(_ report: FitReport) -> String {
      "Seeds scatter by σ = \(Format.number(report.seedDeviation)) "
    }
    #expect(typical.residualWords.hasPrefix(start(typical) + "in ln S; "))
    #expect(cost.residualWords.hasPrefix(start(cost) + "of their mean S; "))
  }

  @Test func `spells the verdicts as the contract does`() {
    #expect(
      Verdict.allCases.map(\.rawValue) == [
        "too-narrow", "too-few", "grouped", "rejected", "flat", "lower-bound", "upper-bound",
        "too-noisy", "fitted", "estimated",
      ])
  }
}
