import Foundation
import Records
import Testing

@testable import Analysis

struct ComparisonTests {
  /// A fit of a law that holds exactly, with a noise scale that is a share of its B_crit.
  private static func fitted(
    _ task: String, target: String = "1", critical: Double, updates: Double = 50,
    noise: Double? = 0.5, minibatches: Int = 1, batches grid: ClosedRange<Int> = 0...6
  ) -> FitReport {
    let runs = grid.flatMap { index in
      [0.99, 1, 1.01].map { factor in
        let batch = critical * pow(3, Double(index - 3))
        return Run(
          batch: batch, updates: factor * updates * (1 + critical / batch),
          noise: noise.map {
            LawWeightedNoise(numerator: $0 * critical * updates, denominator: updates)
          })
      }
    }
    let question = Question(
      task: task, target: Target(target), algorithm: minibatches > 1 ? .ppo : .policyGradient,
      horizon: 16, minibatches: minibatches)
    return fit(RunGroup(question, runs: runs), resamples: 200)
  }

  private static func compared(
    _ fits: [FitReport], traits: [String: TaskTraits] = [:], referenceBatch: Double = 1024,
    resamples: Int = 100
  ) -> Comparison {
    Comparison(
      [("s", fits)], traits: traits, referenceBatch: referenceBatch, resamples: resamples)
  }

  private static let ladder = [100.0, 200, 400, 800, 1600].enumerated().map {
    fitted("task \($0)", critical: $1)
  }

  @Test func `finds the power law that tasks follow exactly`() throws {
    // E_min = 50 B_crit, so B_crit = 0.02 E_min, and the noise scale is half of it.
    let comparison = Self.compared(Self.ladder, resamples: 300)
    #expect(comparison.comparisons.map(\.name) == ["pg"])
    let found = try #require(comparison.comparisons.first)
    let data = try #require(found.axes.first { $0.axis == .data })
    #expect((try #require(data.criticalBatch.exponent?.value) - 1).magnitude < 1e-3)
    #expect((try #require(data.criticalBatch.coefficient) / 0.02 - 1).magnitude < 0.01)
    #expect((try #require(data.predictedBatch.coefficient) / 0.01 - 1).magnitude < 0.01)
    #expect(data.criticalBatch.rankCorrelation?.value == 1)
    // Two of the 120 orders of five tasks are perfect.
    #expect(data.criticalBatch.pValue == 2.0 / 120)
    let miss = try #require(found.prediction.hardest?.medianLogRatio)
    #expect((try #require(miss.value) - log10(2)).magnitude < 1e-3)
    #expect(found.prediction.hardest?.medianLogRatio.covers(log10(2)) == true)
    #expect((try #require(found.prediction.hardest?.rSquared?.value) - 1).magnitude < 1e-4)
  }

