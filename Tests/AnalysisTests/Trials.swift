import Records
import TestSupport

/// A finished trial of a study, with one crossing for each of its targets.
///
/// - Parameters:
///   - updates: to each target; `nil`: not reached.
///   - total: updates of the whole trial.
///   - secondsAnUpdate: of training.
func trial(
  _ id: String? = nil, task: String = "t", targets: [Double] = [1], role: TrialRole = .measuring,
  seed: Int = 0, environments: Int = 4, steps: Int = 16, isShortened: Bool = false,
  exchangeRate: Double? = nil, rate: Double = 0.01, updates: Double?, total: Int = 777,
  ending: TrialEnding? = nil,
  verdict: RateVerdict? = .interior, noise: LawWeightedNoise? = nil, seconds: Double = 1,
  secondsAnUpdate: Double? = nil, processor: String = "c", curve: [CurvePoint] = []
) -> TrialRecord {
  let settings = TrialSettings.sample(
    task: task, role: role, seed: seed, numEnvs: environments, numSteps: steps,
    shortenedHorizon: isShortened, exchangeRate: exchangeRate, learningRate: rate,
    targets: targets)
  let batch = settings.batch.value
  let crossings = targets.map { target in
    Crossing(
      target: target, updates: updates, observations: updates.map { $0 * Double(batch) },
      bracketLow: Updates(99), bracketHigh: Updates(101), noise: noise,
      seconds: updates.flatMap { updates in secondsAnUpdate.map { updates * $0 } })
  }
  let words = [
    task, "\(targets)", role.rawValue, "\(seed)", "\(batch)", "\(rate)",
    "\(String(describing: verdict))", "\(isShortened)",
  ]
  return TrialOutcome.sample(
    ending: ending ?? (updates == nil ? .budget : .completed), crossings: crossings, curve: curve,
    updates: total, batch: batch, stagger: 1_000_000, evaluation: 7, evaluationEpisodes: 3,
    operations: Operations(conventional: 600 * total, executed: 400 * total),
    evaluationOperations: Operations(conventional: 9, executed: 8), seconds: seconds,
    evaluationSeconds: 0.25
  ).trial(
    id ?? words.joined(separator: " "), settings, provenance: .sample(cpu: processor),
    verdict: verdict)
}
