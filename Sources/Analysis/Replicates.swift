import Foundation
public import Records

/// A comparison of two studies of the same plan with different study seeds: how often the 95 %
/// interval of B_crit in one contains the value of the other.
///
/// A task counts if both plans agree on it and on the search; only the study seed differs, and
/// perhaps the version of the numerics.
///
/// With se from each interval, z = ln(B₁/B₂)/√(se₁² + se₂²). Half the interval's width in ln B_crit
/// is t·se, where t is the quantile of Student's t with ν degrees of freedom, batches less two, as
/// in the fit.
public struct Replicates: Encodable, Hashable, Sendable {
  /// A study with its fits.
  public struct Source: Sendable {
    var name: String
    var plan: StudyPlan
    var fits: [FitReport]

    public init(name: String, plan: StudyPlan, fits: [FitReport]) {
      (self.name, self.plan, self.fits) = (name, plan, fits)
    }
  }

  /// One of the two studies.
  public struct Side: Codable, Hashable, Sendable {
    public var study: String
    public var seed: Int
    public var numerics: Int
  }

  public var first: Side
  public var second: Side
  /// The targets that are fitted in both.
  public var targets: [ReplicatedTarget]
  /// The targets whose verdicts differ.
  public var changes: [VerdictChange]
  /// Questions that both studies have measured.
  public var questions: Int

  /// All pairs of replicates, in the order of the sources.
  public static func all(among sources: [Source]) -> [Replicates] {
    sources.indices.flatMap { first in
      sources.indices.dropFirst(first + 1).compactMap { Replicates(sources[first], sources[$0]) }
    }
  }

  /// `nil` if the studies have the same seed or no task that both measure in the same way.
  init?(_ first: Source, _ second: Source) {
    let tasks = first.plan.tasksRepeated(in: second.plan)
    guard !tasks.isEmpty else { return nil }
    func side(_ source: Source) -> Side {
      Side(study: source.name, seed: source.plan.seed, numerics: source.plan.numerics)
    }
    (self.first, self.second) = (side(first), side(second))
    let others = Dictionary(
      second.fits.map { ($0.question, $0) }, uniquingKeysWith: { first, _ in first })
    let pairs = first.fits.compactMap { fit -> (FitReport, FitReport)? in
      guard let task = fit.question.taskVariant, tasks.contains(task), fit.batches > 0,
        let other = others[fit.question], other.batches > 0
      else { return nil }
      return (fit, other)
    }
    questions = pairs.count
    targets = pairs.compactMap { ReplicatedTarget($0, $1) }
    changes = pairs.filter { $0.verdict != $1.verdict }.map {
      VerdictChange(question: $0.question, first: $0.verdict, second: $1.verdict)
    }
  }

  /// Number of values of B_crit inside the other study's interval, out of two per target.
  public var inside: Int {
    targets.reduce(0) { $0 + ($1.isFirstInSecond ? 1 : 0) + ($1.isSecondInFirst ? 1 : 0) }
  }

  /// Their share; `nil` without a target.
  public var insideShare: Double? {
    targets.isEmpty ? nil : Double(inside) / Double(2 * targets.count)
  }

  /// The share that independent replicates have if the intervals are correct: their difference has
  /// √2 times the standard error of one, so it is the mean of P(|T| < t/√2) over the intervals. It
  /// is 83.4 % if the standard error is known, and 86.6 % with eight batches.
  public var expectedShare: Double? {
    targets.isEmpty ? nil : mean(targets.map(\.expectedShare))
  }

  /// Root of the mean of z².
  public var rootMeanSquare: Double? {
    targets.isEmpty ? nil : mean(targets.map { $0.z * $0.z }).squareRoot()
  }

  /// What independent replicates have if the intervals are correct. Standard errors are estimated,
  /// so z is Student's with f = 4/(1/ν₁ + 1/ν₂) degrees of freedom, and z² has the mean f/(f − 2):
  /// ν/(ν − 1) if both studies have ν. The root is 1 if the standard errors are known, 1.10 with
  /// eight batches, and 1.41 with four.
  public var expectedRootMeanSquare: Double? {
    targets.isEmpty ? nil : mean(targets.map(\.expectedSquare)).squareRoot()
  }

  /// The changes between `fitted` and `rejected`.
  public var flips: [VerdictChange] { changes.filter(\.isFlip) }

