internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Lab
internal import Records

/// `batchlab fit`
struct Fit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fit S_min, E_min and the critical batch, with 95 % intervals and a verdict.",
    discussion: """
      S_min is the number of updates at very large batches, E_min the number of observations at \
      very small ones. The verdict says whether to believe the fit. The input is a study, or a table \
      (CSV) with the columns batch and updates (or observations), and optionally task, target, \
      seed and censored (1 for a run that did not reach the target). docs/your-own-runs.md has \
      all columns.

      Examples: batchlab fit Results/quick --metric seconds; batchlab fit Results/quick --cores 16; \
      batchlab fit runs.csv --columns batch=bs,updates=iter
      """)

  @Argument(help: "A study's folder, a CSV file, or - for a table from standard input.")
  var source: String
  @Option(help: "The table's column names, such as batch=bs,updates=iter.")
  var columns: String?
  @Flag(help: "Print one JSON document to standard output.")
  var json = false
  @Flag(help: "Also plot S against the batch, as text.")
  var plot = false
  @Option(
    help: """
      Mean over the seeds of a batch: geometric (the typical run) or arithmetic (the expected cost, in \
      which slow runs count in full).
      """)
  var mean = SeedMean.geometric
  @Option(help: "updates, or seconds to also show the time at each batch of a study.")
  var metric = Metric.updates
  @Option(
    help: """
      Also show the time to the target at each batch on 1, 2, 16, 128 and this many cores. Updates \
      are timed on up to as many cores of this machine; the others follow a model. Needs a study.
      """)
  var cores: Int?
  @Option(help: "Seed of the bootstrap of adaptive batches.")
  var seed = 1
  @Option(help: "Number of bootstrap resamples.")
  var resamples = 2000
  @Flag(
    help: """
      Write fits.json even with a different --mean, --seed or --resamples. With the defaults, a fit \
      of a finished study always writes it.
      """)
  var save = false

  func run() throws {
    try check("--seed", Double(seed), 0...0x1p53 - 1)
    try check("--resamples", Double(resamples), 1...1_000_000)
    try check("--cores", cores.map(Double.init), 1...Double(TimedCores.most))
    if try GivenTable.isTable(source) { try fitTable() } else { try fitStudy() }
  }

  private func fitStudy() throws {
    guard columns == nil else {
      throw Refusal.usage("--columns needs a table, because the columns of a study are known")
    }
    let study = try Reading.study(source, json: json)
    var fits = try Reading.say("fitting \(source) ...", json: json) { () throws(Refusal) in
      let isDefault = mean == .geometric && seed == 1 && resamples == 2000
      return try study.conclude(
        mean: mean, seed: seed, resamples: resamples, saves: save || isDefault
      ).fits
    }
    let shortfall = try study.shortfall()
    guard !fits.isEmpty else {
      let state = shortfall.map { " (\($0))" } ?? ""
      throw Refusal.failure("\(source) holds no run that can be fitted yet\(state)")
    }
    if let cores {
      let request = try TimedCores.request(cores, fits, of: study.trials, json: json)
      fits = fits.map { $0.timed(with: request) }
    }
    if json {
      if let shortfall { standardError(shortfall) }
      return try printJSON(fits)
    }
    if let shortfall { standardOutput(shortfall + "\n") }
    SweepTables.show(fits, of: study.plan)
    if plot { fits.forEach(show) }
    if metric == .seconds { fits.forEach(AdviceText.showSeconds) }
    SweepTables.showAdaptive(fits)
    AdviceText.show(fits)
    if cores != nil { CoreTables.show(fits, processor: Utilization.cpu) }
    SweepTables.show(StudyCost.costs(of: study.trials))
  }

  private func fitTable() throws {
    guard metric == .updates else {
      throw Refusal.usage("--metric seconds needs a study, because a CSV file has no seconds")
    }
    guard cores == nil else {
      throw Refusal.usage("--cores needs a study, because a CSV file has no seconds")
    }
    let table = try GivenTable(source, columns: try GivenTable.columnNames(columns)).runs
    let reports = Analysis.fit(table.groups, mean: mean, seed: seed, resamples: resamples)
    if json { return try printJSON(reports) }
    SweepTables.show(reports)
    if plot { reports.forEach(show) }
  }
}

extension Fit {
  /// Plots S against B: the measurements, the law, and the critical batch.
  private func show(_ report: FitReport) {
    guard let law = report.law, let first = report.points.first, let last = report.points.last
    else { return }
    var plot = TextPlot(x: "batch", y: "S updates")
    let batches = (0...110).map { first.batch * pow(last.batch / first.batch, Double($0) / 110) }
    plot.add("·", batches.map { ($0, law.updates(atBatch: $0)) })
    if report.verdict == .fitted, (first.batch...last.batch).contains(law.criticalBatch) {
      plot.add("X", [(law.criticalBatch, law.updates(atBatch: law.criticalBatch))])
    }
    plot.add("o", report.points.map { ($0.batch, $0.updates) })
    standardOutput(
      "\n\(report.name.isEmpty ? "" : report.name + ": ")o measured, · law\(plot.has("X") ? ", X critical batch" : "")"
    )
    plot.lines.forEach { standardOutput($0) }
  }
}

/// The unit in which fits are shown.
enum Metric: String, ExpressibleByArgument, CaseIterable { case updates, seconds }
