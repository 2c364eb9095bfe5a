import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

/// A study that grows to a larger plan, file by file.
struct GrowthTests {
  private func plan(seeds: Int) -> StudyPlan {
    var plan = makePlan()
    plan.measuringSeeds = seeds
    return plan
  }

  private var larger: StudyPlan { plan(seeds: 8) }

  private func asked(_ seeds: [Int]) throws -> [String: [Double: RateVerdict]] {
    var asked: [String: [Double: RateVerdict]] = [:]
    for id in try ids(seeds) { asked[id] = [0.5: .edge] }
    return asked
  }

  /// The study of the larger plan with these trials, at once.
  private func whole(_ seeds: [Int]) throws -> String {
    let scratch = try Scratch()
    var archive = try StudyArchive(folder: scratch.study, plan: larger)
    for seed in seeds { try archive.append(try makeTrial(seed: seed).with(verdicts: [0.5: .edge])) }
    try archive.seal()
    return try Verification(folder: scratch.study).digest
  }

  @Test func `trials that are asked for are kept, the others leave`() throws {
    let scratch = try Scratch()
    try store([0, 1, 2], in: scratch, sealing: true)
    let before = try Verification(folder: scratch.study)
    try scratch.write("{}", to: scratch.study + "/fits.json")
    var archive = try StudyArchive(folder: scratch.study, plan: larger, given: "new")
    #expect(archive.growth?.additions == ["2 more measuring seeds"])
    #expect(try archive.growth?.trials == ids([0, 1, 2]))
    #expect(try Set(archive.trials.map(\.id)) == ids([0, 1, 2]))
    try archive.append(try makeTrial(seed: 7).with(verdicts: [0.5: .edge]))
    #expect(try Verification(folder: scratch.study) == before)
    #expect(try archive.seal(asked: asked([0, 2, 7])))
    #expect(try Verification(folder: scratch.study).digest == whole([0, 2, 7]))
    #expect(try PlanFile.read(folder: scratch.study) == larger)
    #expect(
      try scratch.contents(of: scratch.study)
        == ["curves.jsonl.zst", "plan.json", "plan.yaml", "trials.jsonl.zst"])
    #expect(scratch.text(scratch.planYAML) == "new")
    #expect(try !archive.seal(asked: asked([0, 2, 7])))
  }

  /// A kill may leave the larger study sealed in its own folder, or any number of its files moved.
  @Test(arguments: 0...6)
  func `a kill while the larger study takes its place loses nothing`(steps: Int) throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch, sealing: true)
    do {
      // The smaller plan's shard keeps the larger study from taking its place.
      var old = try StudyArchive(folder: scratch.study, plan: makePlan(), shard: 3)
      try old.append(try makeTrial(seed: 2))
      var archive = try StudyArchive(folder: scratch.study, plan: larger)
      try archive.append(try makeTrial(seed: 7).with(verdicts: [0.5: .edge]))
      let error = #expect(throws: ArchiveError.self) { try archive.seal(asked: asked([1, 7])) }
      #expect(error == .busy(folder: scratch.study))
      withExtendedLifetime(old.trials) {}
    }
    let growths = try Study.growths(of: scratch.study)
    #expect(growths.count == 1)
    #expect(try Verification(folder: growths[0]).isSealed)
    let grown = scratch.study + "/grown"
    if steps > 0 { try scratch.move(growths[0], grown) }
    let files = ["trials.jsonl.zst", "curves.jsonl.zst", "plan.yaml", "plan.json"]
    for name in files.prefix(max(steps - 1, 0)) {
      try? scratch.remove(scratch.study + "/" + name)
      try scratch.move(grown + "/" + name, scratch.study + "/" + name)
    }
    if steps == 6 { try scratch.write([], to: scratch.study + "/journal/3.jsonl.zst") }
    let expected = try whole([1, 7])
    if steps > 0 { #expect(try Verification(folder: scratch.study).digest == expected) }
    #expect(try Study(folder: scratch.study).plan == (steps == 0 ? makePlan() : larger))
    do {
      var archive = try StudyArchive(folder: scratch.study, plan: larger)
      _ = try archive.seal(asked: asked([1, 7]))
    }
    #expect(try Verification(folder: scratch.study).digest == expected)
    #expect(
      try scratch.contents(of: scratch.study)
        == ["curves.jsonl.zst", "plan.json", "plan.yaml", "trials.jsonl.zst"])
  }

  @Test func `growth to one plan begins with what was measured for another`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch, sealing: true)
    do {
      var archive = try StudyArchive(folder: scratch.study, plan: larger)
      try archive.append(try makeTrial(seed: 7))
    }
    do {
      var archive = try StudyArchive(folder: scratch.study, plan: plan(seeds: 9))
      #expect(try Set(archive.trials.map(\.id)) == ids([0, 1, 7]))
      try archive.append(try makeTrial(seed: 8))
    }
    #expect(try Study.growths(of: scratch.study).count == 2)
    // The smaller of both leaves the larger one where it is.
    do {
      var archive = try StudyArchive(folder: scratch.study, plan: larger)
      _ = try archive.seal(asked: asked([0, 7]))
    }
    let growths = try Study.growths(of: scratch.study)
    #expect(growths.count == 1)
    var archive = try StudyArchive(folder: scratch.study, plan: plan(seeds: 9))
    _ = try archive.seal(asked: asked([0, 7, 8]))
    #expect(try Study(folder: scratch.study).trials.count == 3)
    #expect(try Study.growths(of: scratch.study).isEmpty)
  }

  @Test func `a plan grows only by more of the same`() {
    func grown(_ change: (inout StudyPlan) -> Void) -> [String]? {
      var plan = makePlan()
      change(&plan)
      return plan.grows(from: makePlan()) ? plan.additions(to: makePlan()) : nil
    }
    #expect(grown { _ in } == [])
    #expect(grown { $0.tuningSeeds = 3 } == ["1 more tuning seed"])
    #expect(grown { $0.tasks[0].measuringSeeds = 8 } == ["2 more measuring seeds"])
    #expect(
      grown {
        $0.measuringSeeds = 3
        $0.tasks[0].measuringSeeds = 6
      } == [])
    #expect(grown { $0.tasks[0].batches = [16, 32, 64, 1024] } == ["batches 32 and 1,024"])
    #expect(grown { $0.tasks[0].exchangeRates = [1000] } == ["exchange rate 1,000"])
    #expect(grown { $0.tasks[0].targets = [0.5, 0.9, 0.95] } == ["target 0.95"])
    #expect(
      grown { $0.tasks[0].budget = Observations(30_000_000) }
        == ["a budget of 30,000,000 instead of 20,000,000 observations"])
    #expect(
      grown {
        $0.tasks.append($0.tasks[0])
        $0.tasks[1].task = "pong"
        $0.tasks[0].batches.append(128)
      } == ["batch 128", "task pong"])
    let others: [(inout StudyPlan) -> Void] = [
      { $0.measuringSeeds = 5 }, { $0.tasks[0].measuringSeeds = 5 }, { $0.seed = 2 },
      { $0.numerics += 1 }, { $0.learningRateFactor = 3 }, { $0.tasks[0].batches = [16, 128] },
      { $0.tasks[0].targets = [0.9, 0.95] }, { $0.tasks[0].budget = Observations(1_000) },
      { $0.tasks[0].horizon = 4 }, { $0.tasks[0].evaluationEpisodes = 400 }, { $0.tasks = [] },
      { $0.tasks.append($0.tasks[0]) }, { $0.tasks[0].hyperparameters.gamma = 0.5 },
    ]
    for change in others { #expect(grown(change) == nil) }
  }
}
