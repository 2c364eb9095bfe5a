import Learning
import TestSupport
import Testing

@testable import Environments
@testable import Lab
@testable import Records

struct TrialTests {
  private static let task = CatalogueEntry(Catch.self)

  private static func settings(
    seed: Int = 0, targets: [Double] = [-0.3, 0, 0.5, 0.9], limit: Int = 400_000,
    isPruned: Bool = false, rate: Double = 0.008, environments: Int = 20,
    _ change: (inout Hyperparameters) -> Void = { _ in }
  ) -> TrialSettings {
    var hyperparameters = Hyperparameters()
    (hyperparameters.gaeLambda, hyperparameters.entCoef) = (1, 0.02)
    change(&hyperparameters)
    return .sample(
      seed: seed, numEnvs: environments, learningRate: rate, hyperparameters, targets: targets,
      limit: limit, isPruned: isPruned)
  }

  private static func run(_ settings: TrialSettings) throws -> TrialOutcome {
    try Trial(settings, task: task).run()
  }

  @Test func `the same settings give the same outcome, another seed another`() throws {
    let first = try Self.run(Self.settings()).timeless
    #expect(try Self.run(Self.settings()).timeless == first)
    let other = try Self.run(Self.settings(seed: 1)).timeless
    #expect(other.crossings != first.crossings)
  }

