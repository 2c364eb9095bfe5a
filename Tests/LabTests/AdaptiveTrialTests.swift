import Archive
import TestSupport
import Testing

@testable import Environments
@testable import Lab
@testable import Records

/// Trials whose batch follows the noise scale.
struct AdaptiveTrialTests {
  private static let task = CatalogueEntry(Catch.self)

  private static func settings(exchangeRate: Double?, environments: Int = 4) -> TrialSettings {
    var hyperparameters = Hyperparameters()
    (hyperparameters.gaeLambda, hyperparameters.entCoef) = (1, 0.02)
    return .sample(
      numEnvs: environments, numSteps: 10, exchangeRate: exchangeRate, learningRate: 0.004,
      hyperparameters, targets: [0, 0.9], limit: 100_000, evaluationEpisodes: 128)
  }

  @Test func `grow their batch, and count what they took`() throws {
    let outcome = try Trial(Self.settings(exchangeRate: 400), task: Self.task).run()
    #expect(outcome.ending == .completed)
    let batches = outcome.curve.map(\.batch.value)
    #expect(batches.first == 40)
    #expect((batches.max() ?? 0) > 80, "\(batches)")
    // Batches are the first one times powers of two, and change by a factor of two at most.
    for (before, after) in zip(outcome.curve, outcome.curve.dropFirst()) {
      let ratio = Double(after.batch.value) / Double(before.batch.value)
      #expect([0.5, 1, 2].contains(ratio))
      // All updates between two points are as large as the last one.
      let updates = after.updates.value - before.updates.value
      #expect(
        after.observations.value - before.observations.value == updates * after.batch.value)
      #expect(
        after.noise.map { $0.updates == updates && $0.batchSize == after.batch.value } ?? false)
    }
    #expect(outcome.curve.last?.observations == outcome.observations)
    for crossing in outcome.crossings {
      let observations = try #require(crossing.observations)
      let at = { (updates: Updates) in
        Double(outcome.curve.first { $0.updates == updates }?.observations.value ?? -1)
      }
      #expect((at(crossing.bracketLow)...at(crossing.bracketHigh)).contains(observations))
    }
  }

  /// The rule by hand, with the curve's own sums of noise, up and down.
  @Test(arguments: [100.0, 400, 3_000])
  func `follow the noise between evaluation points`(exchangeRate: Double) throws {
    let settings = Self.settings(exchangeRate: exchangeRate)
    let rule = try #require(settings.adaptiveBatch)
    let outcome = try Trial(settings, task: Self.task).run()
    var (changes, falls) = (0, 0)
    for (before, after) in zip(outcome.curve, outcome.curve.dropFirst())
    where before.batch != after.batch {
      changes += 1
      if after.batch < before.batch { falls += 1 }
      let noise = try #require(before.noise)
      // A decision may have waited for more updates than there are between two points.
      guard noise.updates >= AdaptiveBatch.fewestUpdates else { continue }
      let next = rule.environments(after: before.batch.value / 10, noise: noise)
      #expect(next * 10 == after.batch.value)
    }
    #expect(changes > 0)
    // Between a young run's rate and this one's noise there is no way but up.
    if exchangeRate == 3_000 { #expect(falls < changes) }
  }

  @Test func `of different exchange rates share no random stream`() throws {
    let first = try Trial(Self.settings(exchangeRate: 100), task: Self.task).run()
    let second = try Trial(Self.settings(exchangeRate: 101), task: Self.task).run()
    let fixed = try Trial(Self.settings(exchangeRate: nil), task: Self.task).run()
    #expect(
      first.curve[0].score != second.curve[0].score || first.curve[1].score != second.curve[1].score
    )
    #expect(first.crossings.map(\.updates) != fixed.crossings.map(\.updates))
  }

  @Test func `are searched for by updates and observations together`() throws {
    var plan = Plan(tasks: [.init("catch", targets: [0.9])])
    (plan.batches, plan.exchangeRates) = (.list([400]), [400])
    (plan.tuningSeeds, plan.measuringSeeds) = (2, 2)
    let study = try plan.resolved(with: .builtIn)
    let sizes = study.tasks[0].cells
    #expect(sizes.map(\.exchangeRate) == [nil, 400] && sizes[1].batch == 40)
    var cell = try Cell(plan: study, task: study.tasks[0], size: sizes[1])
    #expect(cell.open.allSatisfy { $0.settings.exchangeRate == 400 })
    while cell.stage != .done {
      for assignment in cell.open {
        let outcome = try Trial(assignment.settings, task: Self.task).run()
        #expect(try cell.receive(TrialRecord(outcome, of: assignment)))
      }
    }
    #expect(cell.search.choice(for: 0).rate != nil)
  }
}