  @Test func `a table's hardest target takes the most data, and nothing is known of its task`() {
    func ofTable(_ task: String, _ target: String, _ critical: Double, _ updates: Double)
      -> FitReport
    {
      var report = Self.fitted(
        task, target: target, critical: critical, updates: updates, noise: nil)
      report.question = Question(task: task, target: Target(target))
      return report
    }
    // A loss: the smaller one is harder.
    let losses = [ofTable("net", "0.5", 200, 50), ofTable("net", "0.4", 400, 80)]
    let traits = TaskTraits(observationSize: 5, episodeLength: 6, randomScore: 0, bestScore: 1)
    let comparison = Comparison(
      [("losses.csv", losses), ("study", Self.ladder), ("other.csv", [losses[1]])],
      traits: ["net": traits, "task 0": traits], resamples: 100)
    let compared = comparison.points.filter(\.isCompared)
    #expect(compared.map(\.fit.question.task) == ["net"] + Self.ladder.map(\.question.task))
    #expect(compared[0].fit.question.target == Target("0.4") && compared[0].study == "losses.csv")
    #expect(compared[0][.observationSize] == nil && compared[1][.observationSize] == 5)
    #expect(comparison.comparisons.map(\.name) == ["pg", "all runs"])
    #expect(comparison.comparisons.map(\.tasks) == [5, 6])
    #expect(
      comparison.points.last?.reason == "the task counts once, as measured in losses.csv")
  }

  /// Each of the replicates has fitted a target that the other has not.
  @Test func `a task's targets are all those of the first source that has any`() throws {
    func source(_ targets: [Double: Double]) -> [FitReport] {
      targets.sorted { $0.key < $1.key }.map {
        Self.fitted("task", target: "\($0.key)", critical: $0.value)
      }
    }
    let (first, second) = (source([1: 100, 2: 200]), source([2: 250, 3: 300]))
    let untried = fit(
      RunGroup(
        Question(task: "task", target: Target(1), algorithm: .policyGradient), runs: []))
    func chosen(_ sources: [(String, [FitReport])]) -> [String: [TargetSet]] {
      let points = Comparison(sources, traits: [:], resamples: 1).points
      return Dictionary(
        uniqueKeysWithValues: points.filter { !$0.sets.isEmpty }.map {
          ("\($0.study) \($0.fit.question.target?.text ?? "")", $0.sets)
        })
    }
    #expect(
      chosen([("first", first), ("second", second)]) == [
        "first 1": [.all, .easiest], "first 2": [.all, .hardest],
      ])
    #expect(
      chosen([("second", second), ("first", first)]) == [
        "second 2": [.all, .easiest], "second 3": [.all, .hardest],
      ])
    #expect(
      chosen([("empty", [untried]), ("second", second)]).keys.allSatisfy { $0.hasPrefix("second") })
    let points = Comparison([("first", first), ("second", second)], traits: [:], resamples: 1)
      .points
    #expect(
      points.suffix(2).allSatisfy { $0.reason == "the task counts once, as measured in first" })
    #expect(points.suffix(2).allSatisfy { !$0.isCompared && $0.logRatio != nil })
  }

  /// In tables, more data is harder: here the second has the target that takes most.
  @Test func `tables of one task are not mixed either`() {
    func ofTable(_ target: String, _ observations: Double) -> FitReport {
      var report = Self.fitted("net", target: target, critical: 100, updates: observations / 100)
      report.question = Question(task: "net", target: Target(target))
      return report
    }
    let sources = [
      ("a.csv", [ofTable("1", 10_000), ofTable("2", 20_000)]),
      ("b.csv", [ofTable("2", 30_000), ofTable("1", 25_000)]),
    ]
    for order in [sources, sources.reversed()] {
      let points = Comparison(order, traits: [:], resamples: 1).points
      #expect(points.filter(\.isCompared).map(\.study) == [order[0].0])
      #expect(points.filter(\.isCompared).map(\.fit.question.target) == [Target("2")])
      for point in points {
        #expect(point.sets.isEmpty == (point.study != order[0].0))
        #expect(point.sets.isEmpty || point.sets.contains(.all))
      }
    }
  }

  @Test func `over all runs a task counts once, though two algorithms were trained on it`() {
    let table = fit(
      RunGroup(Question(task: "net"), runs: Self.fitted("net", critical: 300).runs), resamples: 9)
    let ppo = Self.fitted("task 0", critical: 900, minibatches: 4)
    let comparison = Self.compared(Self.ladder + [ppo, table])
    #expect(comparison.comparisons.map(\.tasks) == [5, 1, 6])
  }

  @Test func `an untuned task is fitted and not compared`() throws {
    var runs = Self.fitted("task", critical: 300).runs
    for index in runs.indices { runs[index].isUntuned = true }
    let question = Question(task: "task", target: Target(1), algorithm: .policyGradient)
    let report = fit(RunGroup(question, runs: runs), resamples: 9)
    #expect(report.verdict == .fitted && report.isUntuned)
    let point = try #require(Self.compared([report]).points.first)
    #expect(!point.isCompared && point.reason == report.untunedSentence)
    #expect(point.criticalBatch?.value != nil && point.reason?.contains("not tuned") == true)
  }

  @Test func `a noise scale of 0 has no logarithm, and the comparison is still JSON`() throws {
    let odd = Self.fitted("odd", critical: 500, noise: -0.5)
    let comparison = Self.compared(Self.ladder + [odd])
    let point = try #require(comparison.points.last)
    #expect(point.isCompared && point.logRatio == nil)
    #expect(point.predictedBatch?.value == 0)
    #expect(try !JSONEncoder().encode(comparison).isEmpty)
  }

  @Test func `lists what is not fitted with its reason and uses none of it`() throws {
    let few = Self.fitted("few", critical: 500, batches: 1...3)
    let flat = Self.fitted("flat", critical: 1e9, batches: -9 ... -4)
    #expect(few.verdict == .tooFew && flat.verdict == .flat)
    let untuned = fit(
      RunGroup(
        Question(task: "untuned", target: Target(1), algorithm: .policyGradient), runs: []))
    let alone = Self.compared(Self.ladder)
    let beside = Self.compared(Self.ladder + [few, flat, untuned])
    #expect(alone.comparisons == beside.comparisons)
    let rest = beside.points.filter { !$0.isCompared }
    #expect(rest.map(\.fit.question.task) == ["few", "flat", "untuned"])
    #expect(rest[1].criticalBatch?.value == nil && rest[1].criticalBatch?.low != nil)
    #expect(rest.allSatisfy { $0.reason != nil && $0.logRatio == nil })
    #expect(rest[2].reason == "no run at a tuned learning rate")
  }

  @Test func `counts a task once, with its hardest fitted target`() throws {
    let easy = Self.fitted("task 0", target: "-1", critical: 30)
    let hardest = Self.fitted("task 0", target: "2.5", critical: 1e9, batches: -9 ... -4)
    let points = Self.compared([easy] + Self.ladder + [hardest], resamples: 1).points
    let ofTask = points.filter { $0.fit.question.task == "task 0" }
    #expect(ofTask.map(\.isCompared) == [false, true, false])
    #expect(ofTask[0].reason == "the task counts once, with its hardest fitted target")
    #expect(ofTask[2].fit.verdict == .flat)
  }

  @Test func `gives no number with too few tasks`() throws {
    let three = try #require(
      Self.compared(Array(Self.ladder.prefix(3)), resamples: 50).comparisons.first)
    #expect(three.prediction.relation.reason == "3 tasks; a relation needs at least 4")
    #expect(three.prediction.relation.exponent == nil && three.prediction.hardest?.rSquared == nil)
    #expect(three.prediction.hardest?.medianLogRatio?.value != nil)
    let two = Self.compared(Array(Self.ladder.prefix(2)), resamples: 50)
    #expect(two.comparisons.first?.prediction.hardest?.medianLogRatio == nil)
    #expect(Self.compared([]).comparisons.isEmpty)
  }

  @Test func `predicts PPO's critical batch by the noise scale itself, whatever its minibatches`()
    throws
  {
    let fits = [100.0, 200, 400, 800].flatMap { critical in
      [
        Self.fitted("t\(critical)", critical: critical, noise: 1, minibatches: 4),
        Self.fitted("t\(critical)", critical: critical, noise: 0.25),
      ]
    }
    let comparison = Self.compared(fits, resamples: 50)
    #expect(comparison.comparisons.map(\.name) == ["pg", "ppo"])
    let misses = comparison.comparisons.compactMap(\.prediction.hardest?.medianLogRatio?.value)
    #expect((misses[0] - log10(4)).magnitude < 0.01 && misses[1].magnitude < 0.01)
  }

  @Test func `measures complexity by what is known of a task`() throws {
    let traits = TaskTraits(
      observationSize: 50, episodeLength: 9, states: 195, randomScore: -0.6, bestScore: 1,
      failureScore: -1)
    let point = try #require(
      Self.compared(
        [Self.fitted("catch", target: "0.5", critical: 300)], traits: ["catch": traits],
        referenceBatch: 300, resamples: 1
      ).points.first)
    #expect(point[.states] == 195 && point[.observationSize] == 50 && point[.episodeLength] == 9)
    #expect((try #require(point[.progress]) - 1.1 / 1.6).magnitude < 1e-12)
    // Caught three times of four: (1 − ¾)/¾.
    #expect((try #require(point[.odds]) - 1.0 / 3).magnitude < 1e-12)
    // At B_crit a run takes twice E_min.
    let reference = try #require(point[.reference])
    #expect((reference - 30_000).magnitude < 30)
    let unknown = Self.compared([Self.fitted("x", critical: 300)])
    let other = try #require(unknown.points.first)
    #expect(other[.states] == nil && other[.odds] == nil && other[.data] != nil)
  }

  @Test func `is encoded with these keys`() throws {
    let data = try JSONEncoder().encode(Self.compared(Self.ladder, resamples: 20))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "reference_batch", "bootstrap", "points", "comparisons", "replicates", "along",
      ])
    let point = try #require((object["points"] as? [[String: Any]])?.first)
    #expect(
      Set(point.keys) == [
        "study", "task", "variant", "game", "target", "algorithm", "optimizer", "horizon", "sets",
        "verdict",
        "critical_batch", "noise_scale", "likely_critical_batch",
        "noise_scales_of_parts", "log10_ratio",
        "complexity", "compared", "reason",
      ])
    let complexity = try #require(point["complexity"] as? [String: Any])
    #expect(Set(complexity.keys) == Set(ComplexityAxis.allCases.map(\.rawValue)))
    let comparison = try #require((object["comparisons"] as? [[String: Any]])?.first)
    #expect(
      Set(comparison.keys) == ["algorithm", "optimizer", "tasks", "games", "prediction", "axes"])
    let prediction = try #require(comparison["prediction"] as? [String: Any])
    #expect(Set(prediction.keys) == ["relation", "scores", "conclusion"])
    let scores = try #require(prediction["scores"] as? [[String: Any]])
    let statistics: Set = [
      "median_log10_ratio", "rms_log10_ratio", "r_squared", "rank_correlation",
    ]
    for score in scores {
      #expect(
        Set(score.keys)
          == statistics.union([
            "set", "least_minimum_updates", "targets", "tasks", "games", "unpredicted",
            "without_one_game", "controls", "parts",
          ]))
      let left = try #require(score["without_one_game"] as? [String: Any])
      #expect(Set(left.keys) == statistics)
      for control in try #require(score["controls"] as? [[String: Any]]) {
        #expect(
          Set(control.keys) == [
            "rival", "targets", "games", "median_log10_ratio", "rms_log10_ratio",
            "rms_difference",
          ])
      }
      for part in try #require(score["parts"] as? [[String: Any]]) {
        #expect(
          Set(part.keys) == [
            "rival", "targets", "games", "median_log10_ratio", "rms_log10_ratio", "rms_difference",
          ])
      }
    }
    let conclusion = try #require(prediction["conclusion"] as? [String: Any])
    #expect(Set(conclusion.keys) == ["verdict", "sentence"])
    let band = try #require(point["likely_critical_batch"] as? [String: Any])
    #expect(Set(band.keys) == ["low", "high", "games", "reason"])
    let axis = try #require((comparison["axes"] as? [[String: Any]])?.first)
    #expect(Set(axis.keys) == ["axis", "unit", "critical_batch", "noise_scale"])
    let relation = try #require(axis["critical_batch"] as? [String: Any])
    #expect(
      Set(relation.keys) == [
        "tasks", "games", "rank_correlation", "p_value", "exponent", "coefficient", "reason",
      ])
  }
}
