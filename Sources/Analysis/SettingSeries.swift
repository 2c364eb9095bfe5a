import Foundation
public import Records

/// A question at its place along a setting. Only fitted questions have a critical batch, S_min and
/// E_min here.
public struct SettingPoint: Encodable, Hashable, Sendable {
  public var study: String
  public var question: Question
  /// Other settings, if there are several series of the task and target: those in which they differ.
  @Nullable public var others: String?
  /// The setting's value as a user would write it.
  public var value: String
  @Nullable public var number: Double?
  /// Weights of the network; `nil` if they are not known.
  @Nullable public var parameters: Int?
  public var verdict: Verdict
  @Nullable public var criticalBatch: Estimate?
  @Nullable public var noiseScale: Estimate?
  @Nullable public var minimumUpdates: Estimate?
  @Nullable public var minimumObservations: Estimate?
  /// Whether the value is the setting's default. Not encoded.
  var isStandard: Bool

  init(_ fit: FitReport, of study: String, _ value: SettingAxis.Value, parameters: Int?) {
    (self.study, question, verdict) = (study, fit.question, fit.verdict)
    (self.value, number, isStandard) = (value.word, value.number, value.isStandard)
    self.parameters = parameters
    noiseScale = fit.noiseScale
    guard fit.verdict == .fitted else { return }
    (criticalBatch, minimumUpdates) = (fit.criticalBatch, fit.minimumUpdates)
    minimumObservations = fit.minimumObservations
  }

  /// The prediction over what was measured; `nil` without both.
  public var quotient: Double? { logarithm(.quotient).map { exp($0.centre) } }

  /// The logarithm of a quantity with its error; `nil` without a positive value.
  func logarithm(_ quantity: SettingQuantity) -> UncertainLogarithm? {
    switch quantity {
    case .criticalBatch: return UncertainLogarithm(criticalBatch)
    case .noiseScale: return UncertainLogarithm(noiseScale)
    case .minimumUpdates: return UncertainLogarithm(minimumUpdates)
    case .minimumObservations: return UncertainLogarithm(minimumObservations)
    case .quotient:
      guard var noise = UncertainLogarithm(noiseScale),
        let critical = UncertainLogarithm(criticalBatch)
      else { return nil }
      // Without an interval of either, that of the quotient isn't known.
      let variance = noise.knownVariance.flatMap { own in critical.knownVariance.map { own + $0 } }
      noise.centre -= critical.centre
      noise.below = (variance ?? 0).squareRoot()
      noise.above = noise.below
      return noise
    }
  }

  private enum CodingKeys: String, CodingKey {
    case study, others, value, number, parameters, verdict
    case criticalBatch = "critical_batch"
    case noiseScale = "noise_scale"
    case minimumUpdates = "minimum_updates"
    case minimumObservations = "minimum_observations"
  }

  public func encode(to encoder: any Encoder) throws {
    try question.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(study, forKey: .study)
    try keys.encode(_others, forKey: .others)
    try keys.encode(value, forKey: .value)
    try keys.encode(_number, forKey: .number)
    try keys.encode(_parameters, forKey: .parameters)
    try keys.encode(verdict, forKey: .verdict)
    try keys.encode(_criticalBatch, forKey: .criticalBatch)
    try keys.encode(_noiseScale, forKey: .noiseScale)
    try keys.encode(_minimumUpdates, forKey: .minimumUpdates)
    try keys.encode(_minimumObservations, forKey: .minimumObservations)
  }
}

/// Questions that differ in one setting only.
struct SettingSeries {
  struct Key: Hashable {
    var task: String?
    var target: Target?
    /// The other settings.
    var others: [String]
  }

  var key: Key
  var game: String
  var points: [SettingPoint]

  /// The exponent a of quantity ∝ value^a; `nil` unless the quantity is known at two values. Of
  /// several points of a value, such as those of several studies, the first counts. With two
  /// points, the interval comes from their errors alone, if both are known. With more, all points
  /// weigh the same if an error isn't known.
  func exponent(of quantity: SettingQuantity) -> Estimate? {
    var seen: Set<Double> = []
    var pairs = points.compactMap { point -> UncertainPair? in
      guard let number = point.number, number > 0, let y = point.logarithm(quantity),
        seen.insert(number).inserted
      else { return nil }
      return UncertainPair(x: UncertainLogarithm(exact: number), y: y)
    }
    let variances = pairs.compactMap(\.y.knownVariance)
    for index in pairs.indices {
      let deviation = variances.count == pairs.count ? variances[index].squareRoot() : 0
      (pairs[index].y.below, pairs[index].y.above) = (deviation, deviation)
    }
    if let line = UncertainLine(pairs) { return Estimate(line.slope, line.slopeInterval) }
    guard pairs.count == 2, pairs[0].x.centre != pairs[1].x.centre else { return nil }
    let distance = pairs[1].x.centre - pairs[0].x.centre
    return difference(pairs[1].y, pairs[0].y).times(1 / distance)
  }

  /// The logarithm of the ratio of a quantity at two values; `nil` unless it is known at both. Of
  /// several points of a value, such as those of several studies, the first counts.
  func logarithmOfRatio(
    of quantity: SettingQuantity, at value: String, to reference: String
  ) -> Estimate? {
    func first(_ value: String) -> UncertainLogarithm? {
      points.lazy.filter { $0.value == value }.compactMap { $0.logarithm(quantity) }.first
    }
    guard let own = first(value), let other = first(reference) else { return nil }
    return difference(own, other)
  }

  /// With an interval by both errors, if they are known.
  private func difference(_ one: UncertainLogarithm, _ other: UncertainLogarithm) -> Estimate {
    let difference = one.centre - other.centre
    guard let own = one.knownVariance, let others = other.knownVariance else {
      return Estimate(value: difference)
    }
    let half = 1.96 * (own + others).squareRoot()
    return Estimate(value: difference, low: difference - half, high: difference + half)
  }
}

extension [SettingSeries] {
  /// Where a task and target has several series, notes at their points which other settings differ.
  mutating func nameDifferences() {
    for index in indices {
      let key = self[index].key
      let same = filter { $0.key.task == key.task && $0.key.target == key.target }
      let common = same.dropFirst().reduce(Set(key.others)) { $0.intersection($1.key.others) }
        .intersection(same.first?.key.others ?? [])
      let own = key.others.filter { !common.contains($0) }
      guard same.count > 1 else { continue }
      for place in self[index].points.indices {
        self[index].points[place].others = own.joined(separator: " ")
      }
    }
  }

  /// The value that the others are compared with: that with a B_crit in most series, then that in
  /// most series, the default, the first.
  var reference: String? {
    var values: [String: (fitted: Int, known: Int, standard: Int, order: Int)] = [:]
    for series in self {
      var counted: [String: Bool] = [:]
      for point in series.points {
        let isFitted = counted[point.value] == true || point.criticalBatch != nil
        counted[point.value] = isFitted
        if values[point.value] == nil {
          values[point.value] = (0, 0, point.isStandard ? 1 : 0, -values.count)
        }
      }
      for (value, isFitted) in counted {
        values[value]?.fitted += isFitted ? 1 : 0
        values[value]?.known += 1
      }
    }
    return values.max { $0.value < $1.value }?.key
  }
}

extension UncertainLogarithm {
  /// The squared deviation; of a side that isn't known it is that of the other side. `nil` without
  /// an interval.
  fileprivate var knownVariance: Double? {
    let sides = [below, above].filter { $0 > 0 }
    guard !sides.isEmpty else { return nil }
    let deviation = mean(sides)
    return deviation * deviation
  }
}
