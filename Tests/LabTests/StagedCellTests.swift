import Archive
import Records
import TestSupport
import Testing

@testable import Lab

/// A cell whose rates stop: the same trials in any order, and after an interruption.
@Suite struct `A cell in stages` {
  private func cell(seeds: Int = 10) throws -> Cell {
    let plan = try catchPlan(batches: [200], targets: [0, 0.9]) { $0.tuningSeeds = seeds }
    return try Cell(plan: plan, task: plan.tasks[0], size: CellSize(batch: 200))
  }

  /// The hard target is best at the centre, the easy one a step above it. Beyond, seeds fail.
  private func ended(_ assignment: Cell.Assignment, _ rate: Int) -> TrialRecord {
    let (settings, noise) = (assignment.settings, Double(assignment.settings.seed % 4) * 2)
    let crossings = settings.targets.map { target in
      let distance = Double(abs(target == 0 ? rate - 1 : rate))
      let isMissed = target != 0 && rate > 0 && settings.seed % 2 == 1
      let updates = isMissed ? nil : (target == 0 ? 40 : 100) * (1 + distance) + noise
      return Crossing(
        target: target, updates: updates, observations: updates.map { $0 * 200 },
        bracketLow: Updates(1), bracketHigh: Updates(2))
    }
    return TrialRecord(
      .sample(crossings: crossings, updates: 500, batch: 200), of: assignment)
  }

  private func rate(_ cell: Cell) -> Int {
    if case .tuning(let rate) = cell.stage { rate } else { 0 }
  }

  /// Runs the cell to its end; `pick` chooses which of its open trials ends next.
  private func run(_ cell: inout Cell, pick: (Int) -> Int) throws -> [TrialRecord] {
    var all: [TrialRecord] = []
    while !cell.open.isEmpty {
      let trial = ended(cell.open[pick(cell.open.count)], rate(cell))
      #expect(try cell.receive(trial))
      all.append(trial)
    }
    return all
  }

  @Test func `runs fewer seeds where a rate is plainly worse, and fewer targets`() throws {
    var cell = try cell()
    _ = try run(&cell) { _ in 0 }
    let tuning = Dictionary(
      grouping: cell.asked.filter { $0.settings.role == .tuning }, by: \.settings.learningRate)
    func counts(_ rate: Int, _ targets: [Double]) -> Int? {
      tuning[cell.learningRate(Double(rate))]?.count { $0.settings.targets == targets }
    }
    #expect(counts(0, [0, 0.9]) == 10 && counts(0, [0]) == 0)
    // A seed failed on the way to the hard target; to the easy one the rate is the best.
    #expect(counts(1, [0, 0.9]) == 3 && counts(1, [0]) == 7)
    #expect(counts(2, [0, 0.9]) == 3 && counts(2, [0]) == 0)
    #expect(counts(-1, [0, 0.9]) == 3 && counts(-1, [0]) == 0)
    #expect(tuning.count == 4 && cell.stage == .done)
    // The trials of a round have one limit, so that their seeds can be compared.
    for trials in tuning.values { #expect(Set(trials.map(\.settings.limit)).count == 1) }
  }

  @Test(arguments: [1, 2, 5, 10])
  func `asks for the same trials in whatever order they end`(seeds: Int) throws {
    var (first, other) = (try cell(seeds: seeds), try cell(seeds: seeds))
    _ = try run(&first) { _ in 0 }
    var random = Draws(3)
    _ = try run(&other) { random.index($0) }
    #expect(first.stage == .done && other.stage == .done)
    #expect(first.asked.map(\.id) == other.asked.map(\.id))
    #expect(first.asked.map(\.verdicts) == other.asked.map(\.verdicts))
  }

  @Test func `goes on where it was, also in the middle of a stage`() throws {
    var whole = try cell()
    let trials = try run(&whole) { $0 - 1 }
    for count in trials.indices {
      let stored = trials.prefix(count)
      var resumed = try cell()
      let taken = try resumed.receive(
        from: Dictionary(uniqueKeysWithValues: stored.map { ($0.id, $0) }))
      #expect(taken == count)
      _ = try run(&resumed) { _ in 0 }
      #expect(resumed.asked.map(\.id) == whole.asked.map(\.id))
    }
  }
}
