internal import Glibc
internal import Records

/// Points of the curve with the noise sums between successive ones.
func curvePoints(_ snapshots: [Snapshot]) -> [CurvePoint] {
  var before: NoiseMoments?
  return snapshots.map { snapshot in
    let noise = snapshot.noise.map { sums in before.map { sums.since($0) } ?? sums }
    before = snapshot.noise
    return CurvePoint(
      updates: snapshot.updates, observations: snapshot.observations,
      batch: Observations(snapshot.batch), optimizerSteps: snapshot.optimizerSteps,
      score: snapshot.score.mean, scoreError: snapshot.score.error,
      scoreEpisodes: snapshot.score.episodes, noise: noise, seconds: snapshot.seconds)
  }
}

extension Crossing {
  /// Interpolates in log(updates) between a snapshot below the target and one at or above it
  /// (linearly where the first is update 0).
  init(target: Double, between low: Snapshot, and high: Snapshot) {
    var above = high.score
    above.add(high.confirmation)
    // A point may have failed in its second set only, so both count here too.
    var below = low.score
    below.add(low.confirmation)
    let (from, to) = (Double(low.updates.value), Double(high.updates.value))
    let rise = above.mean - below.mean
    let isOrdered = rise > 0 && below.mean < target
    let share = isOrdered ? min((target - below.mean) / rise, 1) : 0.5
    let updates = from > 0 ? from * pow(to / from, share) : to * share
    // Batches change at evaluated points, so all updates within a bracket have one size.
    let before = high.observations.value - high.updates.value * high.batch
    let part = to > from ? (updates - from) / (to - from) : 1
    func between(_ counted: (Snapshot) -> Int) -> Double {
      Double(counted(low)) + part * Double(counted(high) - counted(low))
    }
    self.init(
      target: target, updates: updates,
      observations: updates * Double(high.batch) + Double(before), bracketLow: low.updates,
      bracketHigh: high.updates,
      score: above.mean, scoreError: above.error, scoreEpisodes: above.episodes,
      optimizerSteps: between(\.optimizerSteps.value),
      operations: between(\.operations.conventional),
      operationsExecuted: between(\.operations.executed),
      seconds: low.seconds + part * (high.seconds - low.seconds))
  }
}
