import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

/// Comparisons along a setting, over fits whose exponents and ratios are known.
struct SettingComparisonTests {
  /// A fit of a law that holds exactly.
  private static func fitted(
    _ task: String, target: Double = 1, critical: Double, noise: Double, updates: Double = 50,
    horizon: Int = 16, _ own: Hyperparameters, grid: ClosedRange<Int> = 0...6
  ) -> FitReport {
    let runs = grid.flatMap { index in
      [0.99, 1, 1.01].map { factor in
        let batch = critical * pow(3, Double(index - 3))
        return Run(
          batch: batch, updates: factor * updates * (1 + critical / batch),
          noise: LawWeightedNoise(numerator: noise * updates, denominator: updates))
      }
    }
    let question = Question(
      task: task, target: Target(target), algorithm: own.algorithm, optimizer: own.optimizer,
      horizon: horizon, minibatches: own.numMinibatches)
    return fit(RunGroup(question, runs: runs, hyperparameters: own), resamples: 10)
  }

  private static func hidden(_ width: Int) -> Hyperparameters {
    var own = Hyperparameters()
    own.hidden = LayerSizes([width])
    return own
  }

  private static func comparison(
    _ name: String, _ fits: [FitReport], traits: [String: TaskTraits] = [:],
    parameters: (FitReport) -> Int? = { $0.hyperparameters.map { $0.hidden.sizes[0] * 100 } }
  ) throws -> SettingComparison {
    SettingComparison(
      try #require(SettingAxis(named: name)), of: [("s", fits)], traits: traits,
      parameters: parameters)
  }

