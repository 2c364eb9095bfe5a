internal import Analysis
internal import Foundation
internal import Lab
internal import Learning
internal import Records

/// The noise measured along runs.
struct NoiseReport: Encodable {
  /// The noise up to one target.
  struct Prediction: Encodable {
    var target: Double
    /// Geometric mean over the runs that reached the target.
    @Nullable var updates: Double?
    /// Law-weighted noise scale of a rollout's gradient, in observations.
    @Nullable var noiseScale: Estimate?
    /// Mean over the first run, as McCandlish et al. plot it.
    @Nullable var plainAverage: Estimate?
    /// The prediction interval of the critical batch, from the scatter of the reference studies.
    @Nullable var likelyCriticalBatch: PredictionBand?
    /// 1 + 2ρ, with ρ the correlation of the noise of consecutive updates: the factor from the
    /// noise scale to the noise that accumulates over training.
    @Nullable var longRunFactor: Double?
  }

  struct Stretch: Encodable {
    var updatesFrom: Int
    var updatesTo: Int
    var observations: Int
    var gradientSquare: Double
    var covarianceTrace: Double
    @Nullable var noiseScale: Estimate?
  }

  struct Part: Encodable {
    var part: String
    @Nullable var noiseScale: Estimate?
  }

  var task: String
  var algorithm: String
  var batch: Int
  var numEnvs: Int
  var numSteps: Int
  var numMinibatches: Int
  var learningRate: Double
  @Nullable var search: RateVerdict?
  var runs: Int
  var searchObservations: Int
  var observations: Int
  var evaluationObservations: Int
  var predictions: [Prediction]
  /// The noise along the first run.
  var curve: [Stretch]
  /// The noise of parts of the gradient, up to the hardest target that was reached.
  var parts: [Part]

  init(_ run: NoiseRun, withLayers: Bool) {
    let settings = run.cell.settings
    task = settings.task
    algorithm = settings.hyperparameters.algorithm.rawValue
    batch = settings.batch.value
    numEnvs = settings.numEnvs
    numSteps = settings.numSteps
    numMinibatches = settings.hyperparameters.numMinibatches
    learningRate = settings.learningRate
    search = run.cell.verdict
    runs = run.seeds.count
    searchObservations = run.cell.searchObservations.value
    observations = run.observations.value
    evaluationObservations = run.seeds.reduce(0) { $0 + $1.outcome.evaluationObservations.value }
    predictions = settings.targets.map { target in
      let reached = run.reaching(target)
      let estimate = UpdateNoise.lawWeighted(
        of: reached.compactMap { $0.noise(.total, to: target) })
      let updates = reached.compactMap { $0.crossing(target)?.updates }
      return Prediction(
        target: target,
        updates: updates.isEmpty
          ? nil : exp(updates.reduce(0) { $0 + log(max($1, 0.5)) } / Double(updates.count)),
        noiseScale: estimate, plainAverage: reached.first?.noise(.total, to: target)?.plain,
        likelyCriticalBatch: estimate.map {
          PredictionBand(
            game: TaskTraits.ofCatalogue[settings.task]?.game ?? settings.task,
            training: Training(
              settings.hyperparameters.algorithm, settings.hyperparameters.optimizer),
            noiseScale: $0, batches: 1)
        },
        longRunFactor: reached.first?.longRunFactor(to: target))
    }
    let first = run.seeds.first.flatMap { UpdateNoise($0.parts.moments[.total] ?? []) }
    let stretches = first.map { $0.stretches.isEmpty ? $0.blocks : $0.stretches }
    curve = (stretches ?? []).map { block in
      Stretch(
        updatesFrom: block.updates.lowerBound + 1, updatesTo: block.updates.upperBound,
        observations: block.updates.upperBound * settings.batch.value,
        gradientSquare: block.gradientSquare, covarianceTrace: block.covarianceTrace,
        noiseScale: block.estimate)
    }
    let hardest = settings.targets.last { !run.reaching($0).isEmpty }
    var names: [(String, NoiseParts.Part)] = [
      ("total", .total), ("policy", .policy), ("value", .value),
      ("preconditioned", .preconditioned), ("observations", .observations),
    ]
    if withLayers { names += run.seeds[0].parts.layers.map { ("layer \($0)", .layer($0)) } }
    parts = names.map { name, part in
      // If no target was reached, all updates of every run.
      let measured =
        hardest.map { target in run.reaching(target).compactMap { $0.noise(part, to: target) } }
        ?? run.seeds.compactMap { UpdateNoise($0.parts.moments[part] ?? []) }
      return Part(part: name, noiseScale: UpdateNoise.lawWeighted(of: measured))
    }
  }

