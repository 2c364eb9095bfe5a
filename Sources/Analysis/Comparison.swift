import Foundation
public import Records

/// Critical batches and noise scales of tasks, compared with several measures of the tasks'
/// complexity.
///
/// Its JSON is the document of `batchlab compare --json`; every key is always present.
public struct Comparison: Encodable, Hashable, Sendable {
  /// The batch at which `reference_observations` is read, in observations.
  public var referenceBatch: Double
  public var bootstrap: BootstrapSettings
  /// Every target of every task, compared or not.
  public var points: [ComparedTarget]
  /// The relations over tasks, for each algorithm and optimizer separately. If there are tables
  /// among the sources, also over all runs together, because a table doesn't name its algorithm.
  public var comparisons: [TrainingComparison]
  /// Pairs of sources that differ only in the study seed.
  public var replicates: [Replicates] = []
  /// Along the settings that were asked for.
  public var along: [SettingComparison] = []

  private enum CodingKeys: String, CodingKey {
    case bootstrap, points, comparisons, replicates, along
    case referenceBatch = "reference_batch"
  }

  /// Compares the tasks of studies and tables, each with its name and its fits.
  ///
  /// A task counts with one source for each training: the first that has a fit with the verdict
  /// `fitted`. In relations it counts once, with its hardest such target. `TargetSet` names the
  /// targets of the scores.
  ///
  /// - Parameter traits: What is known of the studies' tasks, by name. A task of a table may be
  ///   another one of the same name, so it has none.
  public init(
    _ sources: [(name: String, fits: [FitReport])], traits: [String: TaskTraits],
    referenceBatch: Double = 1024, seed: Int = 1, resamples: Int = 2000
  ) {
    self.referenceBatch = referenceBatch
    bootstrap = BootstrapSettings(seed: seed, resamples: max(resamples, 0))
    var points = sources.map { source in
      source.fits.map { fit in
        let task = fit.question.isOfTable ? nil : fit.question.task
        return ComparedTarget(
          fit.inGame(by: traits), of: source.name, traits: task.flatMap { traits[$0] },
          referenceBatch: referenceBatch)
      }
    }
    points.chooseSources()
    var all = points.flatMap { $0 }
    all.chooseSets()
    self.points = all
    let groups = Training.all.map(Optional.some)
      .filter { training in all.contains { $0.fit.question.training == training } }
    let hasTables = all.contains { $0.fit.question.isOfTable }
    comparisons = (groups + (hasTables ? [nil] : [])).map { training in
      TrainingComparison(
        training, all.compared(by: training),
        all: all.filter { !$0.sets.isEmpty && $0.fit.question.training == training },
        referenceBatch: referenceBatch, seed: seed, resamples: resamples)
    }
  }
}

/// A target in a comparison.
public struct ComparedTarget: Hashable, Sendable {
  /// The name of the study or table.
  public var study: String
  public var fit: FitReport
  /// The game of the task; comparisons count the tasks of one game as one.
  public var game: String
  /// The sets of targets that it belongs to; empty if it is not fitted, if its learning rate was
  /// not tuned, or if its task counts with another source.
  public var sets: [TargetSet] = []
  /// log10(prediction/B_crit); `nil` if the target is not fitted at a tuned learning rate, or has
  /// no prediction.
  public var logRatio: Double?
  /// The measures that are known.
  var complexity: [ComplexityAxis: Double]
  /// Whether the relations include it.
  public var isCompared: Bool
  /// Why they don't include it.
  public var reason: String?

  init(_ fit: FitReport, of study: String, traits: TaskTraits?, referenceBatch: Double) {
    self.study = study
    self.fit = fit
    game = traits?.game ?? fit.question.task ?? study
    isCompared = fit.verdict == .fitted && !fit.isUntuned
    reason = fit.reason ?? fit.untunedSentence
    complexity = [:]
    for axis in ComplexityAxis.allCases {
      complexity[axis] = axis.value(of: fit, traits: traits, referenceBatch: referenceBatch)
    }
    if isCompared { logRatio = logRatio(of: predictedBatch) }
  }