  /// B_crit ∝ weights^a with a of 0.2, 0.3 and 0.4 for three tasks, whose mean over games is 0.3
  /// with s = 0.1 and the interval 0.3 ± 4.303 · 0.1/√3; the noise scale
  /// ∝ weights^0.1, and S_min ∝ weights^−0.1.
  @Test func `the exponents of tasks are averaged over games`() throws {
    let fits = [("a", 0.2), ("b", 0.3), ("c", 0.4)].flatMap { task, exponent in
      [40, 10, 160, 20].map { width in
        Self.fitted(
          task, critical: 300 * pow(Double(width) / 10, exponent),
          noise: 200 * pow(Double(width) / 10, 0.1),
          updates: 50 * pow(Double(width) / 10, -0.1), Self.hidden(width))
      }
    }
    let found = try Self.comparison("parameters", fits)
    #expect(
      found.points.map(\.number)
        == Array(repeating: [1_000, 2_000, 4_000, 16_000], count: 3).flatMap(\.self))
    #expect(found.exponents.count == 3)
    for (series, exponent) in zip(found.exponents, [0.2, 0.3, 0.4]) {
      #expect((try #require(series.criticalBatch?.value) - exponent).magnitude < 1e-3)
      #expect((try #require(series.noiseScale?.value) - 0.1).magnitude < 1e-6)
      #expect(series.question.variant == nil)
    }
    let critical = try #require(found.relations.first { $0.quantity == .criticalBatch })
    #expect(critical.games == 3 && critical.series == 3 && critical.value == nil)
    #expect((try #require(critical.effect.value) - 0.3).magnitude < 1e-3)
    let half: Double = 4.303 * 0.1 / 3.0.squareRoot()
    let low: Double = try #require(critical.effect.low)
    #expect((low - 0.3 + half).magnitude < 2e-3)
    let quotient = try #require(found.relations.first { $0.quantity == .quotient })
    #expect((try #require(quotient.effect.value) + 0.2).magnitude < 1e-3)
    let updates = try #require(found.relations.first { $0.quantity == .minimumUpdates })
    #expect((try #require(updates.effect.value) + 0.1).magnitude < 1e-3)
    let observations = try #require(found.relations.first { $0.quantity == .minimumObservations })
    #expect((try #require(observations.effect.value) - 0.2).magnitude < 2e-3)
  }

  @Test func `variants of one game count once, and one game has no interval`() throws {
    let traits = [
      "a": TaskTraits(
        game: "g", observationSize: 1, episodeLength: 1, randomScore: 0, bestScore: 1),
      "b": TaskTraits(
        game: "g", observationSize: 1, episodeLength: 1, randomScore: 0, bestScore: 1),
    ]
    let fits = [("a", 0.2), ("b", 0.6)].flatMap { task, exponent in
      [10, 20, 40].map { width in
        Self.fitted(
          task, critical: 300 * pow(Double(width) / 10, exponent), noise: 200, Self.hidden(width))
      }
    }
    let found = try Self.comparison("parameters", fits, traits: traits)
    let critical = try #require(found.relations.first { $0.quantity == .criticalBatch })
    #expect(critical.games == 1 && critical.series == 2)
    #expect((try #require(critical.effect.value) - 0.4).magnitude < 2e-3)
    #expect(critical.effect.low == nil && critical.effect.high == nil)
  }

  /// With SGD, B_crit is a half and a third of that with Adam: a geometric mean of 1/√6.
  @Test func `values that are no numbers are compared with the first`() throws {
    let (adam, sgd) = (Hyperparameters(), Hyperparameters(optimizer: .sgd))
    var momentum = sgd
    momentum.momentum = 0.9
    let fits = [
      Self.fitted("a", critical: 600, noise: 300, adam),
      Self.fitted("a", critical: 300, noise: 300, sgd),
      Self.fitted("a", critical: 200, noise: 300, momentum),
      Self.fitted("b", critical: 3_000, noise: 300, adam),
      Self.fitted("b", critical: 1_000, noise: 300, sgd),
    ]
    let found = try Self.comparison("optimizer", fits)
    #expect(found.points.map(\.value) == ["adam", "sgd", "sgd momentum=0.9", "adam", "sgd"])
    #expect(found.exponents.isEmpty)
    let critical = found.relations.filter { $0.quantity == .criticalBatch }
    #expect(critical.map(\.value) == ["sgd", "sgd momentum=0.9"])
    #expect(critical.allSatisfy { $0.reference == "adam" })
    #expect(critical.map(\.games) == [2, 1])
    let (ratio, high) = (
      try #require(critical[0].effect.value), try #require(critical[0].effect.high)
    )
    #expect((ratio * 6.0.squareRoot() - 1).magnitude < 2e-3)
    let half: Double = 12.706 * (log(3.0) - log(2.0)) / 2
    #expect((log(high) + log(6.0) / 2 - half).magnitude < 5e-3)
    #expect((try #require(critical[1].effect.value) * 3 - 1).magnitude < 2e-3)
    // A single series has the interval of its own errors.
    let own = (try #require(critical[1].effect.low), try #require(critical[1].effect.high))
    #expect(own.0 < 1.0 / 3 && 1.0 / 3 < own.1 && own.1 < 0.5)
  }

  @Test func `only what differs in nothing else is compared`() throws {
    var other = Self.hidden(20)
    other.entCoef = 0.5
    let fits = [
      Self.fitted("a", critical: 100, noise: 50, Self.hidden(10)),
      Self.fitted("a", target: 2, critical: 100, noise: 50, Self.hidden(20)),
      Self.fitted("a", critical: 100, noise: 50, horizon: 8, Self.hidden(20)),
      Self.fitted("a", critical: 100, noise: 50, other),
      Self.fitted("b", critical: 100, noise: 50, Self.hidden(20)),
    ]
    for name in ["parameters", "hidden", "network"] {
      let found = try Self.comparison(name, fits)
      #expect(found.points.isEmpty && found.relations.isEmpty && found.exponents.isEmpty)
    }
    // Along the horizon and the weight of the entropy there is one pair each.
    let horizon = try Self.comparison(
      "num-steps", fits + [Self.fitted("a", critical: 100, noise: 50, Self.hidden(20))])
    #expect(horizon.points.map(\.number) == [8, 16])
    let entropy = try Self.comparison(
      "ent-coef", fits + [Self.fitted("a", critical: 100, noise: 50, Self.hidden(20))])
    #expect(entropy.points.map(\.number) == [0.01, 0.5])
  }

  @Test func `an algorithm has the settings of its own, and those that are its defaults`() throws {
    var other = Hyperparameters(.ppo)
    other.normAdv = false
    let fits = [Hyperparameters(), Hyperparameters(.ppo), other].map {
      Self.fitted("a", critical: $0.algorithm == .ppo ? 200 : 100, noise: 50, $0)
    }
    let found = try Self.comparison("algorithm", fits)
    #expect(found.points.map(\.value) == ["pg", "ppo", "ppo norm-adv=false"])
    #expect(found.points[1].question.minibatches == 4)
  }

  @Test func `combinations are series of their own, which name the other settings`() throws {
    let fits = [0.1, 0.5].flatMap { weight in
      [(OptimizerKind.adam, 100.0), (.rmsprop, 200 * weight)].map { optimizer, critical in
        var own = Hyperparameters(optimizer: optimizer)
        own.vfCoef = weight
        return Self.fitted("a", critical: critical, noise: 50, own)
      }
    }
    let found = try Self.comparison("optimizer", fits)
    #expect(
      found.points.map(\.others) == ["vf-coef=0.1", "vf-coef=0.1", "vf-coef=0.5", "vf-coef=0.5"])
    #expect(found.points.map(\.value) == ["adam", "rmsprop", "adam", "rmsprop"])
    let critical = try #require(found.relations.first { $0.quantity == .criticalBatch })
    #expect(critical.series == 2 && critical.games == 1)
    // The ratios are 0.2 and 1.
    #expect((try #require(critical.effect.value) / 0.2.squareRoot() - 1).magnitude < 2e-3)
    #expect(critical.effect.low == nil)
    let along = try Self.comparison("vf-coef", fits)
    let names = along.exponents.compactMap(\.others)
    #expect(names.count == 2)
    #expect(names[0].contains("optimizer=adam") && names[1].contains("optimizer=rmsprop"))
  }

  /// The reference is the value with a B_crit in most series, here the second one.
  @Test func `a series without the reference has no ratio`() throws {
    let fits = [
      Self.fitted("a", critical: 100, noise: 50, Hyperparameters(optimizer: .rmsprop)),
      Self.fitted("a", critical: 200, noise: 50, Hyperparameters(optimizer: .sgd)),
      Self.fitted("b", critical: 100, noise: 50, Hyperparameters()),
      Self.fitted("b", critical: 400, noise: 50, Hyperparameters(optimizer: .sgd)),
      Self.fitted("c", critical: 100, noise: 50, Hyperparameters()),
      Self.fitted("c", critical: 300, noise: 50, Hyperparameters(optimizer: .rmsprop)),
      Self.fitted("d", critical: 100, noise: 50, Hyperparameters(optimizer: .rmsprop)),
      Self.fitted("d", critical: 300, noise: 50, Hyperparameters(optimizer: .sgd), grid: 0...2),
    ]
    let found = try Self.comparison("optimizer", fits)
    #expect(found.relations.allSatisfy { $0.reference == "rmsprop" })
    let critical = found.relations.filter { $0.quantity == .criticalBatch }
    #expect(critical.map(\.value) == ["sgd", "adam"])
    #expect(critical.map(\.games) == [1, 1])
  }

  @Test func `studies are compared with each other, and fixed rates with nothing`() throws {
    var (first, second) = (
      Self.fitted("a", critical: 100, noise: 50, Self.hidden(10)),
      Self.fitted("a", critical: 300, noise: 50, Self.hidden(20))
    )
    func comparison() throws -> SettingComparison {
      SettingComparison(
        try #require(SettingAxis(named: "network")), of: [("s", [first]), ("t", [second])],
        traits: [:], parameters: { _ in nil })
    }
    #expect(try comparison().points.map(\.study) == ["s", "t"])
    second.isUntuned = true
    #expect(try comparison().points.isEmpty)
    first.isUntuned = true
    #expect(try comparison().points.isEmpty)
  }

  /// y = 100, 100, 200 at 1, 4, 16 has the slope 1/4 with equal weights.
  @Test func `a point without an error weighs no more than others, and a study counts once`() throws
  {
    var fits = [(1, 100.0), (4, 100), (16, 200)].map { width, noise in
      Self.fitted("a", critical: 100, noise: noise, Self.hidden(width))
    }
    for index in fits.indices {
      let value = [100.0, 100, 200][index]
      fits[index].noiseScale = Estimate(value: value, low: value / 1.5, high: value * 1.5)
    }
    func exponent(_ all: [FitReport]...) throws -> Estimate {
      let found = SettingComparison(
        .parameters, of: all.enumerated().map { ("s\($0)", $1) }, traits: [:],
        parameters: { $0.hyperparameters?.hidden.sizes[0] })
      return try #require(found.relations.first { $0.quantity == .noiseScale }).effect
    }
    let known = try exponent(fits)
    #expect((try #require(known.value) - 0.25).magnitude < 1e-6)
    // The same runs in another study change nothing.
    #expect(try exponent(fits, [fits[0]]) == known)
    fits[0].noiseScale = Estimate(value: 100)
    #expect((try #require(try exponent(fits).value) - 0.25).magnitude < 1e-6)
  }

  @Test func `a value of 0 makes ratios of all`() throws {
    let fits = [0, 0.1, 0.2].map { weight in
      var own = Hyperparameters()
      own.entCoef = weight
      return Self.fitted("a", critical: 100 * (1 + weight), noise: 50, own)
    }
    let found = try Self.comparison("ent-coef", fits)
    #expect(found.exponents.isEmpty && found.relations.allSatisfy { $0.value != nil })
    let critical = found.relations.filter { $0.quantity == .criticalBatch }
    #expect(critical.map(\.value) == ["0.1", "0.2"] && critical.allSatisfy { $0.reference == "0" })
  }

  /// Of y = 10 [8, 12.5] and 20 [16, 25], the exponent between 1 and 2 is 1 with a standard error of
  /// √2 · ln(1.25)/1.96/ln 2.
  @Test func `two points have the interval of their errors`() throws {
    var (one, two) = (
      Self.fitted("a", critical: 10, noise: 50, Self.hidden(1)),
      Self.fitted("a", critical: 20, noise: 50, Self.hidden(2))
    )
    one.criticalBatch = Estimate(value: 10, low: 8, high: 12.5)
    two.criticalBatch = Estimate(value: 20, low: 16, high: 25)
    // What lies below isn't known.
    one.noiseScale = Estimate(value: 10, low: -1, high: 12.5)
    two.noiseScale = Estimate(value: 10, low: 8, high: 12.5)
    let found = try Self.comparison("parameters", [one, two])
    func half(_ quantity: SettingQuantity) throws -> Double {
      let effect = try #require(found.relations.first { $0.quantity == quantity }).effect
      return (try #require(effect.high) - (try #require(effect.low))) / 2
    }
    let known: Double = 2.0.squareRoot() * log(1.25) / log(2.0)
    #expect((try half(.criticalBatch) - known).magnitude < 1e-9)
    #expect((try half(.noiseScale) - known).magnitude < 1e-9)
    #expect((try half(.quotient) - known * 2.0.squareRoot()).magnitude < 1e-9)
    two.noiseScale = Estimate(value: 10)
    let unknown = try Self.comparison("parameters", [one, two])
    for quantity in [SettingQuantity.noiseScale, .quotient] {
      let effect = try #require(unknown.relations.first { $0.quantity == quantity }).effect
      #expect(effect.value != nil && effect.low == nil)
    }
  }

  @Test func `a question that is not fitted has a noise scale only`() throws {
    let fits = [
      Self.fitted("a", critical: 100, noise: 50, Self.hidden(10)),
      Self.fitted("a", critical: 100, noise: 70, Self.hidden(20), grid: 0...2),
    ]
    let found = try Self.comparison("parameters", fits)
    #expect(found.points.count == 2 && found.points[1].criticalBatch == nil)
    #expect(found.relations.map(\.quantity) == [.noiseScale])
    let exponent = try #require(found.relations[0].effect.value)
    #expect((exponent - log2(1.4)).magnitude < 1e-6)
  }

  @Test func `settings of plans and other names are no axes`() {
    for name in ["batches", "seed", "centre", "task", "", "Network"] {
      #expect(SettingAxis(named: name) == nil, "\(name)")
    }
    #expect(SettingAxis(named: "hidden") == SettingAxis(named: "network"))
  }
}
