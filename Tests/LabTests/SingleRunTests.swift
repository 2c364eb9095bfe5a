import Learning
import Synchronization
import TestSupport
import Testing

@testable import Environments
@testable import Lab
@testable import Records

/// Runs of a cell that are looked into.
@Suite struct `A noise run` {
  private static let task = CatalogueEntry(Catch.self)

  @Test func `is the cell's own run, seed by seed, with the parts of its noise`() async throws {
    let cell = try await TunedCell.limited(to: 30, rate: 0.01)
    let run = try await NoiseRun(cell, seeds: 3, lanes: 2)
    #expect(run.seeds.count == 3)
    for (index, seed) in run.seeds.enumerated() {
      var settings = cell.settings
      settings.seed = index
      let plain = try Trial(settings, task: Self.task).run()
      #expect(seed.outcome.curve.map(\.score) == plain.curve.map(\.score))
      #expect(seed.outcome.crossings.map(\.updates) == plain.crossings.map(\.updates))
      // One reading an update, and the total is what the learner itself adds up.
      let total = try #require(seed.parts.moments[.total])
      #expect(total.count == seed.outcome.updates.value)
      let (own, sum) = (
        seed.outcome.curve.compactMap(\.noise).reduce(0) { $0 + $1.shardSquares },
        total.reduce(0) { $0 + $1.shardSquares }
      )
      #expect(abs(own / sum - 1) < 1e-5)
    }
    #expect(Set(run.seeds.map { $0.outcome.curve.map(\.score) }).count == 3)
    #expect(run.observations.value == run.seeds.reduce(0) { $0 + $1.outcome.observations.value })
  }

  @Test func `does not depend on the number of lanes`() async throws {
    let cell = try await TunedCell.limited(to: 10, rate: 0.01)
    let runs = [
      try await NoiseRun(cell, seeds: 3, lanes: 1), try await NoiseRun(cell, seeds: 3, lanes: 3),
    ]
    #expect(runs[0].seeds.map(\.outcome.timeless) == runs[1].seeds.map(\.outcome.timeless))
  }
}

@Suite struct `A branch run` {
  private static let form = BranchRun.Form(points: 2, repetitions: 3, stretch: 1, episodes: 8)

  @Test func `leaves the run at its end and at half of that or less, at ever larger batches`()
    async throws
  {
    let cell = try await TunedCell.limited(to: 40, rate: 0.01)
    let run = try await BranchRun(cell, form: Self.form, lanes: 2)
    #expect(run.outcome.updates.value == 40)
    #expect(run.points.count == 2)
    #expect(2 * run.points[0].updates.value <= run.points[1].updates.value)
    var trained = run.outcome.observations.value
    for point in run.points {
      let updates = point.updates.value
      #expect(point.observations.value == 80 * updates)
      #expect(point.start.count == 3)
      // Every batch takes the same observations, and at least four updates.
      #expect(point.branches.map(\.batch.value) == point.branches.indices.map { 80 << $0 })
      #expect(point.branches.count > 1 && point.length.value <= 80 * updates)
      let largest = point.branches.count - 1
      #expect(updates >> largest >= 4 && updates >> (largest + 1) < 4)
      for (power, branch) in point.branches.enumerated() {
        #expect(branch.updates.value * branch.batch.value == point.length.value)
        let factor = Double(1 << power).squareRoot()
        #expect(abs(branch.learningRate / (cell.settings.learningRate * factor) - 1) < 1e-12)
        #expect(branch.scores.count == 3 && branch.scores.allSatisfy { (-1...1).contains($0) })
        trained += 3 * point.length.value
      }
    }
    #expect(run.observations.value == trained)
    // The noise of the two stretches is that of the run up to the last point.
    let counts = run.points.compactMap(\.noise?.updates)
    #expect(counts == [run.points[0].updates.value, run.points[1].updates.value - counts[0]])
    #expect(run.evaluationObservations > run.outcome.evaluationObservations)
  }

  @Test func `does not depend on the number of lanes, and reports every branch`() async throws {
    let cell = try await TunedCell.limited(to: 16, rate: 0.01)
    let told = Mutex<[Int]>([])
    let one = try await BranchRun(cell, form: Self.form, lanes: 1) { parts in
      told.withLock { $0.append(parts) }
    }
    let three = try await BranchRun(cell, form: Self.form, lanes: 3)
    let scores = [one, three].map { $0.points.map { $0.branches.map(\.scores) + [$0.start] } }
    #expect(scores[0] == scores[1])
    let parts = one.points.reduce(0) { $0 + 3 * (1 + $1.branches.count) }
    #expect(told.withLock { $0 } == Array(repeating: parts, count: parts))
  }

  /// An untrained policy scores about −0.57.
  @Test func `starts from what the run has learned`() async throws {
    let plan = try catchPlan(batches: [160], targets: [0.9])
    let cell = try await TunedCell(plan, with: .builtIn, rate: .given(0.008), lanes: 1)
    let run = try await BranchRun(
      cell, form: .init(points: 1, repetitions: 2, stretch: 0.25), lanes: 2)
    let start = try #require(run.points.first).start
    #expect(start.allSatisfy { $0 > 0 }, "\(start)")
  }

  @Test func `says so if the run ended too early`() async throws {
    let cell = try await TunedCell.limited(to: 7)
    let problem = await #expect(throws: TunedCellProblem.self) {
      try await BranchRun(cell, form: Self.form, lanes: 1)
    }
    #expect(problem?.description.hasPrefix("the run ended after 7 updates, too early") == true)
  }
}
