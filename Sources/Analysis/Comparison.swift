import Foundation
public import Records

/// Critical batch and noise scale of tasks against several measures of their complexity.
///
/// Encoded as JSON it is the document of `batchlab compare --json`; every key is always there.
public struct Comparison: Codable, Hashable, Sendable {
  /// The batch of `reference_observations`, in observations.
  public var referenceBatch: Double
  public var bootstrap: BootstrapSettings
  /// Every target of every task, whether it takes part or not.
  public var points: [ComparedTarget]
  /// The relations over tasks, apart for each algorithm.
  public var comparisons: [AlgorithmComparison]

  private enum CodingKeys: String, CodingKey {
    case bootstrap, points, comparisons
    case referenceBatch = "reference_batch"
  }

  /// Compares the tasks of studies.
  ///
  /// A target takes part where the verdict of its fit is `fitted`, and each task once: with its
  /// hardest such target, from the first study that has it. All others are only listed.
  public init(
    _ fits: [FittedGroup], traits: [String: TaskTraits], referenceBatch: Double = 1024,
    seed: Int = 1, resamples: Int = 2000
  ) {
    self.referenceBatch = referenceBatch
    bootstrap = BootstrapSettings(seed: seed, resamples: max(resamples, 0))
    var points = fits.map { fit in
      ComparedTarget(
        fit, traits: fit.report.task.flatMap { traits[$0] }, referenceBatch: referenceBatch)
    }
    points.chooseHardest()
    self.points = points
    comparisons = Set(points.compactMap(\.algorithm)).sorted().map { algorithm in
      AlgorithmComparison(
        algorithm, points.filter { $0.isCompared && $0.algorithm == algorithm }, seed: seed,
        resamples: resamples)
    }
  }
}

/// A group of runs of a study with the law fitted to it.
public struct FittedGroup: Hashable, Sendable {
  /// The study's name.
  public var study: String
  public var report: FitReport
  /// Minibatches of a rollout: the noise scale is that of one of them.
  public var minibatches: Int

  public init(study: String, group: RunGroup, report: FitReport) {
    self.study = study
    self.report = report
    minibatches = group.minibatches
    if group.runs.isEmpty { self.report.reason = "no run at a tuned learning rate" }
  }
}

/// A target of a task as it enters the comparison, or why it doesn't.
public struct ComparedTarget: Codable, Hashable, Sendable {
  public var study: String
  @Nullable public var task: String?
  @Nullable public var target: String?
  @Nullable public var algorithm: String?
  @Nullable public var horizon: Int?
  public var verdict: Verdict
  /// B_crit in observations, with its interval; maybe a bound.
  @Nullable public var criticalBatch: Estimate?
  /// The B_crit that the noise scale predicts: B̂ × minibatches, in observations.
  @Nullable public var predictedBatch: Estimate?
  /// log10(prediction/B_crit).
  @Nullable public var logRatio: Double?
  /// By the names of the axes, `null` where an axis has no value.
  public var complexity: [String: Nullable<Double>]
  /// Whether it takes part in the relations.
  public var isCompared: Bool
  /// Why it doesn't.
  @Nullable public var reason: String?

  private enum CodingKeys: String, CodingKey {
    case study, task, target, algorithm, horizon, verdict, complexity, reason
    case criticalBatch = "critical_batch"
    case predictedBatch = "predicted_critical_batch"
    case logRatio = "log10_ratio"
    case isCompared = "compared"
  }

  init(_ fit: FittedGroup, traits: TaskTraits?, referenceBatch: Double) {
    let report = fit.report
    study = fit.study
    (task, target, algorithm) = (report.task, report.target, report.algorithm)
    horizon = report.horizon
    verdict = report.verdict
    isCompared = report.verdict == .fitted
    reason = report.reason
    complexity = Dictionary(
      uniqueKeysWithValues: ComplexityAxis.allCases.map { axis in
        let value = axis.value(of: report, traits: traits, referenceBatch: referenceBatch)
        return (axis.rawValue, Nullable(wrappedValue: value))
      })
    criticalBatch = report.criticalBatch
    predictedBatch = report.noiseScale?.times(Double(fit.minibatches))
    // The estimate of a single noisy run may be negative.
    if isCompared, let critical = criticalBatch?.value, let predicted = predictedBatch?.value,
      predicted > 0
    {
      logRatio = log10(predicted / critical)
    }
  }

  public subscript(axis: ComplexityAxis) -> Double? { complexity[axis.rawValue]?.wrappedValue }
}

extension [ComparedTarget] {
  /// Leaves one target a task and algorithm in, the one of the highest score.
  fileprivate mutating func chooseHardest() {
    var chosen: [[String?]: Int] = [:]
    for index in indices where self[index].isCompared {
      let key = [self[index].task, self[index].algorithm]
      guard let other = chosen[key] else {
        chosen[key] = index
        continue
      }
      let isHarder = self[index].score > self[other].score
      let (kept, left) = isHarder ? (index, other) : (other, index)
      chosen[key] = kept
      self[left].isCompared = false
      self[left].reason =
        self[left].score == self[kept].score
        ? "the task counts once, as measured in \(self[kept].study)"
        : "the task counts once, with its hardest fitted target"
    }
  }
}

extension ComparedTarget {
  fileprivate var score: Double { target.flatMap(Double.init) ?? -.infinity }
}

/// The relations over the tasks of one algorithm.
public struct AlgorithmComparison: Codable, Hashable, Sendable {
  public var algorithm: String
  /// Tasks that take part.
  public var tasks: Int
  public var prediction: Prediction
  public var axes: [AxisComparison]

  fileprivate init(_ algorithm: String, _ points: [ComparedTarget], seed: Int, resamples: Int) {
    self.algorithm = algorithm
    tasks = points.count
    func relation(
      _ axis: ComplexityAxis, with quantity: (ComparedTarget) -> Estimate?
    ) -> Relation {
      let pairs = points.compactMap { point -> UncertainPair? in
        guard let x = point[axis], let y = UncertainLogarithm(quantity(point)) else { return nil }
        return UncertainPair(x: UncertainLogarithm(exact: x), y: y)
      }
      return Relation(pairs, seed: seed, resamples: resamples)
    }
    axes = ComplexityAxis.allCases.map { axis in
      AxisComparison(
        axis: axis, unit: axis.unit,
        criticalBatch: relation(axis, with: \.criticalBatch),
        predictedBatch: relation(axis, with: \.predictedBatch))
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

/// Critical batch and noise scale against one measure of complexity.
public struct AxisComparison: Codable, Hashable, Sendable {
  public var axis: ComplexityAxis
  public var unit: String
  public var criticalBatch: Relation
  public var predictedBatch: Relation

  private enum CodingKeys: String, CodingKey {
    case axis, unit
    case criticalBatch = "critical_batch"
    case predictedBatch = "predicted_critical_batch"
  }
}