  private enum CodingKeys: String, CodingKey {
    case first, second, questions, targets, inside, flips
    case insideShare = "inside_share"
    case expectedShare = "expected_share"
    case rootMeanSquare = "rms_z"
    case expectedRootMeanSquare = "expected_rms_z"
    case changes = "verdict_changes"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(first, forKey: .first)
    try keys.encode(second, forKey: .second)
    try keys.encode(questions, forKey: .questions)
    try keys.encode(targets, forKey: .targets)
    try keys.encode(inside, forKey: .inside)
    try keys.encode(insideShare, forKey: .insideShare)
    try keys.encode(expectedShare, forKey: .expectedShare)
    try keys.encode(rootMeanSquare, forKey: .rootMeanSquare)
    try keys.encode(expectedRootMeanSquare, forKey: .expectedRootMeanSquare)
    try keys.encode(flips.count, forKey: .flips)
    try keys.encode(changes, forKey: .changes)
  }
}

/// A target that is fitted in both replicates.
public struct ReplicatedTarget: Encodable, Hashable, Sendable {
  public var question: Question
  public var first: Estimate
  public var second: Estimate
  /// ln(B₁/B₂) over its standard error.
  public var z: Double
  /// Whether a study's value lies inside the other's interval.
  public var isFirstInSecond: Bool
  public var isSecondInFirst: Bool
  var expectedShare: Double
  /// The mean of z² if the intervals are correct.
  var expectedSquare: Double

  /// `nil` unless both are fitted.
  init?(_ first: FitReport, _ second: FitReport) {
    guard first.verdict == .fitted, second.verdict == .fitted,
      let one = LogValue(first), let two = LogValue(second)
    else { return nil }
    question = first.question
    (self.first, self.second) = (one.estimate, two.estimate)
    z = (one.value - two.value) / (one.error * one.error + two.error * two.error).squareRoot()
    isFirstInSecond = two.holds(one)
    isSecondInFirst = one.holds(two)
    expectedShare = (one.expectedShare + two.expectedShare) / 2
    let freedom = 4 / (1 / one.freedom + 1 / two.freedom)
    expectedSquare = freedom / (freedom - 2)
  }

  /// ln B_crit of a fit.
  private struct LogValue {
    var estimate: Estimate
    var value: Double
    var interval: ClosedRange<Double>
    /// Student's quantile and its degrees of freedom.
    var quantile: Double
    var freedom: Double

    /// `nil` without an interval of some width.
    init?(_ fit: FitReport) {
      guard let estimate = fit.criticalBatch, let value = estimate.value, let low = estimate.low,
        let high = estimate.high, low > 0, low < high, fit.points.count >= FitLimits.fewestBatches
      else { return nil }
      self.estimate = estimate
      self.value = log(value)
      interval = log(low)...log(high)
      freedom = Double(fit.points.count - 2)
      quantile = studentDeviations(freedom: freedom)
    }

    var error: Double { (interval.upperBound - interval.lowerBound) / 2 / quantile }

    var expectedShare: Double { 1 - fisherTail(quantile * quantile / 2, 1, freedom) }

    func holds(_ other: LogValue) -> Bool { interval.contains(other.value) }
  }

  private enum CodingKeys: String, CodingKey {
    case first, second, z
    case isFirstInSecond = "first_in_second"
    case isSecondInFirst = "second_in_first"
  }

  public func encode(to encoder: any Encoder) throws {
    try question.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(first, forKey: .first)
    try keys.encode(second, forKey: .second)
    try keys.encode(z, forKey: .z)
    try keys.encode(isFirstInSecond, forKey: .isFirstInSecond)
    try keys.encode(isSecondInFirst, forKey: .isSecondInFirst)
  }
}

/// A target whose verdict differs between replicates.
public struct VerdictChange: Encodable, Hashable, Sendable {
  public var question: Question
  public var first: Verdict
  public var second: Verdict

  /// Whether one study says `fitted` and the other `rejected`.
  public var isFlip: Bool { Set([first, second]) == [.fitted, .rejected] }

  private enum CodingKeys: String, CodingKey { case first, second }

  public func encode(to encoder: any Encoder) throws {
    try question.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(first, forKey: .first)
    try keys.encode(second, forKey: .second)
  }
}

extension StudyPlan {
  /// The tasks that another plan measures in the same way with another seed; empty if the seeds are
  /// the same.
  func tasksRepeated(in other: StudyPlan) -> Set<TaskVariant> {
    guard seed != other.seed, learningRateFactor == other.learningRateFactor else { return [] }
    let resolved = Dictionary(
      other.tasks.map { ($0.name, $0.withSeeds(of: other)) },
      uniquingKeysWith: { first, _ in first })
    return Set(tasks.filter { resolved[$0.name] == $0.withSeeds(of: self) }.map(\.name))
  }
}

extension TaskPlan {
  /// The same with the numbers of seeds that it has in its study.
  fileprivate func withSeeds(of plan: StudyPlan) -> TaskPlan {
    var copy = self
    copy.tuningSeeds = plan.seeds(of: self, .tuning)
    copy.measuringSeeds = plan.seeds(of: self, .measuring)
    return copy
  }
}