  /// log10(predicted/B_crit). The estimate of a single noisy run may be negative; it has none.
  func logRatio(of predicted: Estimate?) -> Double? {
    guard let predicted = predicted?.value, predicted > 0, let critical = criticalBatch?.value
    else { return nil }
    return log10(predicted / critical)
  }

  public var criticalBatch: Estimate? { fit.criticalBatch }
  public var predictedBatch: Estimate? { fit.noiseScale }
  /// Where B_crit is expected to lie; `nil` without a prediction.
  public var likelyBatch: PredictionBand? { fit.likelyBatch }
  /// The prediction (x) and B_crit; `nil` without a positive value of either.
  var predictedPair: UncertainPair? {
    guard let x = UncertainLogarithm(predictedBatch), let y = UncertainLogarithm(criticalBatch)
    else { return nil }
    return UncertainPair(game: game, x: x, y: y)
  }
  public subscript(axis: ComplexityAxis) -> Double? { complexity[axis] }
}

extension ComparedTarget: Encodable {
  private enum CodingKeys: String, CodingKey {
    case study, game, sets, verdict, complexity, reason
    case criticalBatch = "critical_batch"
    case predictedBatch = "noise_scale"
    case likelyBatch = "likely_critical_batch"
    case parts = "noise_scales_of_parts"
    case logRatio = "log10_ratio"
    case isCompared = "compared"
  }

  public func encode(to encoder: any Encoder) throws {
    try fit.question.encode(to: encoder)
    let measures = ComplexityAxis.allCases.map {
      ($0.rawValue, Nullable(wrappedValue: complexity[$0]))
    }
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(study, forKey: .study)
    try keys.encode(game, forKey: .game)
    try keys.encode(sets, forKey: .sets)
    try keys.encode(fit.verdict, forKey: .verdict)
    try keys.encode(Dictionary(uniqueKeysWithValues: measures), forKey: .complexity)
    try keys.encode(criticalBatch, forKey: .criticalBatch)
    try keys.encode(predictedBatch, forKey: .predictedBatch)
    try keys.encode(likelyBatch, forKey: .likelyBatch)
    try keys.encode(fit.parts, forKey: .parts)
    try keys.encode(logRatio, forKey: .logRatio)
    try keys.encode(isCompared, forKey: .isCompared)
    try keys.encode(reason, forKey: .reason)
  }
}

extension [ComparedTarget] {
  /// The compared targets of one training; with `nil` those of all sources, where a task or variant
  /// counts once even if it was trained in several ways.
  fileprivate func compared(by training: Training?) -> [ComparedTarget] {
    var tasks: Set<TaskVariant?> = []
    return filter { point in
      let question = point.fit.question
      guard point.isCompared else { return false }
      return training.map { question.training == $0 } ?? tasks.insert(question.taskVariant).inserted
    }
  }

  /// Assigns the fitted targets to sets. Only the hardest of each task and training is compared.
  fileprivate mutating func chooseSets() {
    var easiest: [Question: Int] = [:]
    for index in indices where self[index].isCompared {
      let key = self[index].fit.question.comparisonKey
      self[index].sets = [.all]
      if easiest[key].map({ self[$0].isHarder(than: self[index]) }) ?? true { easiest[key] = index }
    }
    chooseHardest()
    for index in indices where self[index].isCompared { self[index].sets.append(.hardest) }
    for index in easiest.values { self[index].sets.append(.easiest) }
  }

  /// Keeps one target per task and training: the hardest.
  private mutating func chooseHardest() {
    var chosen: [Question: Int] = [:]
    for index in indices where self[index].isCompared {
      let key = self[index].fit.question.comparisonKey
      guard let other = chosen[key] else {
        chosen[key] = index
        continue
      }
      let (kept, left) =
        self[index].isHarder(than: self[other]) ? (index, other) : (other, index)
      chosen[key] = kept
      self[left].isCompared = false
      self[left].reason = "the task counts once, with its hardest fitted target"
    }
  }
}

