internal import Archive
internal import ArgumentParser
internal import Environments
internal import Foundation
internal import Lab
internal import Learning
internal import Records

/// `batchlab train`
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train once, with live progress.",
    discussion: "Example: batchlab train pong --batch 1024 --target 0 --save pong.safetensors")

  @Argument(help: "The task (see `batchlab tasks`).")
  var task: String
  @Option(help: "Observations per update: environments × horizon.")
  var batch: Int?
  @Option(help: "Parallel environments.")
  var numEnvs: Int?
  @Option(
    help: """
      Let the batch follow √(rate × noise scale). The rate is the number of observations that an \
      update is worth.
      """)
  var exchangeRate: Double?
  @Option(help: "Score at which the run ends.")
  var target: Double?
  @Option(help: "Learning rate. Default: the task's own rate for the batch.")
  var learningRate: Double?
  @Option(help: "File for the policy at the last evaluation (safetensors).")
  var save: String?
  @Option(help: "File to save the run in, every minute and when it stops, for --resume.")
  var checkpoint: String?
  @Option(
    help: """
      Continue from a file that --checkpoint wrote, with the same settings or more \
      --total-timesteps. The run is saved to that file unless --checkpoint names another one.
      """)
  var resume: String?
  @Option(help: "Folder for a TensorBoard event file of the run.")
  var tensorboard: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var options: LearnerOptions
  @OptionGroup var ownOptions: TrainOptions
  @Flag(help: "Print one JSON document to standard output.")
  var json = false

  func run() async throws {
    let entry = try BatchLab.catalogue.task(named: task)
    let settings = try settings(for: entry)
    let cores = LaneLimits.current().lanes
    let threads = try threads.count().map(Threads.exactly) ?? .automatic { cores }
    guard save == nil || entry.facts.bowl == nil else {
      throw Refusal.usage(
        "--save writes a policy, and \(task) has none; --checkpoint saves the run")
    }
    try checkName(save, of: "--save", example: "\(task).safetensors")
    try checkName(checkpoint, of: "--checkpoint", example: "\(task).checkpoint")
    try checkName(resume, of: "--resume", example: "\(task).checkpoint")
    if let save {
      try checkReplaceable(save, "batchlab policy; choose another --save") { _ in
        PolicyFile.isPolicy(save)
      }
      try WholeFile.check(save)
    }
    let checkpoint = checkpoint ?? resume
    if let checkpoint {
      guard try resume == checkpoint || !CheckpointFile.exists(checkpoint) else {
        throw Refusal.failure(
          "\(checkpoint) exists: continue from it with --resume \(checkpoint), or remove it")
      }
      try WholeFile.check(checkpoint)
    }
    let (quiet, file, resume, folder) = (json, save, resume, tensorboard)
    try checkFolder(folder, of: "--tensorboard")
    let checkpoints = checkpoint.map { Checkpoints(file: $0, savesEnd: true) }
    let result = try await interruptible {
      var policy: Network?
      let trial =
        if let resume { try Trial(settings, task: entry, resuming: resume) } else {
          Trial(settings, task: entry)
        }
      let progress = TrialDisplay(settings, after: trial.observations, isQuiet: quiet)
      let events = try folder.map { folder in
        try EventLog(folder: folder, after: trial.observations)
      }
      let outcome = try trial.run(checkpoints: checkpoints, threads: threads) {
        progress.show($0)
        events?.add($0)
      } onCheckpoint: {
        progress.warn($0)
      } onEnd: {
        policy = $0
      }
      if let file, let policy {
        try PolicyFile.write(policy, of: entry, to: file)
      }
      return outcome
    }
    guard case .finished(let outcome) = result else {
      let advice = checkpoint.map { "; --resume \($0) continues from there" }
      throw result.refusal(saying: "stopped" + (advice ?? ""), isSaved: checkpoint != nil)
    }
    if json {
      let trial = try TrialRecord(outcome, of: settings)
      return try printJSON(TrainReport(rows: trial.rows, curve: trial.curve))
    }
    report(outcome, settings: settings)
  }

  private func settings(for entry: CatalogueEntry) throws -> TrialSettings {
    let facts = entry.facts
    var plan = Plan(tasks: [.init(facts.name, targets: target.map { [$0] })])
    plan.settings = try ownOptions.settings(beside: options.settings())
    try check("--learning-rate", learningRate, Double.leastNonzeroMagnitude...1e6)
    try check("--num-envs", numEnvs.map(Double.init), 1...1e9)
    let defaults = TaskDefaults.of(facts.name)
    let horizon = plan.settings.filled(by: defaults.settings).value(\.numSteps)
    let size = batch ?? numEnvs.map { $0 * horizon } ?? defaults.usualBatch ?? horizon
    try check("--exchange-rate", exchangeRate, 1...0x1p40)
    if exchangeRate != nil, batch != nil || numEnvs != nil {
      throw Refusal.usage(
        "--exchange-rate chooses the batch, so --batch and --num-envs can't be given with it")
    }
    plan.exchangeRates = exchangeRate.map { [$0] }
    plan.batches = .list([size])
    if let numEnvs, numEnvs != max(1, size / horizon) {
      throw Refusal.usage(
        "--num-envs \(numEnvs) contradicts --batch \(size), which makes"
          + " \(Format.counted(max(1, size / horizon), "environment")) at a horizon of \(horizon)")
    }
    let resolved = try plan.resolved(with: BatchLab.catalogue)
    guard let own = resolved.tasks.first else { throw Refusal.usage("no task was named") }
    // The adaptive cell comes after that of the fixed batch.
    let cell = own.cells[own.cells.count - 1]
    let shape = RolloutShape(batch: cell.batch, horizon: horizon)
    return TrialSettings(
      task: own.task, rulesVersion: own.rulesVersion, studySeed: resolved.seed, role: .single,
      seed: 0, numEnvs: shape.numEnvs, numSteps: shape.numSteps,
      shortenedHorizon: shape.isShortened,
      exchangeRate: cell.exchangeRate,
      learningRate: learningRate ?? own.learningRate.at(batch: cell.batch),
      hyperparameters: own.hyperparameters, targets: own.targets, limit: own.budget,
      isPruned: false,
      evaluationEpisodes: own.evaluationEpisodes)
  }

  private func report(_ outcome: TrialOutcome, settings: TrialSettings) {
    Table.show(
      ["target", "updates", "observations", "seconds", "score", "noise scale"],
      outcome.crossings.map { crossing in
        [
          Format.shortest(crossing.target),
          crossing.updates.map { Format.number($0) } ?? "not reached",
          Format.number(crossing.observations), Format.number(crossing.seconds),
          crossing.score.map { Format.score($0, error: crossing.scoreError ?? 0) } ?? "–",
          Format.number(crossing.noise?.estimate),
        ]
      })
    let last = outcome.curve.last?.batch.value ?? settings.batch.value
    let end = settings.exchangeRate == nil ? "" : " (\(Format.grouped(last)) at the end)"
    let share = outcome.evaluationSeconds / max(outcome.seconds, 1e-9)
    standardOutput(
      "\(outcome.ending.rawValue) after \(Format.counted(outcome.updates.value, "update")) of"
        + " \(Format.grouped(settings.batch.value))\(end) observations at learning rate"
        + " \(Format.number(settings.learningRate)), \(Format.seconds(outcome.seconds)),"
        + " \(Format.percent(share)) of it evaluation")
  }
}

