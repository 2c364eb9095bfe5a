internal import Analysis
internal import ArgumentParser
internal import Lab
internal import Records
internal import Synchronization

/// `batchlab branch`
struct BranchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "branch",
    abstract: "Measure the critical batch along a run by branching into larger and larger batches.",
    discussion: """
      From several points of one run, branches continue at k = 1, 2, 4, … times the batch for the \
      same number of observations, with √k times the learning rate (k times for SGD). The results \
      are the batches at which a branch loses a tenth and half of the progress that --batch makes. \
      This assumes nothing about the gradient's noise. Choose a small --batch. The default is the \
      task's smallest batch that is not below the horizon.

      Example: batchlab branch grid-goal-8 --batch 112
      """)

  @OptionGroup var start: SingleRunOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var options: LearnerOptions
  @Option(help: "Maximum number of points, each at no more than half the updates of the next.")
  var points = 4
  @Option(help: "Number of branches at each batch.")
  var repetitions = 8
  @Option(help: "Number of episodes for each score.")
  var episodes = 64
  @Option(help: "Length of a branch, as a multiple of the observations up to its start.")
  var stretch = 1.0
  @Option(help: "Seed of the bootstrap.")
  var bootstrapSeed = 1
  @Flag(help: "Print one JSON document to standard output.")
  var json = false

  func run() async throws {
    try check("--points", Double(points), 1...20)
    try check("--repetitions", Double(repetitions), 2...1000)
    try check("--episodes", Double(episodes), 2...100_000)
    try check("--stretch", stretch, 0.01...100)
    try check("--bootstrap-seed", Double(bootstrapSeed), 0...0x1p53 - 1)
    let plan = try start.plan(options) { task in
      task.batches.first { $0 >= task.horizon } ?? task.batches[0]
    }
    let rate = try start.rate()
    let form = BranchRun.Form(
      points: points, repetitions: repetitions, stretch: stretch, episodes: episodes)
    let (lanes, threads) = (LaneLimits.current().lanes, try threads.count())
    let parts = PartDisplay(isQuiet: json)
    let run = try await start.running {
      let cell = try await TunedCell(
        plan, with: BatchLab.catalogue, rate: rate, lanes: lanes, threads: threads)
      return try await BranchRun(cell, form: form, lanes: lanes, threads: threads) {
        parts.noteOne(of: $0)
      }
    }
    parts.clear()
    let report = BranchReport(run, seed: bootstrapSeed)
    if json { try printJSON(report) } else { report.show() }
  }
}

/// Shows the number of finished branches on standard error.
private final class PartDisplay: Sendable {
  private struct State {
    var done = 0
    var lines = StatusLines()
    var drawn = ContinuousClock.now
  }

  private let isQuiet: Bool
  private let state = Mutex(State())

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  func noteOne(of all: Int) {
    state.withLock { state in
      state.done += 1
      guard !isQuiet, state.drawn.duration(to: .now) > StatusLines.interval else { return }
      state.drawn = .now
      state.lines.show(["\(Format.grouped(state.done)) of \(Format.grouped(all)) branches"])
    }
  }

  func clear() { state.withLock { $0.lines.clear() } }
}

/// The results of branches at several points of a run.
struct BranchReport: Encodable {
  struct Branch: Encodable {
    var batch: Int
    var learningRate: Double
    var updates: Int
    var scores: [Double]
  }

  struct Point: Encodable {
    var updates: Int
    var observations: Int
    /// Observations of each branch.
    var length: Int
    var startScores: [Double]
    var branches: [Branch]
    /// The batches at which a tenth and half of the smallest batch's progress are lost.
    @Nullable var tenthLost: Estimate?
    @Nullable var halfLost: Estimate?
    /// The run's noise scale since the previous point, in observations of an optimizer step.
    @Nullable var noiseScale: Double?
  }

  var task: String
  var algorithm: String
  var batch: Int
  var numSteps: Int
  var numMinibatches: Int
  var learningRate: Double
  @Nullable var search: RateVerdict?
  var observations: Int
  var searchObservations: Int
  /// Evaluation of the run and its branches.
  var evaluationObservations: Int
  var points: [Point]

  init(_ run: BranchRun, seed: Int) {
    let settings = run.cell.settings
    task = settings.task
    algorithm = settings.hyperparameters.algorithm.rawValue
    batch = settings.batch.value
    numSteps = settings.numSteps
    numMinibatches = settings.hyperparameters.numMinibatches
    learningRate = settings.learningRate
    search = run.cell.verdict
    observations = run.observations.value
    evaluationObservations = run.evaluationObservations.value
    searchObservations = run.cell.searchObservations.value
    points = run.points.map { point in
      let measured = point.branches.map { (batch: Double($0.batch.value), scores: $0.scores) }
      func lost(_ share: Double) -> Estimate? {
        BranchedBatch(loss: share, start: point.start, branches: measured, seed: seed).batch
      }
      return Point(
        updates: point.updates.value, observations: point.observations.value,
        length: point.length.value, startScores: point.start,
        branches: point.branches.map {
          Branch(
            batch: $0.batch.value, learningRate: $0.learningRate, updates: $0.updates.value,
            scores: $0.scores)
        }, tenthLost: lost(0.1), halfLost: lost(0.5),
        noiseScale: LawWeightedNoise(blocks: point.noise.map { [$0] } ?? [])?.estimate)
    }
  }

  func show() {
    let searched = search.map { ", \($0.rawValue)" } ?? ""
    standardOutput(
      "\(task), \(algorithm), batch \(Format.grouped(batch)), \(numSteps) steps, learning rate"
        + " \(Format.number(learningRate))\(searched)")
    for point in points {
      standardOutput(
        "\nafter \(Format.counted(point.updates, "update"))"
          + " (\(Format.grouped(point.observations)) observations), score"
          + " \(score(point.startScores)); branches of \(Format.grouped(point.length)) observations"
      )
      Table.show(
        ["batch", "updates", "score"],
        point.branches.map {
          [Format.grouped($0.batch), Format.grouped($0.updates), score($0.scores)]
        })
    }
    standardOutput("")
    Table.show(
      ["observations", "score", "a tenth lost at", "half lost at", "noise scale"],
      points.map { point in
        [
          Format.grouped(point.observations), score(point.startScores),
          answer(point.tenthLost), answer(point.halfLost), Format.number(point.noiseScale),
        ]
      })
    if numMinibatches > 1 {
      standardOutput(
        "the noise scale is that of one optimizer step, which takes one of the"
          + " \(numMinibatches) minibatches of a rollout")
    }
    standardOutput(
      "\(Format.grouped(observations)) observations, \(Format.grouped(evaluationObservations))"
        + " evaluation steps, and \(Format.grouped(searchObservations)) observations for the"
        + " learning-rate search")
  }

  private func answer(_ estimate: Estimate?) -> String {
    estimate.map { Format.interval($0) } ?? "no progress"
  }

  /// Mean and standard error.
  private func score(_ scores: [Double]) -> String {
    let count = Double(scores.count)
    let mean = scores.reduce(0, +) / count
    let squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (squares / max(count - 1, 1) / count).squareRoot()
    return Format.score(mean, error: error)
  }
}
