import Foundation
import TestSupport
import Testing

@testable import Archive
@testable import Records

struct DigestTests {
  private func digest(_ trials: [TrialRecord]) throws -> String {
    try StudyDigest(of: trials.sorted { $0.id < $1.id }).text
  }

  private func changed(
    row: (inout TrialRow) -> Void = { _ in }, point: (inout CurveRow) -> Void = { _ in }
  ) throws -> TrialRecord {
    let trial = try makeTrial()
    var (rows, curve) = (trial.rows, trial.curve)
    row(&rows[0])
    point(&curve[1])
    return try TrialRecord(rows: rows, curve: curve)
  }

  @Test func `a trial's id is 20 hexadecimal digits that every setting decides`() throws {
    let id = try trialID(of: makeSettings())
    #expect(id.count == 20)
    #expect(id.allSatisfy { "0123456789abcdef".contains($0) })
    #expect(try id == trialID(of: makeSettings()))
    let changes: [(inout TrialSettings) -> Void] = [
      { $0.task = "pong" }, { $0.rulesVersion += 1 }, { $0.numerics += 1 },
      { $0.studySeed += 1 }, { $0.role = .tuning }, { $0.seed += 1 }, { $0.numEnvs += 1 },
      { $0.numSteps += 1 }, { $0.shortenedHorizon = true },
      { $0.learningRate = $0.learningRate.nextUp }, { $0.hyperparameters.gamma = 0.5 },
      { $0.hyperparameters.maxGradNorm = 1 }, { $0.targets = [0.9] },
      { $0.limit += Observations(1) }, { $0.isPruned = true }, { $0.evaluationEpisodes += 1 },
    ]
    var ids: Set = [id]
    for change in changes {
      var settings = makeSettings()
      change(&settings)
      ids.insert(try trialID(of: settings))
    }
    #expect(ids.count == changes.count + 1)
  }

  @Test func `ids of many seeds are those of each`() throws {
    for studySeed in [0, 1, 12] {
      var settings = makeSettings(seed: 3)
      settings.studySeed = studySeed
      let ids = try trialIDs(of: settings, seeds: 0..<12)
      for seed in 0..<12 {
        settings.seed = seed
        #expect(ids[seed] == (try trialID(of: settings)))
      }
      #expect(Set(ids).count == 12)
    }
  }

  @Test func `a known trial keeps the id it always had`() throws {
    // Computed with Python's json and hashlib from the same settings.
    var settings = makeSettings()
    settings.numerics = 1
    let id = try trialID(of: settings)
    #expect(id == "020ca503981f403945e8")
  }

  @Test func `settings that are not finite have no id`() {
    #expect(throws: ArchiveError.self) { try trialID(of: makeSettings(rate: .infinity)) }
  }

  @Test func `the digest doesn't depend on the order of appending`() throws {
    var digests: Set<String> = []
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
      let scratch = try Scratch()
      try store(order, in: scratch, sealing: true)
      digests.insert(try Verification(folder: scratch.study).digest)
    }
    #expect(digests.count == 1)
  }

  @Test func `the digest doesn't cover what was measured`() throws {
    let slow = try makeTrial(seconds: 900, host: "elsewhere")
    #expect(try digest([slow]) == digest([try makeTrial()]))
  }

  @Test func `the digest covers every column that the plan determines`() throws {
    let ofRows: [(inout TrialRow) -> Void] = [
      { $0.settings.learningRate = 1 },
      { $0.settings.task = "x" },
      { $0.settings.hyperparameters.hidden = LayerSizes([64]) },
      { $0.settings.targets = [1] },
      { $0.result.target = 0.6 },
      { $0.result.status = .censored },
      { $0.result.ending = .diverged },
      { $0.result.rateVerdict = nil },
      { $0.result.updates = 41 },
      { $0.result.observations = nil },
      { $0.result.optimizerSteps = 1 },
      { $0.result.serialSteps = 1 },
      { $0.result.bracketLow = Updates(1) },
      { $0.result.bracketHigh = Updates(1) },
      { $0.result.score = 0.94 },
      { $0.result.scoreError = 0.5 },
      { $0.result.scoreEpisodes = 1 },
      { $0.result.noiseScale = 1 },
      { $0.result.noiseNumerator = 1 },
      { $0.result.noiseDenominator = 1 },
      { $0.result.noiseRoot = 1 },
      { $0.settings.exchangeRate = 1 },
      { $0.result.totalUpdates = Updates(1) },
      { $0.result.totalObservations = Observations(1) },
      { $0.result.totalOptimizerSteps = OptimizerSteps(1) },
      { $0.result.staggerObservations = Observations(1) },
      { $0.result.evaluationObservations = Observations(1) },
      { $0.result.evaluationEpisodes = 1 },
      { $0.result.operations = 1 },
      { $0.result.operationsExecuted = 1 },
      { $0.result.totalOperations = 1 },
      { $0.result.totalOperationsExecuted = 1 },
      { $0.result.evaluationOperations = 1 },
      { $0.result.evaluationOperationsExecuted = 1 },
    ]
    let ofPoints: [(inout CurveRow) -> Void] = [
      { $0.determined.score = 0.5 },
      { $0.determined.scoreEpisodes = 1 },
      { $0.determined.updates = Updates(11) },
      { $0.determined.noiseShardSquares = nil },
      { $0.determined.noiseBatchSquares = 0 },
    ]
    var digests: Set<String> = [try digest([try makeTrial()])]
    for change in ofRows { digests.insert(try digest([try changed(row: change)])) }
    for change in ofPoints { digests.insert(try digest([try changed(point: change)])) }
    #expect(digests.count == ofRows.count + ofPoints.count + 1)
  }

  @Test func `the digest changes if points are missing`() throws {
    let trial = try makeTrial()
    let short = try TrialRecord(rows: trial.rows, curve: Array(trial.curve.dropLast()))
    #expect(try digest([trial]) != digest([short]))
    #expect(try digest([]) != digest([trial]))
  }
}
