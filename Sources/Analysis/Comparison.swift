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
  /// The relations over tasks, for each algorithm separately.
  public var comparisons: [AlgorithmComparison]

  private enum CodingKeys: String, CodingKey {
    case bootstrap, points, comparisons
    case referenceBatch = "reference_batch"
  }

  /// Compares the tasks of studies, each with its name and its fits.
  ///
  /// Each task counts once: with the hardest target whose fit has the verdict `fitted`, from the
  /// first study that has it. All other targets are only listed.
  public init(
    _ studies: [(name: String, fits: [FitReport])], traits: [String: TaskTraits],
    referenceBatch: Double = 1024, seed: Int = 1, resamples: Int = 2000
  ) {
    self.referenceBatch = referenceBatch
    bootstrap = BootstrapSettings(seed: seed, resamples: max(resamples, 0))
    var points = studies.flatMap { study in
      study.fits.map { fit in
        ComparedTarget(
          fit, of: study.name, traits: fit.question.task.flatMap { traits[$0] },
          referenceBatch: referenceBatch)
      }
    }
    points.chooseHardest()
    self.points = points
    comparisons = Algorithm.allCases.compactMap { algorithm in
      let own = points.filter { $0.fit.question.algorithm == algorithm }
      return own.isEmpty
        ? nil
        : AlgorithmComparison(
          algorithm, own.filter(\.isCompared), seed: seed, resamples: resamples)
    }
  }
}

/// A target in a comparison.
public struct ComparedTarget: Hashable, Sendable {
  /// The study's name.
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
    isCompared = fit.verdict == .fitted
    reason = fit.reason
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
  public var predictedBatch: Estimate? { fit.predictedCriticalBatch }
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
  /// Keeps one target per task and algorithm: the one with the highest score.
  fileprivate mutating func chooseHardest() {
    var chosen: [Question: Int] = [:]
    for index in indices where self[index].isCompared {
      let key = self[index].fit.question.comparisonKey
      guard let other = chosen[key] else {
        chosen[key] = index
        continue
      }
      let (target, otherTarget) = (self[index].fit.question.target, self[other].fit.question.target)
      let isHarder = (otherTarget ?? Target("")) < (target ?? Target(""))
      let (kept, left) = isHarder ? (index, other) : (other, index)
      chosen[key] = kept
      self[left].isCompared = false
      self[left].reason =
        target == otherTarget
        ? "the task counts once, as measured in \(self[kept].study)"
        : "the task counts once, with its hardest fitted target"
    }
  }
}

/// The relations over the tasks of one algorithm.
public struct AlgorithmComparison: Codable, Hashable, Sendable {
  public var algorithm: Algorithm
  public var name: String { algorithm.rawValue }
  /// Number of tasks that are compared.
  public var tasks: Int
  public var prediction: Prediction
  public var axes: [AxisComparison]

  fileprivate init(
    _ algorithm: Algorithm, _ points: [ComparedTarget], seed: Int, resamples: Int
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
    axes = ComplexityAxis.allCases.map { axis in
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