  func show() {
    let searched = search.map { ", \($0.rawValue)" } ?? ""
    standardOutput(
      "\(task), \(algorithm), batch \(Format.grouped(batch))"
        + " (\(Format.grouped(numEnvs)) × \(numSteps)), learning rate"
        + " \(Format.number(learningRate))\(searched), runs: \(runs)\n"
    )
    let largest = curve.compactMap { $0.noiseScale?.value }.max() ?? 1
    Table.show(
      ["updates", "observations", "|G|²", "tr Σ", "noise scale", ""],
      curve.map { stretch in
        [
          stretch.updatesFrom == stretch.updatesTo
            ? Format.grouped(stretch.updatesTo)
            : "\(Format.grouped(stretch.updatesFrom))–\(Format.grouped(stretch.updatesTo))",
          Format.grouped(stretch.observations), Format.number(stretch.gradientSquare),
          Format.number(stretch.covarianceTrace), Format.interval(stretch.noiseScale),
          bar(stretch.noiseScale?.value, largest: largest),
        ]
      }, left: [5])
    standardOutput("")
    Table.show(
      ["target", "updates", "noise scale", "plain average", "likely B_crit"],
      predictions.map {
        [
          Format.shortest($0.target), $0.updates.map { Format.number($0) } ?? "not reached",
          Format.interval($0.noiseScale), Format.interval($0.plainAverage),
          Format.band($0.likelyCriticalBatch),
        ]
      })
    let bands = predictions.compactMap { prediction in
      prediction.likelyCriticalBatch.map { (Format.shortest(prediction.target), $0) }
    }
    PredictionBand.words(bands).forEach { standardOutput($0) }
    standardOutput("")
    Table.show(
      ["gradient", "noise scale"], parts.map { [$0.part, Format.interval($0.noiseScale)] },
      left: [0])
    if let factor = predictions.last(where: { $0.longRunFactor != nil })?.longRunFactor {
      standardOutput(
        "\nover many updates the noise adds up to \(Format.number(factor)) × the noise scale"
          + " (1 + twice the correlation of consecutive updates)")
    }
    standardOutput(
      "\(Format.number(Double(observations))) observations, and"
        + " \(Format.number(Double(searchObservations))) for the learning-rate search")
  }
}

/// A bar on a logarithmic scale: 17 blocks for the largest value, and one fewer for each factor of
/// two below it.
private func bar(_ value: Double?, largest: Double) -> String {
  guard let value, value > 0, largest > 0 else { return "" }
  return String(repeating: "█", count: max(17 + Int(log2(value / largest).rounded()), 0))
}

extension NoiseRun {
  fileprivate func reaching(_ target: Double) -> [Seed] {
    seeds.filter { $0.crossing(target)?.updates != nil }
  }
}

extension NoiseRun.Seed {
  fileprivate func crossing(_ target: Double) -> Crossing? {
    outcome.crossings.first { $0.target == target }
  }

  /// Number of updates up to the upper end of a crossing's bracket.
  private func updates(to target: Double) -> Int { crossing(target)?.bracketHigh.value ?? 0 }

  fileprivate func noise(_ part: NoiseParts.Part, to target: Double) -> UpdateNoise? {
    UpdateNoise(Array((parts.moments[part] ?? []).prefix(updates(to: target))))
  }

  fileprivate func longRunFactor(to target: Double) -> Double? {
    let count = updates(to: target)
    let squares = parts.deviationSquares.prefix(count).dropFirst().reduce(0, +)
    guard count > 2, squares > 0 else { return nil }
    return max(1 + 2 * parts.laggedProducts.prefix(count - 1).reduce(0, +) / squares, 0)
  }
}
