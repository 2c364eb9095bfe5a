import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

struct ReplicatesTests {
  private static let grid = batches(8, from: 27, factor: 2.2)

  private static func plan(seed: Int, tasks: [String] = ["t"]) -> StudyPlan {
    StudyPlan(
      seed: seed, tuningSeeds: 5, measuringSeeds: 5, learningRateFactor: 2,
      tasks: tasks.map { task in
        TaskPlan(
          task: task, rulesVersion: 1, targets: [1], batches: grid.map { Int($0) }, horizon: 16,
          budget: Observations(1_000_000), learningRate: LearningRateCentre(rate: 0.01),
          hyperparameters: Hyperparameters(), evaluationEpisodes: 64)
      })
  }

  private static func question(_ task: String, _ target: Double = 1) -> Question {
    Question(task: task, target: Target(target), algorithm: .policyGradient, horizon: 16)
  }

  /// A study of tasks that all have B_crit 800; σ 0.25 and τ 0.1.
  private static func source(
    _ seed: Int, tasks: [String], scatter: Double = 0.25, offset: Double = 0.1,
    draws: inout Draws
  ) -> Replicates.Source {
    let fits = tasks.map { task in
      let runs = grid.flatMap { batch in
        let shared = exp(offset * draws.normal())
        return (0..<5).map { seed in
          Run(
            batch: batch, seed: seed,
            updates: 50 * (1 + 800 / batch) * shared * exp(scatter * draws.normal()))
        }
      }
      return fit(RunGroup(question(task), runs: runs), resamples: 0)
    }
    return Replicates.Source(
      name: "seed \(seed)", plan: plan(seed: seed, tasks: tasks), fits: fits)
  }

  /// With eight batches the intervals are those of Student's t with six degrees of freedom:
  /// P(|T| < 2.4469/√2) = 0.866; and z has a variance of about 12/10, that of t with twelve.
  @Test func `hold each other's values as often as right intervals do`() throws {
    var draws = Draws(81)
    let tasks = (0..<(isSoak ? 2000 : 250)).map { "task \($0)" }
    let (first, second) = (
      Self.source(1, tasks: tasks, draws: &draws), Self.source(2, tasks: tasks, draws: &draws)
    )
    let all = Replicates.all(among: [first, second])
    let pair = try #require(all.first)
    print(
      "replicates:", pair.targets.count, "inside", pair.insideShare ?? 0, "expected",
      pair.expectedShare ?? 0, "rms z", pair.rootMeanSquare ?? 0)
    #expect(all.count == 1 && pair.questions == tasks.count)
    #expect(pair.targets.count > tasks.count * 8 / 10)
    #expect((try #require(pair.expectedShare) - 0.866).magnitude < 0.001)
    // Three standard errors of a share of values of which two depend on one difference.
    let slack = 3 * (0.85 * 0.15 / Double(pair.targets.count)).squareRoot()
    #expect((try #require(pair.insideShare) - 0.85).magnitude < slack + 0.02)
    let expected = try #require(pair.expectedRootMeanSquare)
    #expect((expected - 1.2.squareRoot()).magnitude < 1e-9)
    #expect((pair.rootMeanSquare.map { $0 / expected } ?? 0) > 0.88)
    #expect((pair.rootMeanSquare.map { $0 / expected } ?? 9) < 1.12)
  }

