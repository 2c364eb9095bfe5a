internal import Algebra
internal import Records

/// The parameters of a run after some update, and their scores.
final class Snapshot: Codable {
  let updates: Updates
  let observations: Observations
  /// Observations of the last update.
  let batch: Int
  let optimizerSteps: OptimizerSteps
  /// Operations of training since the start of the run.
  let operations: Operations
  /// Noise sums since the start of the run, or since its batch last changed.
  let noise: NoiseMoments?
  let parts: PartMoments?
  /// Seconds of training since the start.
  let seconds: Double
  /// Dropped once no crossing can be next to the snapshot.
  var parameters: Matrix?
  /// Scores of the first set of episodes, and of the independent one that confirms a crossing.
  var score = ScoreSample()
  var confirmation = ScoreSample()

  init(
    updates: Updates, observations: Observations, batch: Int, optimizerSteps: OptimizerSteps,
    operations: Operations, noise: NoiseMoments?, parts: PartMoments?, seconds: Double,
    parameters: Matrix
  ) {
    self.updates = updates
    self.observations = observations
    self.batch = batch
    self.optimizerSteps = optimizerSteps
    self.operations = operations
    self.noise = noise
    self.parts = parts
    self.seconds = seconds
    self.parameters = parameters
  }
}

/// A trial's crossings, snapshots and schedule so far: everything that its continuation depends on
/// except the trainer and the tally of evaluations.
struct TrialHistory: Codable {
  struct NoiseMark: Codable {
    var updates: Updates
    /// Since the start of the run, or since its batch last changed.
    var sums: NoiseMoments
    var parts: PartMoments?
  }

  /// Noise sums at the last decision about an adaptive batch.
  var decided: NoiseMoments?
  var crossings: [Crossing] = []
  /// Snapshots between which a crossing can still lie, from the last failed point on.
  var snapshots: [Snapshot] = []
  var evaluated: [Snapshot] = []
  /// Noise sums at the ends of blocks.
  var noiseMarks: [NoiseMark] = []
  var trainingTime = Duration.zero
  var evaluationTime = Duration.zero
  /// Training time of all threads together.
  var threadTime = Duration.zero
  private var nextCoarse: Int
  private var nextFine = 1
  private var nextMark = 1

  /// Ratio of successive coarse points, and of successive snapshots.
  private static let coarseRatio = 1.6
  private static let fineRatio = 1.1

  init(firstCoarse: Int) { nextCoarse = firstCoarse }

  /// Threads of training, averaged over its time.
  var meanThreads: Double {
    trainingTime > .zero ? max(threadTime / trainingTime, 1) : 1
  }

  /// Whether a coarse point, a snapshot or the end of a noise block is scheduled after an update.
  /// Called once after each update.
  mutating func due(after updates: Int) -> (isCoarse: Bool, isFine: Bool, isMark: Bool) {
    func next(ratio: Double) -> Int { max(updates + 1, Int(Double(updates) * ratio)) }
    let due = (
      isCoarse: updates >= nextCoarse, isFine: updates >= nextFine, isMark: updates >= nextMark
    )
    if due.isCoarse { nextCoarse = next(ratio: Self.coarseRatio) }
    if due.isFine { nextFine = next(ratio: Self.fineRatio) }
    if due.isMark { nextMark = NoiseMoments.nextBlockEnd(after: updates) }
    return due
  }

  /// Makes a snapshot that is in both lists one object again, as it was before they were saved.
  mutating func rejoin() {
    evaluated = evaluated.map { point in
      snapshots.first { $0.updates == point.updates } ?? point
    }
  }
}
