import Foundation
import Records
import TestSupport

@testable import Archive

extension Scratch {
  /// A study's folder within.
  var study: String { path + "/quick" }
  var journal: String { study + "/journal/0.jsonl.zst" }
  var trials: String { study + "/trials.jsonl.zst" }
  var curves: String { study + "/curves.jsonl.zst" }

  /// The bytes of all files of the study, by their paths; folders have none.
  func files() throws -> [String: [UInt8]] {
    Dictionary(
      uniqueKeysWithValues: try contents(of: study).map {
        ($0, (try? bytes(study + "/" + $0)) ?? [])
      })
  }

  func copy() throws -> Scratch {
    let other = try Scratch()
    try FileManager.default.copyItem(atPath: study, toPath: other.study)
    return other
  }
}

func makePlan(batches: [Int] = [16, 64], rate: Double = 0.1 + 0.2) -> StudyPlan {
  StudyPlan(
    seed: 1, tuningSeeds: 2, measuringSeeds: 6, learningRateFactor: 2,
    tasks: [
      TaskPlan(
        task: "catch", rulesVersion: 1, targets: [0.5, 0.9], batches: batches, horizon: 8,
        budget: Observations(20_000_000),
        learningRate: LearningRateCentre(rate: rate, batch: 1e-7, exponent: 2.0 / 3.0),
        hyperparameters: Hyperparameters(), evaluationEpisodes: 200)
    ])
}

func makeSettings(
  seed: Int = 0, rate: Double = 0.003, task: String = "catch", numEnvs: Int = 2
) -> TrialSettings {
  .sample(
    task: task, seed: seed, numEnvs: numEnvs, learningRate: rate, targets: [0.5, 0.9],
    limit: 20_000_000, evaluationEpisodes: 200)
}

func makeProvenance(host: String = "somewhere") -> Provenance {
  Provenance(
    version: "0.1.0", revision: "abc", swift: "6.3", host: host, cpu: "a cpu / with a slash",
    openblas: "OpenBLAS 0.3", libc: "2.36")
}

/// A trial with two targets, the second of them not reached, and three points.
func makeTrial(
  seed: Int = 0, score: Double = 0.93, seconds: Double = 1.5, host: String = "somewhere",
  task: String = "catch", numEnvs: Int = 2
) throws -> TrialRecord {
  let settings = makeSettings(seed: seed, task: task, numEnvs: numEnvs)
  let reached = Crossing(
    target: 0.5, updates: 41.25, observations: 41.25 * Double(settings.batch.value),
    bracketLow: Updates(10), bracketHigh: Updates(99),
    score: score, scoreError: 0.01, scoreEpisodes: 200, optimizerSteps: 41.25,
    operations: 41_250, operationsExecuted: 27_500,
    noise: LawWeightedNoise(numerator: 1e3 / 7, denominator: 2), seconds: seconds)
  let censored = Crossing(target: 0.9, bracketLow: Updates(99), bracketHigh: Updates(99))
  let curve = [0, 10, 99].map { updates in
    CurvePoint(
      updates: Updates(updates),
      observations: Observations(updates * settings.batch.value), batch: settings.batch,
      optimizerSteps: OptimizerSteps(updates),
      score: Double(updates) / 100, scoreError: 0.02, scoreEpisodes: 64,
      noise: updates == 0
        ? nil
        : NoiseMoments(
          shardSize: 8, batchSize: 16, updates: 10, shardSquares: 1.0 / 3, batchSquares: 0.25),
      seconds: seconds * Double(updates))
  }
  let outcome = TrialOutcome(
    ending: .budget, crossings: [reached, censored], curve: curve, updates: Updates(99),
    observations: Observations(99 * settings.batch.value),
    optimizerSteps: OptimizerSteps(99), staggerObservations: Observations(12),
    evaluationObservations: Observations(34), evaluationEpisodes: 5,
    operations: Operations(conventional: 99_000, executed: 66_000),
    evaluationOperations: Operations(conventional: 34_000, executed: 30_000),
    seconds: seconds * 100,
    evaluationSeconds: seconds)
  return TrialRecord(
    id: try trialID(of: settings), settings: settings, outcome: outcome,
    verdicts: [0.5: .interior], provenance: makeProvenance(host: host))
}

/// Opens the study, appends trials of these seeds, and closes it.
func store(_ seeds: [Int], in scratch: Scratch, sealing: Bool = false) throws {
  var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
  for seed in seeds { try archive.append(try makeTrial(seed: seed)) }
  if sealing { try archive.seal() }
}

/// The ids that opening the study for writing finds.
func ids(in scratch: Scratch) throws -> Set<String> {
  Set(try StudyArchive(folder: scratch.study, plan: makePlan()).trials.map(\.id))
}

func ids(_ seeds: [Int]) throws -> Set<String> {
  Set(try seeds.map { try trialID(of: makeSettings(seed: $0)) })
}

/// The lines of a compressed file as JSON objects.
func objects(_ bytes: [UInt8]) throws -> [[String: Any]] {
  var walker = FrameWalker(bytes)
  var objects: [[String: Any]] = []
  while case .frame(let frame) = try walker.next() {
    for line in frame.content.split(separator: newline) {
      let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      objects.append(object ?? [:])
    }
  }
  return objects
}

/// The `plan.yaml` of a study from before there was a `plan.json`, as it was written then.
func oldText(of plan: StudyPlan = makePlan(), fingerprint: String? = nil) throws -> String {
  let fingerprint = try fingerprint ?? PlanFile.fingerprint(of: plan)
  return """
    # As it was given:
    #
    #   tasks: [catch]
    #
    # The resolved plan of this study: its identity. Written once, never changed.
    # SHA-256 of this plan as JSON with sorted keys: \(fingerprint)
    learningRateFactor: 2
    measuringSeeds: 6
    numerics: \(numericsVersion)
    seed: 1
    tasks:
    - batches: [16, 64]
      budget: 20000000
      evaluationEpisodes: 200
      horizon: 8
      hyperparameters:
        activation: tanh
        algorithm: pg
        clip_coef: null
        clip_vloss: false
        ent_coef: 0.01
        epsilon: 1.0e-08
        gae_lambda: 0.95
        gamma: 0.99
        hidden: "64-64"
        max_grad_norm: null
        momentum: 0.9
        norm_adv: false
        num_minibatches: 1
        optimizer: adam
        smoothing: 0.999
        target_kl: null
        trunks: shared
        update_epochs: 1
        vf_coef: 0.5
      learningRate:
        batch: 1.0e-07
        exponent: 0.6666666666666666
        rate: 0.30000000000000004
      rulesVersion: 1
      targets: [0.5, 0.9]
      task: catch
    tuningSeeds: 2

    """
}

extension Scratch {
  var planJSON: String { study + "/plan.json" }
  var planYAML: String { study + "/plan.yaml" }

  /// Makes the study one from before there was a `plan.json`.
  func makeOld(_ text: String) throws {
    try FileManager.default.removeItem(atPath: planJSON)
    try write(Array(text.utf8), to: planYAML)
  }
}
