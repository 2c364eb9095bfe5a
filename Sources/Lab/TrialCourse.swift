internal import Algebra
internal import Learning
internal import Records

/// The parameters of a run after some update, and what evaluations said of them.
final class Snapshot: Codable {
  let updates: Updates
  let observations: Observations
  /// Observations of the last update.
  let batch: Int
  let optimizerSteps: OptimizerSteps
  /// Of training since the start of the run.
  let operations: Operations
  /// Noise sums since the start of the run, or since its batch changed last.
  let noise: NoiseMoments?
  /// Seconds of training since the start.
  let seconds: Double
  /// Dropped once no crossing can be looked for before it.
  var parameters: Matrix?
  /// Scores from the first set of episodes, and from the independent one that confirms.
  var score = ScoreSample()
  var confirmation = ScoreSample()

  init(
    updates: Updates, observations: Observations, batch: Int, optimizerSteps: OptimizerSteps,
    operations: Operations, noise: NoiseMoments?, seconds: Double, parameters: Matrix
  ) {
    self.updates = updates
    self.observations = observations
    self.batch = batch
    self.optimizerSteps = optimizerSteps
    self.operations = operations
    self.noise = noise
    self.seconds = seconds
    self.parameters = parameters
  }
}

/// How far a trial has come: all that its rest depends on, but for learner, tasks and streams.
struct TrialCourse: Codable {
  struct NoiseMark: Codable {
    var updates: Updates
    /// Like a snapshot's.
    var sums: NoiseMoments
  }

  struct Size: Codable {
    /// After which it began.
    var updates: Updates
    var environments: Int
  }

  var updates = Updates.zero
  var observations = Observations.zero
  /// Of an adaptive batch: the numbers of environments that followed the first one, and the sums
  /// of noise when it was decided last.
  var sizes: [Size] = []
  var decided: NoiseMoments?
  var crossings: [Crossing] = []
  /// Those between which a crossing can still lie: from the last failed point on.
  var snapshots: [Snapshot] = []
  var evaluated: [Snapshot] = []
  /// Noise sums at the ends of blocks.
  var noiseMarks: [NoiseMark] = []
  var trainingTime = Duration.zero
  var evaluationTime = Duration.zero
  private var nextCoarse: Int
  private var nextFine = 1
  private var nextMark = 1

  /// Ratio of neighbouring coarse points, and of neighbouring snapshots.
  private static let coarseRatio = 1.6
  private static let fineRatio = 1.1

  init(firstCoarse: Int) { nextCoarse = firstCoarse }

  /// What the present update is the time for; called once after each.
  mutating func due() -> (isCoarse: Bool, isFine: Bool, isMark: Bool) {
    let due = (
      isCoarse: updates.value >= nextCoarse, isFine: updates.value >= nextFine,
      isMark: updates.value >= nextMark
    )
    if due.isCoarse { nextCoarse = next(ratio: Self.coarseRatio) }
    if due.isFine { nextFine = next(ratio: Self.fineRatio) }
    if due.isMark { nextMark = NoiseMoments.nextBlockEnd(after: updates.value) }
    return due
  }

  private func next(ratio: Double) -> Int {
    max(updates.value + 1, Int(Double(updates.value) * ratio))
  }

  /// A snapshot that stands in both lists is one object again, as it was when they were saved.
  mutating func rejoin() {
    evaluated = evaluated.map { point in
      snapshots.first { $0.updates == point.updates } ?? point
    }
  }
}
