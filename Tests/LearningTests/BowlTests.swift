import Algebra
import Foundation
import Records
import Testing

@testable import Environments
@testable import Learning

/// A point on a bowl against the slopes worked out by hand from the noise that was observed.
struct BowlTests {
  private let task = CatalogueEntry(Quadratic.self)
  private let rate = 0.003
  private let curvature = 100.0
  private let noise = 1.0 / 64
  private let environments = 48
  private let horizon = 2

  private func trainer(_ weight: Double = 1) -> Trainer {
    var hyperparameters = Hyperparameters(optimizer: .sgd)
    hyperparameters.vfCoef = weight
    var settings = trialSettings(
      hyperparameters, environments: environments, horizon: horizon, learningRate: rate)
    settings.role = .measuring
    return Trainer(settings, task: task, seed: Seed(5))
  }

  /// The slope that some environments have shown together, from the last rollout.
  private func slope(
    at point: [Double], of own: Range<Int>, in trainer: borrowing Trainer
  ) -> [Double] {
    var mean = [Double](repeating: 0, count: point.count)
    for rollout in trainer.collector.rollouts {
      let rows = rollout.observations.dense.values
      for row in 0..<rollout.count
      where own.contains(rollout.firstCopy + row / horizon) {
        for index in point.indices {
          mean[index] += Double(rows[row * point.count + index]) / Double(own.count * horizon)
        }
      }
    }
    return point.indices.map { curvature * (point[$0] + noise * mean[$0]) }
  }

  private func point(_ trainer: borrowing Trainer) -> [Double] {
    trainer.network.parameters.values.map { Double($0) }
  }

  private func square(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 } }

  @Test(arguments: [1, 0.5])
  func `a step follows the mean slope of the batch`(weight: Double) throws {
    var trainer = trainer(weight)
    let start = point(trainer)
    #expect(start.count == 1_024 && abs(square(start) - 1) < 1e-5)
    let report = try trainer.update()
    let slope = slope(at: start, of: 0..<environments, in: trainer)
    let end = point(trainer)
    for index in start.indices {
      #expect(abs(end[index] - (start[index] - rate * weight * slope[index])) < 1e-6)
    }
    let norm = try #require(report.gradientNorm)
    #expect(abs(norm / (weight * square(slope).squareRoot()) - 1) < 1e-5)
  }

  @Test func `the shards' slopes make the noise moments`() throws {
    var trainer = trainer()
    let partInterval = trainer.partInterval
    let interval = try #require(partInterval)
    var (batchSquares, shardSquares, measured) = (
      0.0, 0.0, NoiseMoments(shardSize: 6, batchSize: 96)
    )
    let first = trainer.noise
    var before = try #require(first)
    for update in 1...40 {
      let start = point(trainer)
      _ = try trainer.update()
      batchSquares += square(slope(at: start, of: 0..<environments, in: trainer))
      // 48 environments make 16 shards of three.
      for shard in 0..<16 {
        shardSquares +=
          square(slope(at: start, of: 3 * shard..<3 * shard + 3, in: trainer)) / 16
      }
      let sums = trainer.noise
      let now = try #require(sums)
      if PartMoments.isMeasured(update, interval: interval) {
        let own = now.since(before)
        measured.add(meanShardSquare: own.shardSquares, batchSquare: own.batchSquares)
      }
      before = now
    }
    let noise = trainer.noise
    let moments = try #require(noise)
    #expect(moments.updates == 40 && moments.shardSize == 6 && moments.batchSize == 96)
    #expect(abs(moments.batchSquares / batchSquares - 1) < 1e-4)
    #expect(abs(moments.shardSquares / shardSquares - 1) < 1e-4)
    // Plain SGD follows the gradient as it is, and its one term counts as the policy's.
    let parts = trainer.partMoments
    let (policy, all) = (try #require(parts?.policy), try #require(parts?.preconditioned))
    #expect(policy == all && policy.updates == measured.updates && measured.updates > 0)
    #expect(abs(policy.batchSquares / measured.batchSquares - 1) < 1e-6)
    #expect(abs(policy.shardSquares / measured.shardSquares - 1) < 1e-6)
    #expect(parts?.value.batchSquares == 0 && parts?.value.shardSquares == 0)
    // tr Σ = h²s²d, from 40 × 15 × 1,024 independent deviations.
    let trace = curvature * curvature * self.noise * self.noise * 1_024
    #expect(abs(try #require(moments.covarianceTrace) / trace - 1) < 0.03)
  }

  @Test func `all of the gradient is the policy term, and a probe finds single slopes exactly`()
    throws
  {
    var trainer = trainer()
    let probe = NoiseProbe()
    trainer.probe = probe
    let start = point(trainer)
    _ = try trainer.update()
    let moments = probe.parts.moments
    let total = try #require(moments[.total]?[0])
    #expect(total.batchSquares > 1)
    #expect(moments[.policy]?[0] == total && moments[.value]?[0].batchSquares == 0)
    var mean = 0.0
    for rollout in trainer.collector.rollouts {
      let rows = rollout.observations.dense.values
      for row in 0..<rollout.count {
        let one = start.indices.map {
          curvature * (start[$0] + noise * Double(rows[row * 1_024 + $0]))
        }
        mean += square(one) / 96
      }
    }
    let single = try #require(moments[.observations]?[0])
    #expect(abs(single.shardSquares / mean - 1) < 1e-4)
  }

  @Test func `the score counts the halvings of the loss, without a step of play`() throws {
    let network = trainer().network
    func score() -> Evaluator.Result {
      Evaluator.play(task, with: network, episodes: 3..<7, seed: Seed(1))
    }
    #expect(score().scores.count == 4 && score().scores.allSatisfy { abs($0) < 1e-5 })
    #expect(score().steps == 0)
    // An eighth of the distance is a sixty-fourth of the loss.
    network.parameters.scale(by: 0.125)
    #expect(score().scores.allSatisfy { abs($0 - 6) < 1e-5 })
    network.parameters.fill(0)
    #expect(score().scores == [100, 100, 100, 100])
    for huge in [Float.greatestFiniteMagnitude, .infinity, .nan] {
      network.parameters[0, 5] = huge
      #expect(score().scores == [-100, -100, -100, -100])
    }
  }

  @Test func `every seed starts in another direction`() {
    let settings = trialSettings(
      Hyperparameters(optimizer: .sgd), environments: 16, horizon: 1, learningRate: rate)
    let points = (0..<3).map {
      point(Trainer(settings, task: task, seed: Seed($0)))
    }
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
      let overlap = zip(points[one], points[other]).reduce(0) { $0 + $1.0 * $1.1 }
      // Directions in 1,024 dimensions are orthogonal to within 1/32.
      #expect(abs(overlap) < 5.0 / 32)
    }
  }
}
