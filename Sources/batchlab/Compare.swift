internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Environments
internal import Foundation
internal import Records

/// `batchlab compare`
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare critical batches and noise scales with the complexity of the tasks.",
    discussion: """
      In the relations to complexity, each task counts once, with its hardest target whose fit has \
      the verdict "fitted": the critical batch lies within the measured batches. A table (CSV) of \
      runs from another trainer stands for the tasks that it names, or for one task with the file's \
      name. docs/your-own-runs.md lists its columns. Two studies that differ only in their seed are \
      also compared with each other, which tests their intervals.

      --along compares variants or studies that differ in only one setting, at equal targets. Give a \
      training setting by its option name without the leading hyphens, such as optimizer, network \
      or num-steps, or parameters, the number of weights.

      Examples:
        batchlab compare Results/quick Results/mine runs.csv
        batchlab compare Results/optimizers --along optimizer
      """)

  @Argument(help: "Study folders and CSV files; - reads a table from standard input.")
  var sources: [String]
  @Option(help: "The tables' column names, such as batch=bs,updates=iter.")
  var columns: String?
  @Flag(help: "Print one JSON document to standard output.")
  var json = false
  @Flag(help: "Also plot predicted against measured critical batches, as text.")
  var plot = false
  @Option(
    help: "Also compare along a setting of training, such as optimizer, or along parameters.",
    completion: .list(SettingAxis.names))
  var along: [String] = []
  @Option(help: "The batch at which the observations to the target are compared.")
  var referenceBatch = 1024.0
  @Option(help: "Seed of the bootstrap.")
  var seed = 1
  @Option(help: "Number of bootstrap resamples.")
  var resamples = 2000

  func run() throws {
    try check("--seed", Double(seed), 0...0x1p53 - 1)
    try check("--resamples", Double(resamples), 1...1_000_000)
    try check("--reference-batch", referenceBatch, 1...1e15)
    let axes = try along.map { name throws(Refusal) in try Self.axis(named: name) }
    var fitted: [(name: String, fits: [FitReport])] = []
    var studies: [Replicates.Source] = []
    var shortfalls: [String] = []
    let tables = try GivenTables(among: sources, columns: columns)
    for source in sources {
      var groups = tables.runs(of: source) ?? []
      var plan: StudyPlan?
      if tables[source] == nil {
        let study = try Reading.study(source, json: json)
        plan = study.plan
        if let shortfall = try study.shortfall() { shortfalls.append(shortfall) }
        groups = RunGroup.groups(of: study.trials)
      }
      let own = Reading.say("fitting \(source) ...", json: json) {
        fit(groups, seed: seed, resamples: resamples)
      }
      fitted.append((source, own))
      if let plan { studies.append(Replicates.Source(name: source, plan: plan, fits: own)) }
    }
    guard fitted.contains(where: { !$0.fits.isEmpty }) else {
      throw Refusal.failure("no finished trial yet in \(sources.joined(separator: ", "))")
    }
    var comparison = Comparison(
      fitted, traits: TaskTraits.ofCatalogue, referenceBatch: referenceBatch, seed: seed,
      resamples: resamples)
    comparison.replicates = Replicates.all(among: studies)
    comparison.along = axes.map {
      SettingComparison($0, of: fitted, traits: TaskTraits.ofCatalogue, parameters: \.parameters)
    }
    if json {
      shortfalls.forEach(standardError)
      return try printJSON(comparison)
    }
    if !shortfalls.isEmpty { standardOutput(shortfalls.joined(separator: "\n") + "\n") }
    ComparisonTables(comparison).show()
    ReplicateTables.show(comparison.replicates)
    comparison.along.forEach(SettingTables.show)
    if plot { show(comparison) }
  }

  private static func axis(named name: String) throws(Refusal) -> SettingAxis {
    guard let axis = SettingAxis(named: name) else {
      let offer =
        nearest(name, among: SettingAxis.names).map { "did you mean \($0)?" }
        ?? "the settings are \(SettingAxis.names.joined(separator: ", "))"
      throw .usage("--along: no setting of training is called '\(name)'; \(offer)")
    }
    return axis
  }

  /// Plots each compared task as a letter, with the diagonal.
  private func show(_ comparison: Comparison) {
    let points = comparison.points.filter(\.isCompared).compactMap { point in
      point.predictedBatch?.value.flatMap { x in
        point.criticalBatch?.value.map { (x: x, y: $0, task: point.fit.task) }
      }
    }
    let all = points.flatMap { [$0.x, $0.y] }
    guard let low = all.min(), let high = all.max() else { return }
    var plot = TextPlot(x: "predicted", y: "B_crit")
    plot.add("·", (0...110).map { low * pow(high / low, Double($0) / 110) }.map { ($0, $0) })
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    standardOutput("")
    for (letter, point) in zip(letters, points) { plot.add(letter, [(point.x, point.y)]) }
    plot.lines.forEach { standardOutput($0) }
    standardOutput(
      "· equal; " + zip(letters, points).map { "\($0) \($1.task)" }.joined(separator: ", "))
  }
}

extension TaskTraits {
  /// The traits of all tasks by name. Tasks of the grid family are about reaching a goal.
  static var ofCatalogue: [String: TaskTraits] {
    Dictionary(
      uniqueKeysWithValues: BatchLab.catalogue.map(\.facts).map { facts in
        let failure = facts.family == .grid ? facts.scoreRange.lowerBound : nil
        return (
          facts.name,
          TaskTraits(
            game: facts.game, observationSize: facts.observationSize,
            episodeLength: facts.typicalEpisodeLength,
            states: facts.states, randomScore: facts.randomScore, bestScore: facts.bestScore,
            failureScore: failure)
        )
      })
  }
}