extension [[ComparedTarget]] {
  /// Of the targets of each source, keeps those of tasks that no source before it has fitted, in
  /// whichever variant, so that the targets of a task are never those of different studies.
  fileprivate mutating func chooseSources() {
    var counted: [Question: String] = [:]
    for source in indices {
      var own: [Question: String] = [:]
      for index in self[source].indices where self[source][index].isCompared {
        let key = self[source][index].fit.question.comparisonKey.atAnyVariant
        if let name = counted[key] {
          self[source][index].isCompared = false
          self[source][index].reason = "the task counts once, as measured in \(name)"
        } else {
          own[key] = self[source][index].study
        }
      }
      counted.merge(own) { first, _ in first }
    }
  }
}

extension ComparedTarget {
  /// Whether its target is a higher score. In a table it may be a loss, so there the target that
  /// takes more data is the harder one.
  fileprivate func isHarder(than other: ComparedTarget) -> Bool {
    let (own, others) = (fit.question.target ?? Target(""), other.fit.question.target ?? Target(""))
    guard fit.question.isOfTable else { return others < own }
    return own != others
      && (fit.minimumObservations?.value ?? 0) > (other.fit.minimumObservations?.value ?? 0)
  }
}

/// The relations over the tasks of one training, or over those of all sources.
public struct TrainingComparison: Codable, Hashable, Sendable {
  /// `nil` for all sources together.
  @Nullable public var algorithm: Algorithm?
  @Nullable public var optimizer: OptimizerKind?
  /// Number of tasks that are compared, and of their games.
  public var tasks: Int
  public var games: Int
  public var prediction: Prediction
  public var axes: [AxisComparison]

  /// `nil` for all sources together.
  public var training: Training? {
    algorithm.flatMap { algorithm in optimizer.map { Training(algorithm, $0) } }
  }
  public var name: String { training?.name ?? "all runs" }

  /// - Parameters:
  ///   - points: The hardest target of each task.
  ///   - all: All targets of the training that belong to a set.
  fileprivate init(
    _ training: Training?, _ points: [ComparedTarget], all: [ComparedTarget],
    referenceBatch: Double, seed: Int, resamples: Int
  ) {
    algorithm = training?.algorithm
    optimizer = training?.optimizer
    tasks = points.count
    games = Set(points.map(\.game)).count
    func relation(
      _ axis: ComplexityAxis, isFromFit: Bool, with quantity: (ComparedTarget) -> Estimate?
    ) -> Relation {
      let pairs = points.compactMap { point in
        axis.pair(of: point, with: quantity(point), isFromFit: isFromFit).map { pair in
          var pair = pair
          pair.game = point.game
          return pair
        }
      }
      return Relation(pairs, seed: seed, resamples: resamples)
    }
    // Nothing else is known of the tasks of tables.
    let known = training == nil ? [.data, .updates, .reference] : ComplexityAxis.allCases
    axes = known.map { axis in
      AxisComparison(
        axis: axis, unit: axis.unit,
        criticalBatch: relation(axis, isFromFit: true, with: \.criticalBatch),
        predictedBatch: relation(axis, isFromFit: false, with: \.predictedBatch))
    }
    prediction = Prediction(
      all, points.compactMap(\.predictedPair), isOneTraining: training != nil,
      referenceBatch: referenceBatch, seed: seed, resamples: resamples)
  }
}

/// Critical batches and predictions against one measure of complexity.
public struct AxisComparison: Codable, Hashable, Sendable {
  public var axis: ComplexityAxis
  var unit: String
  public var criticalBatch: Relation
  public var predictedBatch: Relation

  private enum CodingKeys: String, CodingKey {
    case axis, unit
    case criticalBatch = "critical_batch"
    case predictedBatch = "noise_scale"
  }
}
