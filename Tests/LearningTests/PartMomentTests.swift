import Algebra
import Environments
import Foundation
import Records
import Testing

@testable import Learning

/// The moments of parts that a learner keeps, against a probe's readings of the same updates: the
/// probe differentiates the value term by itself and keeps every update.
struct PartMomentTests {
  private struct Readings {
    var moments: PartMoments
    var parts: NoiseParts
    var interval: Int
  }

  private static func measuringSettings(_ hyperparameters: Hyperparameters) -> TrialSettings {
    var settings = trialSettings(
      hyperparameters, environments: 12, horizon: 6, learningRate: 0.01)
    settings.role = .measuring
    return settings
  }

  private static func readings(
    _ hyperparameters: Hyperparameters, trunks: Trunks, threads: Int = 1, updates: Int
  ) throws -> Readings {
    let shape = NetworkShape(
      inputs: 5, actions: 3, hidden: LayerSizes([9, 6]), activation: .tanh, trunks: trunks)
    let settings = measuringSettings(hyperparameters)
    var learner = Learner(shape: shape, settings: settings, seed: Seed(1))
    var probed = Learner(shape: shape, settings: settings, seed: Seed(1))
    let probe = NoiseProbe()
    (learner.threads, probed.probe) = (threads, probe)
    for update in 0..<updates {
      let rollout = randomRollout(
        learner.network, environments: 12, horizon: 6, drift: 0, seed: update)
      _ = try learner.learn(from: [rollout])
      _ = try probed.learn(from: [rollout])
    }
    let (moments, interval) = (learner.partMoments, learner.partInterval)
    return Readings(
      moments: try #require(moments), parts: probe.parts,
      interval: try #require(interval))
  }

  private static func isClose(_ left: Double, _ right: Double) -> Bool {
    abs(left - right) <= 2e-5 * max(abs(left), abs(right))
  }

  @Test(
    arguments: [
      Hyperparameters(), Hyperparameters(.ppo), descent(),
      Hyperparameters(.policyGradient, optimizer: .rmsprop),
    ], [Trunks.shared, .separate])
  func `are the probe's at the updates that are measured`(
    hyperparameters: Hyperparameters, trunks: Trunks
  ) throws {
    let readings = try Self.readings(hyperparameters, trunks: trunks, updates: 150)
    let measured = (1...150).filter {
      PartMoments.isMeasured($0, interval: readings.interval)
    }
    #expect(measured.count < 150, "the interval is \(readings.interval)")
    for (part, own) in [
      (NoiseParts.Part.policy, readings.moments.policy), (.value, readings.moments.value),
      (.preconditioned, readings.moments.preconditioned),
    ] {
      let single = try #require(readings.parts.moments[part])
      let expected = measured.map { single[$0 - 1] }
      #expect(own.updates == measured.count)
      #expect(own.shardSize == expected[0].shardSize && own.batchSize == expected[0].batchSize)
      #expect(
        Self.isClose(own.shardSquares, expected.reduce(0) { $0 + $1.shardSquares }), "\(part)")
      #expect(
        Self.isClose(own.batchSquares, expected.reduce(0) { $0 + $1.batchSquares }), "\(part)")
    }
  }

  @Test(arguments: [Trunks.shared, .separate])
  func `have the same bits on any number of threads`(trunks: Trunks) throws {
    let moments = try [1, 2, 3].map {
      try Self.readings(Hyperparameters(), trunks: trunks, threads: $0, updates: 70).moments
    }
    #expect(moments[1] == moments[0] && moments[2] == moments[0])
  }

  /// Updates k/2 and 3k/2 are measured. Whatever changes soon after the first begins with an update
  /// that isn't.
  @Test(arguments: [Trunks.shared, .separate], [Hyperparameters(), Hyperparameters(.ppo)])
  func `have the same bits if threads change or a run resumes between two measured updates`(
    trunks: Trunks, hyperparameters: Hyperparameters
  ) throws {
    let shape = NetworkShape(
      inputs: 5, actions: 3, hidden: LayerSizes([9, 6]), activation: .tanh, trunks: trunks)
    let settings = Self.measuringSettings(hyperparameters)
    func moments(threads: Int, isResumed: Bool) throws -> PartMoments? {
      var learner = Learner(shape: shape, settings: settings, seed: Seed(1))
      let interval = learner.partInterval
      let k = try #require(interval)
      #expect(k >= (trunks == .shared ? 8 : 2))
      for update in 0..<3 * k / 2 + 1 {
        if update == k / 2 + 2 {
          if isResumed {
            let state = learner.state
            learner = Learner(shape: shape, settings: settings, seed: Seed(1))
            try learner.restore(state)
          }
          learner.threads = threads
        }
        let rollout = randomRollout(
          learner.network, environments: 12, horizon: 6, drift: 0, seed: update)
        _ = try learner.learn(from: [rollout])
      }
      return learner.partMoments
    }
    let whole = try #require(try moments(threads: 1, isResumed: false))
    #expect(whole.value.batchSquares > 0)
    #expect(try moments(threads: 3, isResumed: false) == whole)
    #expect(try moments(threads: 1, isResumed: true) == whole)
    #expect(try moments(threads: 2, isResumed: true) == whole)
  }

  @Test func `parameters that never had a gradient do not count as preconditioned`() throws {
    var learner = Optimizer(Hyperparameters(), learningRate: 0.1, parameters: 3)
    let (parameters, gradient, roots) = (
      Matrix(rows: 1, columns: 3), Matrix(rows: 1, columns: 3), Matrix(rows: 1, columns: 3)
    )
    learner.writePreconditionerRoots(to: roots)
    #expect((0..<3).map { roots[0, $0] } == [1, 1, 1])
    gradient[0, 0] = 0.25
    gradient[0, 2] = -1
    learner.step(parameters, gradient: gradient)
    learner.writePreconditionerRoots(to: roots)
    #expect(abs(roots[0, 0] - 2) < 1e-4 && roots[0, 1] == 0 && abs(roots[0, 2] - 1) < 1e-4)
  }

  @Test func `are left out where nobody reads them`() {
    var settings = trialSettings(Hyperparameters(), environments: 12, horizon: 6)
    settings.role = .tuning
    let shape = NetworkShape(
      inputs: 5, actions: 3, hidden: LayerSizes([7]), activation: .tanh, trunks: .separate)
    let tuning = Learner(shape: shape, settings: settings, seed: Seed(1)).partMoments
    settings.role = .measuring
    let measuring = Learner(shape: shape, settings: settings, seed: Seed(1)).partMoments
    var adaptive = settings
    adaptive.exchangeRate = 1
    let changing = Learner(shape: shape, settings: adaptive, seed: Seed(1)).partMoments
    settings.numEnvs = 1
    let single = Learner(shape: shape, settings: settings, seed: Seed(1)).partMoments
    #expect(tuning == nil && measuring != nil && changing == nil && single == nil)
  }

  @Test func `are measured less often the dearer they are next to an update`() {
    func interval(environments: Int, inputs: Int, maxNonzeros: Int? = nil) -> Int {
      let shape = NetworkShape(
        inputs: inputs, maxNonzeros: maxNonzeros, actions: 3, hidden: LayerSizes([64, 64]),
        activation: .tanh, trunks: .separate)
      return PartMeter.interval(
        for: trialSettings(Hyperparameters(), environments: environments, horizon: 64), shape)
    }
    #expect(interval(environments: 1_024, inputs: 50) == 1)
    #expect(interval(environments: 16, inputs: 50) > 1)
    // With lists of ones an update touches few of the weights that a gradient has.
    #expect(
      interval(environments: 64, inputs: 400, maxNonzeros: 20)
        > interval(environments: 64, inputs: 400))
    #expect(interval(environments: 2, inputs: 4_000, maxNonzeros: 2) >= 16)
  }
}
