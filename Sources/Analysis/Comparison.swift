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
  /// The relations over tasks, for each algorithm separately. With tables among the sources also
  /// those over all runs together, because a table doesn't name its algorithm.
  public var comparisons: [AlgorithmComparison]
  /// Pairs of sources that differ only in the study seed.
  public var replicates: [Replicates] = []

  private enum CodingKeys: String, CodingKey {
    case bootstrap, points, comparisons, replicates
    case referenceBatch = "reference_batch"
  }

  /// Compares the tasks of studies and tables, each with its name and its fits.
  ///
  /// Each task counts once: with the hardest target whose fit has the verdict `fitted`, from the
  /// first source that has it. All other targets are only listed.
  ///
  /// - Parameter traits: What is known of the studies' tasks, by name. A task of a table may be
  ///   another one of the same name, so it has none.
  public init(
    _ sources: [(name: String, fits: [FitReport])], traits: [String: TaskTraits],
    referenceBatch: Double = 1024, seed: Int = 1, resamples: Int = 2000
  ) {
    self.referenceBatch = referenceBatch
    bootstrap = BootstrapSettings(seed: seed, resamples: max(resamples, 0))
    var points = sources.flatMap { source in
      source.fits.map { fit in
        let task = fit.question.isOfTable ? nil : fit.question.task
        return ComparedTarget(
          fit, of: source.name, traits: task.flatMap { traits[$0] }, referenceBatch: referenceBatch)
      }
    }
    points.chooseHardest()
    self.points = points
    let groups = Algorithm.allCases.map(Optional.some)
      .filter { algorithm in points.contains { $0.fit.question.algorithm == algorithm } }
    let hasTables = points.contains { $0.fit.question.isOfTable }
    comparisons = (groups + (hasTables ? [nil] : [])).map { algorithm in
      AlgorithmComparison(
        algorithm, points.compared(by: algorithm), seed: seed, resamples: resamples)
    }
  }
}

/// A target in a comparison.
public struct ComparedTarget: Hashable, Sendable {
  /// The name of the study or table.
  public var study: String
  public var fit: FitReport
  /// log10(prediction/B_crit); `nil` if the target is not compared or has no prediction.
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
    isCompared = fit.verdict == .fitted && !fit.isUntuned
    reason = fit.reason ?? fit.untunedSentence
    complexity = [:]
    for axis in ComplexityAxis.allCases {
      complexity[axis] = axis.value(of: fit, traits: traits, referenceBatch: referenceBatch)
    }
    // The estimate of a single noisy run may be negative.
    if isCompared, let critical = criticalBatch?.value, let predicted = predictedBatch?.value,
      predicted > 0
    {
      logRatio = log10(predicted / critical)
    }
  }

  public var criticalBatch: Estimate? { fit.criticalBatch }
  public var predictedBatch: Estimate? { fit.noiseScale }
  public subscript(axis: ComplexityAxis) -> Double? { complexity[axis] }
}

extension ComparedTarget: Encodable {
  private enum CodingKeys: String, CodingKey {
    case study, verdict, complexity, reason
    case criticalBatch = "critical_batch"
    case predictedBatch = "predicted_critical_batch"
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
    try keys.encode(fit.verdict, forKey: .verdict)
    try keys.encode(Dictionary(uniqueKeysWithValues: measures), forKey: .complexity)
    try keys.encode(criticalBatch, forKey: .criticalBatch)
    try keys.encode(predictedBatch, forKey: .predictedBatch)
    try keys.encode(logRatio, forKey: .logRatio)
    try keys.encode(isCompared, forKey: .isCompared)
    try keys.encode(reason, forKey: .reason)
  }
}

extension [ComparedTarget] {
  /// The compared targets of an algorithm; with `nil` those of all sources, where a task counts
  /// once even if several algorithms were trained on it.
  fileprivate func compared(by algorithm: Algorithm?) -> [ComparedTarget] {
    var tasks: Set<String?> = []
    return filter { point in
      let question = point.fit.question
      guard point.isCompared else { return false }
      return algorithm.map { question.algorithm == $0 } ?? tasks.insert(question.task).inserted
    }
  }

  /// Keeps one target per task and algorithm: the hardest.
  fileprivate mutating func chooseHardest() {
    var chosen: [Question: Int] = [:]
    for index in indices where self[index].isCompared {
      let key = self[index].fit.question.comparisonKey
      guard let other = chosen[key] else {
        chosen[key] = index
        continue
      }
      let (target, otherTarget) = (self[index].fit.question.target, self[other].fit.question.target)
      let (kept, left) =
        self[index].isHarder(than: self[other]) ? (index, other) : (other, index)
      chosen[key] = kept
      self[left].isCompared = false
      self[left].reason =
        target == otherTarget
        ? "the task counts once, as measured in \(self[kept].study)"
        : "the task counts once, with its hardest fitted target"
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

/// The relations over the tasks of one algorithm, or over those of all sources.
public struct AlgorithmComparison: Codable, Hashable, Sendable {
  /// `nil` for all sources together.
  @Nullable public var algorithm: Algorithm?
  public var name: String { algorithm?.rawValue ?? "all runs" }
  /// Number of tasks that are compared.
  public var tasks: Int
  public var prediction: Prediction
  public var axes: [AxisComparison]

  fileprivate init(
    _ algorithm: Algorithm?, _ points: [ComparedTarget], seed: Int, resamples: Int
  ) {
    self.algorithm = algorithm
    tasks = points.count
    func relation(
      _ axis: ComplexityAxis, isFromFit: Bool, with quantity: (ComparedTarget) -> Estimate?
    ) -> Relation {
      let pairs = points.compactMap {
        axis.pair(of: $0, with: quantity($0), isFromFit: isFromFit)
      }
      return Relation(pairs, seed: seed, resamples: resamples)
    }
    // Nothing else is known of the tasks of tables.
    let known = algorithm == nil ? [.data, .updates, .reference] : ComplexityAxis.allCases
    axes = known.map { axis in
      AxisComparison(
        axis: axis, unit: axis.unit,
        criticalBatch: relation(axis, isFromFit: true, with: \.criticalBatch),
        predictedBatch: relation(axis, isFromFit: false, with: \.predictedBatch))
    }
    prediction = Prediction(
      points.compactMap { point in
        guard let x = UncertainLogarithm(point.predictedBatch),
          let y = UncertainLogarithm(point.criticalBatch)
        else { return nil }
        return UncertainPair(x: x, y: y)
      }, seed: seed, resamples: resamples)
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
    case predictedBatch = "predicted_critical_batch"
  }
}