  @Test(arguments: 0..<3)
  func `reaches its targets one after another, each inside a narrow bracket`(
    seed: Int
  ) throws {
    let settings = Self.settings(seed: seed)
    let outcome = try Self.run(settings)
    #expect(outcome.ending == .completed)
    #expect(outcome.crossings.map(\.target) == settings.targets)
    let crossed = try outcome.crossings.map { try #require($0.updates) }
    #expect(crossed == crossed.sorted() && crossed[0] < crossed[3])
    for (crossing, updates) in zip(outcome.crossings, crossed) {
      let (low, high) = (crossing.bracketLow.value, crossing.bracketHigh.value)
      #expect((Double(low)...Double(high)).contains(updates))
      // Adjacent updates, or ten percent rounded up to a whole update.
      #expect(high - low <= max(1, (low + 9) / 10), "\(low)...\(high)")
      #expect(high <= outcome.updates.value)
      #expect((crossing.scoreEpisodes ?? 0) >= 16)
      #expect(abs((crossing.optimizerSteps ?? 0) - updates) < 1e-9)
      let noise = try #require(crossing.noise)
      #expect(noise.numerator.isFinite && noise.denominator.isFinite)
    }
    #expect(outcome.optimizerSteps.value == outcome.updates.value)
    #expect(outcome.curve.map(\.updates) == outcome.curve.map(\.updates).sorted())
    #expect(outcome.curve.first?.updates == .zero)
    // The noise of the stretches adds up to that of the run, up to the last point.
    let last = try #require(outcome.curve.last)
    let sum = outcome.curve.compactMap(\.noise).reduce(0) { $0 + $1.updates }
    #expect(sum == last.updates.value)
  }

  /// A first look at catch takes 72 steps.
  @Test(arguments: [(2, 20, [0, 5, 8, 12, 19, 20]), (20, 8, [0, 1, 2, 3, 4, 6, 8])])
  func `evaluations start once training took as many steps as one, then come at ratios of 1.6`(
    environments: Int, updates: Int, evaluated: [Int]
  ) throws {
    let outcome = try Self.run(
      Self.settings(
        targets: [0.9], limit: updates * environments * 8, rate: 1e-6,
        environments: environments))
    #expect(outcome.curve.map(\.updates.value) == evaluated)
  }

  @Test(arguments: 0..<3)
  func `the noise up to a crossing does not depend on earlier evaluations`(
    seed: Int
  ) throws {
    let all = try Self.run(Self.settings(seed: seed))
    let last = try Self.run(Self.settings(seed: seed, targets: [0.9]))
    #expect(all.curve.map(\.updates) != last.curve.map(\.updates))
    let (one, other) = (try #require(all.crossings.last), try #require(last.crossings.last))
    #expect(one.bracketHigh == other.bracketHigh)
    #expect(one.noise == other.noise)
  }

  @Test func `evaluations are counted, but not as training`() throws {
    let settings = Self.settings()
    var calls = 0
    let outcome = try Trial(settings, task: Self.task).run { progress in
      calls += 1
      #expect(progress.updates.value == calls)
      #expect(progress.observations.value == calls * 160)
    }
    #expect(outcome.updates.value == calls)
    // Every episode of catch takes nine steps.
    #expect(outcome.evaluationEpisodes >= outcome.curve.reduce(0) { $0 + $1.scoreEpisodes })
    #expect(outcome.evaluationObservations.value == 9 * outcome.evaluationEpisodes)
    #expect((0...20 * 9).contains(outcome.staggerObservations.value))
  }

  @Test(arguments: [(0, 0), (159, 0), (160, 1), (799, 4)], [false, true])
  func `a limit censors at the last update that it allows`(
    limit: (observations: Int, updates: Int), isPruned: Bool
  ) throws {
    let outcome = try Self.run(
      Self.settings(limit: limit.observations, isPruned: isPruned, rate: 1e-6))
    #expect(outcome.ending == (isPruned ? .pruned : .budget))
    #expect(outcome.updates.value == limit.updates)
    #expect(outcome.crossings.map(\.target) == [-0.3, 0, 0.5, 0.9])
    for crossing in outcome.crossings {
      #expect(crossing.updates == nil && crossing.optimizerSteps == nil)
      #expect(crossing.seconds == nil && crossing.score == nil)
      #expect(crossing.bracketLow.value == limit.updates)
      #expect(crossing.bracketHigh.value == limit.updates)
    }
    #expect(outcome.curve.last?.updates.value == limit.updates)
  }

  @Test func `targets that were reached before the limit stay reached`() throws {
    let whole = try Self.run(Self.settings())
    let last = try #require(whole.crossings[1].updates)
    let outcome = try Self.run(
      Self.settings(limit: 160 * (Int(last * 1.3) + 2)))
    #expect(outcome.ending == .budget)
    #expect(outcome.crossings[1].updates == last)
    #expect(outcome.crossings[3].updates == nil)
  }

  @Test func `a divergence is a result`() throws {
    let outcome = try Self.run(
      Self.settings(rate: 1e30) { $0 = $0.with(optimizer: .sgd) })
    #expect(outcome.ending == .diverged)
    #expect(outcome.crossings.count == 4)
    #expect(outcome.crossings.allSatisfy { $0.updates == nil })
    #expect(outcome.updates.value < 20)
    #expect(outcome.curve.allSatisfy { $0.score.isFinite })
  }

  @Test func `a single environment has no noise moments`() throws {
    let outcome = try Self.run(Self.settings(limit: 160, environments: 1))
    #expect(outcome.updates.value == 20)
    #expect(outcome.curve.allSatisfy { $0.noise == nil })
  }

  @Test func `PPO counts every step of its optimizer`() throws {
    let outcome = try Self.run(
      Self.settings(targets: [0], rate: 0.005) {
        $0.algorithm = .ppo
        ($0.updateEpochs, $0.numMinibatches, $0.clipCoef) = (2, 4, 0.2)
      })
    #expect(outcome.ending == .completed)
    #expect(outcome.optimizerSteps.value == 8 * outcome.updates.value)
    let crossing = try #require(outcome.crossings.first)
    #expect(abs((crossing.optimizerSteps ?? 0) - 8 * (crossing.updates ?? 0)) < 1e-6)
  }

  @Test func `a trial that is cancelled has no outcome`() async {
    let running = Task {
      while !Task.isCancelled { await Task.yield() }
      do {
        _ = try Self.run(Self.settings())
        return false
      } catch {
        return error is TrialInterrupted
      }
    }
    running.cancel()
    #expect(await running.value)
  }
}