/// A run as it would be archived: a row for each target, and its curve.
private struct TrainReport: Encodable {
  var rows: [TrialRow]
  var curve: [CurveRow]
}

/// Shows the progress of a trial on standard error.
private final class TrialDisplay {
  private let settings: TrialSettings
  private let isQuiet: Bool
  private var lines = StatusLines()
  private let start = ContinuousClock.now
  private var last = ContinuousClock.now
  /// Observations before this process resumed the run.
  private let before: Int

  init(_ settings: TrialSettings, after observations: Observations, isQuiet: Bool) {
    self.settings = settings
    before = observations.value
    self.isQuiet = isQuiet
  }

  func show(_ progress: TrialProgress) {
    guard !isQuiet, last.duration(to: .now) > StatusLines.interval else { return }
    last = .now
    let seconds = start.duration(to: .now) / .seconds(1)
    lines.show([
      "\(settings.taskVariant)  update \(Format.grouped(progress.updates.value))  observations"
        + " \(Format.number(Double(progress.observations.value)))  score"
        + " \(Format.score(progress.score))  noise scale"
        + " \(Format.number(progress.noiseScale))"
        + "  \(Format.number(Double(progress.observations.value - before) / seconds)) steps/s"
    ])
  }

  /// Reports that a checkpoint could not be written.
  func warn(_ error: ArchiveError?) {
    guard let error else { return }
    lines.clear()
    standardError("\(error); the run continues without a new checkpoint")
  }

  deinit { lines.clear() }
}