  /// Two normal values, each with a standard error estimated with ν degrees of freedom. With ν = 2,
  /// z is Student's with four, and its square has no variance, so many are drawn.
  @Test(arguments: [(2, 2), (6, 6), (3, 6)]) func `expect the z² of estimated errors`(
    first: Int, second: Int
  ) throws {
    var draws = Draws(84)
    func square(_ freedom: Int) -> Double {
      mean((0..<freedom).map { _ in pow(draws.normal(), 2) })
    }
    let count = 400_000
    let squares = (0..<count).map { _ in
      2 * pow(draws.normal(), 2) / (square(first) + square(second))
    }
    var reports = [Self.report("a"), Self.report("a", critical: 120)]
    for (index, freedom) in [first, second].enumerated() {
      reports[index].points = Array(reports[index].points.prefix(freedom + 2))
    }
    let pair = try #require(
      Replicates.all(among: Self.sources([reports[0]], [reports[1]])).first)
    let expected = try #require(pair.expectedRootMeanSquare)
    #expect((mean(squares).squareRoot() / expected - 1).magnitude < 0.04)
  }

  @Test func `fail intervals that are too narrow`() throws {
    var draws = Draws(83)
    let tasks = (0..<150).map { "task \($0)" }
    var sources = (1...2).map { Self.source($0, tasks: tasks, draws: &draws) }
    for (source, index) in sources.indices.flatMap({ source in
      tasks.indices.map { (source, $0) }
    }) {
      // Half as wide.
      let estimate = sources[source].fits[index].criticalBatch
      guard let value = estimate?.value, let low = estimate?.low, let high = estimate?.high else {
        continue
      }
      sources[source].fits[index].criticalBatch = Estimate(
        value: value, low: (low * value).squareRoot(), high: (high * value).squareRoot())
    }
    let pair = try #require(Replicates.all(among: sources).first)
    print("half as wide:", pair.insideShare ?? 0, "rms z", pair.rootMeanSquare ?? 0)
    #expect(try #require(pair.insideShare) < 0.7)
    #expect(try #require(pair.rootMeanSquare) > 1.7)
  }

  /// A report as fitted, with an interval of t·se in ln.
  private static func report(
    _ task: String, target: Double = 1, verdict: Verdict = .fitted, critical: Double = 100,
    factor: Double = 2
  ) -> FitReport {
    var report = FitReport(
      question: question(task, target), verdict: verdict, setAside: [], batches: 8, seeds: 5,
      censored: 0)
    report.points = grid.map { BatchPoint(batch: $0, updates: 1, seeds: 5, censored: 0) }
    guard verdict == .fitted else { return report }
    report.criticalBatch = Estimate(
      value: critical, low: critical / factor, high: critical * factor)
    return report
  }

  private static func sources(
    _ first: [FitReport], _ second: [FitReport], seeds: (Int, Int) = (1, 2)
  )
    -> [Replicates.Source]
  {
    let tasks = Set((first + second).compactMap(\.question.task)).sorted()
    return [(first, seeds.0), (second, seeds.1)].map { fits, seed in
      Replicates.Source(name: "s\(seed)", plan: plan(seed: seed, tasks: tasks), fits: fits)
    }
  }

  @Test func `z is the difference over both errors, which come from Student's quantile`() throws {
    let pair = try #require(
      Replicates.all(
        among: Self.sources(
          [Self.report("a", critical: 300, factor: 2)],
          [Self.report("a", critical: 100, factor: 4)])
      ).first)
    let target = try #require(pair.targets.first)
    // 2.446912 for six degrees of freedom.
    let errors = [log(2.0) / 2.446912, log(4.0) / 2.446912]
    let expected = log(3.0) / (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot()
    #expect((target.z - expected).magnitude < 1e-5)
    // 300 lies in [25, 400]; 100 does not lie in [150, 600].
    #expect(target.isFirstInSecond && !target.isSecondInFirst)
    #expect(pair.inside == 1 && pair.insideShare == 0.5)
    #expect((try #require(pair.rootMeanSquare) - expected).magnitude < 1e-5)
  }

  @Test func `lists every verdict that differs, and flips among them`() throws {
    let first = [
      Self.report("a"), Self.report("b"), Self.report("c", verdict: .rejected),
      Self.report("d", verdict: .tooNoisy), Self.report("e", verdict: .rejected), Self.report("g"),
    ]
    let second = [
      Self.report("a"), Self.report("b", verdict: .rejected), Self.report("c"),
      Self.report("d"), Self.report("e", verdict: .rejected),
    ]
    let pair = try #require(Replicates.all(among: Self.sources(first, second)).first)
    #expect(pair.questions == 5 && pair.targets.map(\.question.task) == ["a"])
    #expect(pair.changes.map(\.question.task) == ["b", "c", "d"])
    #expect(pair.flips.map(\.question.task) == ["b", "c"])
    #expect(pair.flips.map(\.first) == [.fitted, .rejected])
    let data = try JSONEncoder().encode(pair)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "first", "second", "questions", "targets", "inside", "inside_share", "expected_share",
        "rms_z", "expected_rms_z", "flips", "verdict_changes",
      ])
    #expect(object["flips"] as? Int == 2)
    let side = try #require(object["second"] as? [String: Any])
    #expect(side["study"] as? String == "s2" && side["seed"] as? Int == 2)
    let target = try #require((object["targets"] as? [[String: Any]])?.first)
    #expect(
      Set(target.keys) == [
        "task", "variant", "target", "algorithm", "optimizer", "horizon", "first", "second", "z",
        "first_in_second", "second_in_first",
      ])
  }

  @Test func `are only tasks with one plan and two seeds`() throws {
    let fits = ["a", "b"].map { Self.report($0) }
    let (same, other) = (Self.sources(fits, fits, seeds: (1, 1)), Self.sources(fits, fits))
    #expect(Replicates.all(among: same).isEmpty)
    #expect(Replicates.all(among: other).first?.targets.count == 2)
    // Only the other task counts if one is measured differently.
    var changed = other
    changed[1].plan.tasks[0].hyperparameters.gamma = 0.5
    #expect(Replicates.all(among: changed).first?.targets.map(\.question.task) == ["b"])
    changed[1].plan.tasks[1].batches.removeLast()
    #expect(Replicates.all(among: changed).isEmpty)
    // A number of seeds counts, wherever the plan says it.
    changed = other
    changed[1].plan.measuringSeeds = 6
    #expect(Replicates.all(among: changed).isEmpty)
    for index in changed[1].plan.tasks.indices { changed[1].plan.tasks[index].measuringSeeds = 5 }
    #expect(Replicates.all(among: changed).first?.targets.count == 2)
    changed[1].plan.learningRateFactor = 1.4
    #expect(Replicates.all(among: changed).isEmpty)
    // An older version of the numerics is named, and compared.
    changed = other
    changed[1].plan.numerics = 1
    #expect(Replicates.all(among: changed).first?.second.numerics == 1)
    // Three studies are three pairs.
    let third = Self.sources(fits, fits, seeds: (3, 4))[0]
    #expect(Replicates.all(among: other + [third]).count == 3)
  }

  @Test func `without a target that is fitted in both there is no share`() throws {
    let pair = try #require(
      Replicates.all(
        among: Self.sources([Self.report("a")], [Self.report("a", verdict: .flat)])
      ).first)
    #expect(pair.targets.isEmpty && pair.insideShare == nil && pair.rootMeanSquare == nil)
    #expect(pair.changes.count == 1 && pair.flips.isEmpty)
  }

  @Test func `a task counts once in the other relations, from the first study`() {
    let sources = Self.sources([Self.report("a")], [Self.report("a", critical: 200)])
    let comparison = Comparison(
      sources.map { ($0.name, $0.fits) }, traits: [:], resamples: 10)
    #expect(comparison.points.filter(\.isCompared).map(\.study) == ["s1"])
    #expect(comparison.comparisons.map(\.tasks) == [1])
  }
}
