import Archive
import CommandSupport
import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

/// The whole way from the search for a learning rate to B_crit, on a task whose answer is known:
/// the mean loss of a point on a bowl under SGD obeys L' = (1 − εh)²·L + ε²·h³·s²·d/(2B).
struct QuadraticTests {
  private static let batches = [8, 16, 40, 96, 224, 512, 1_280, 3_072]
  private static let target = 10.0

  /// What the recursion says of one batch, worked out without the lab. Loss in units of L₀.
  private struct Oracle {
    /// B_simple at the start, s²·d.
    static let noise = 1_024.0 / (64 * 64)
    static let curvature = 100.0

    var updates = Double.infinity
    var noise = LawWeightedNoise()

    init(batch: Int, rate: Double) {
      let step = rate * Self.curvature
      guard step < 2 else { return }
      let perBatch = Self.noise / Double(batch)
      var losses = [1.0]
      func score(_ update: Int) -> Double {
        while losses.count <= update {
          losses.append((1 - step) * (1 - step) * losses[losses.count - 1] + step * step * perBatch)
        }
        return -log2(losses[update])
      }
      var before = 0
      for update in Self.snapshots {
        if score(update) >= target {
          let share = (target - score(before)) / (score(update) - score(before))
          let (low, high) = (Double(before), Double(update))
          updates = before > 0 ? low * pow(high / low, share) : high * share
          noise = Self.noise(of: Array(losses[..<update]), batch: Double(batch))
          return
        }
        before = update
      }
    }

    /// Updates after which the parameters are kept or evaluated.
    private static let snapshots: [Int] = {
      var (coarse, fine) = (1, 1)
      return (1...2_000).filter { update in
        let isDue = update >= coarse || update >= fine
        if update >= coarse { coarse = max(update + 1, Int(Double(update) * 1.6)) }
        if update >= fine { fine = max(update + 1, Int(Double(update) * 1.1)) }
        return isDue
      }
    }()

    /// The law-weighted sums over blocks that end after updates 1, 2, 3, 4, 6, 9, …, with |G|²
    /// and tr Σ in units of 2hL₀.
    private static func noise(of losses: [Double], batch: Double) -> LawWeightedNoise {
      var (start, end) = (0, 1)
      var sums = LawWeightedNoise()
      while start < losses.count {
        let block = losses[start..<min(end, losses.count)]
        let updates = Double(block.count)
        let square = block.reduce(0, +) / updates
        sums.numerator += updates * noise / (square + noise / batch)
        sums.denominator += updates * square / (square + noise / batch)
        (start, end) = (start + block.count, max(end + 1, Int(Double(end) * 1.6)))
      }
      return sums
    }

    /// The best of the grid that the search may try.
    static func best(batch: Int) -> Oracle {
      var best = Oracle(batch: batch, rate: 1)
      for index in -8...8 {
        let exact: Double = 0.0085 / (1 + 128 / Double(batch)) * pow(2, Double(index))
        let scale: Double = pow(10, 2 - floor(log10(exact)))
        let other = Oracle(batch: batch, rate: (exact * scale).rounded() / scale)
        if other.updates < best.updates { best = other }
      }
      return best
    }
  }

  /// What `fit` says of a target.
  private struct Answer: Decodable {
    struct Number: Decodable { var value: Double? }
    var verdict: String
    var minimum_updates: Number?
    var critical_batch: Number?
    var noise_scale: Number?
  }

  private func sweep() async throws -> (Scratch, Study) {
    let folder = try Scratch()
    try folder.write(
      "tasks: [quadratic]\nseeds: {tuning: 3, measuring: 8}", to: "plan.yaml")
    let result = await run(
      "sweep", "@/plan.yaml", "--output", "@/study", "--lanes", "2", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    return (folder, try Study(folder: folder.path + "/study"))
  }

  @Test func `the recursion's S, B_crit and noise scale come out of a sweep`() async throws {
    let (folder, study) = try await sweep()
    let oracles = Self.batches.map { Oracle.best(batch: $0) }
    for (batch, oracle) in zip(Self.batches, oracles) {
      let runs = study.trials.flatMap(\.rows).filter {
        $0.settings.role == .measuring && $0.settings.batch.value == batch
      }
      let updates = runs.compactMap(\.result.updates)
      #expect(runs.count == 8 && updates.count == 8)
      let mean = exp(updates.reduce(0) { $0 + log($1) } / Double(updates.count))
      #expect(abs(mean / oracle.updates - 1) < 0.05, "batch \(batch)")
    }

    let group = RunGroup(
      runs: zip(Self.batches, oracles).map {
        Run(batch: Double($0), updates: $1.updates, noise: $1.noise)
      })
    let expected = try #require(fit([group]).first)
    let printed = await run("fit", "@/study", "--json", in: folder)
    let answers = try JSONDecoder().decode([Answer].self, from: Data(printed.output.utf8))
    let found = try #require(answers.first)
    #expect(answers.count == 1 && found.verdict == "fitted" && expected.verdict == .fitted)
    try compare(found.minimum_updates, expected.minimumUpdates)
    try compare(found.critical_batch, expected.criticalBatch)
    try compare(found.noise_scale, expected.noiseScale)
  }

  private func compare(_ measured: Answer.Number?, _ known: Estimate?) throws {
    let (measured, known) = (try #require(measured?.value), try #require(known?.value))
    #expect(abs(measured / known - 1) < 0.07, "\(measured), not \(known)")
  }

  @Test func `the oracle is the closed form where a rate is small`() throws {
    // L(u) − L∞ falls by (1 − εh)² an update, with L∞ = εh·B_simple/(B·(2 − εh)).
    let step = 0.05
    let floor: Double = step * 0.25 / 16 / (2 - step)
    let exact: Double = log((pow(2.0, -10.0) - floor) / (1 - floor)) / (2 * log(1 - step))
    let found = Oracle(batch: 16, rate: step / 100)
    #expect(abs(found.updates / exact - 1) < 0.01)
  }
}
