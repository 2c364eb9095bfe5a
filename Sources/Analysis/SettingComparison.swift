import Foundation
public import Records

/// Critical batches and noise scales along a setting, at equal scores.
///
/// A series is made of questions that differ in nothing else: they are of one task and target, and
/// all other settings are the same.
///
/// Its JSON is `along` in the document of `batchlab compare --json`; every key is always present.
public struct SettingComparison: Encodable, Hashable, Sendable {
  public var setting: String
  /// Series after series, each along the setting.
  public var points: [SettingPoint]
  /// The exponents of each series; empty unless all values are positive numbers.
  public var exponents: [SeriesExponent]
  public var relations: [SettingRelation]

  /// - Parameters:
  ///   - sources: studies with their fits, as for a `Comparison`.
  ///   - parameters: the number of weights of a fit's network; `nil` if it isn't known.
  public init(
    _ axis: SettingAxis, of sources: [(name: String, fits: [FitReport])],
    traits: [String: TaskTraits], parameters: (FitReport) -> Int?
  ) {
    setting = axis.name
    var series: [SettingSeries] = []
    for (study, fits) in sources {
      for fit in fits {
        let weights = parameters(fit)
        guard !fit.isUntuned, fit.batches > 0,
          let value = axis.value(of: fit, parameters: weights)
        else { continue }
        let key = SettingSeries.Key(
          task: fit.question.task, target: fit.question.target, others: axis.others(of: fit))
        let point = SettingPoint(fit, of: study, value, parameters: weights)
        if let index = series.firstIndex(where: { $0.key == key }) {
          series[index].points.append(point)
        } else {
          let game = fit.question.task.map { traits[$0]?.game ?? $0 } ?? study
          series.append(SettingSeries(key: key, game: game, points: [point]))
        }
      }
    }
    // One value alone compares nothing.
    series = series.filter { Set($0.points.map(\.value)).count > 1 }
    series.nameDifferences()
    let numbers = series.flatMap(\.points).map(\.number)
    let areNumbers = numbers.allSatisfy { $0.map { $0 > 0 } ?? false }
    for index in series.indices where areNumbers {
      series[index].points.sort { ($0.number ?? 0, $0.study) < ($1.number ?? 0, $1.study) }
    }
    points = series.flatMap(\.points)
    exponents = areNumbers ? series.compactMap(SeriesExponent.init) : []
    let reference = series.reference
    relations = SettingQuantity.allCases.flatMap { quantity in
      areNumbers
        ? [SettingRelation(exponentOf: quantity, over: series)].compactMap(\.self)
        : reference.map { SettingRelation.ratios(of: quantity, to: $0, over: series) } ?? []
    }
  }
}

extension SettingComparison {
  /// Along all settings in which tasks with variants differ; none without variants.
  public static func alongVariants(
    of sources: [(name: String, fits: [FitReport])], traits: [String: TaskTraits],
    parameters: (FitReport) -> Int?
  ) -> [SettingComparison] {
    let varied = sources.map { source in
      let tasks = Set(source.fits.filter { $0.question.variant != nil }.map(\.question.task))
      return (source.name, source.fits.filter { tasks.contains($0.question.task) })
    }
    guard varied.contains(where: { !$0.1.isEmpty }) else { return [] }
    var seen: Set<SettingAxis> = []
    return SettingAxis.names.compactMap(SettingAxis.init).filter { seen.insert($0).inserted }
      .map { SettingComparison($0, of: varied, traits: traits, parameters: parameters) }
      .filter { !$0.points.isEmpty && !$0.isOfActivations }
  }

  /// Whether networks differ only in their activation, which is an axis of its own.
  private var isOfActivations: Bool {
    setting == SettingAxis.network.name
      && Set(points.map { $0.value.split(separator: " ").first }).count == 1
  }
}

/// What is compared along a setting. All are positive, and their logarithms are compared.
public enum SettingQuantity: String, CaseIterable, Codable, Sendable {
  case criticalBatch = "critical_batch"
  case noiseScale = "noise_scale"
  /// The prediction over what was measured.
  case quotient = "noise_scale_over_critical_batch"
  case minimumUpdates = "minimum_updates"
  case minimumObservations = "minimum_observations"

  public var words: String {
    switch self {
    case .criticalBatch: "B_crit"
    case .noiseScale: "noise scale"
    case .quotient: "noise scale/B_crit"
    case .minimumUpdates: "S_min"
    case .minimumObservations: "E_min"
    }
  }
}

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
  fileprivate mutating func nameDifferences() {
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
  fileprivate var reference: String? {
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

/// The exponents along a numeric setting of one task and target.
public struct SeriesExponent: Encodable, Hashable, Sendable {
  /// The question without the name of a variant.
  public var question: Question
  /// As at its points.
  @Nullable public var others: String?
  @Nullable public var criticalBatch: Estimate?
  @Nullable public var noiseScale: Estimate?

  init?(_ series: SettingSeries) {
    question = series.points[0].question.atAnyVariant
    others = series.points[0].others
    criticalBatch = series.exponent(of: .criticalBatch)
    noiseScale = series.exponent(of: .noiseScale)
    if criticalBatch == nil, noiseScale == nil { return nil }
  }

  private enum CodingKeys: String, CodingKey {
    case others
    case criticalBatch = "critical_batch"
    case noiseScale = "noise_scale"
  }

  public func encode(to encoder: any Encoder) throws {
    try question.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(_others, forKey: .others)
    try keys.encode(_criticalBatch, forKey: .criticalBatch)
    try keys.encode(_noiseScale, forKey: .noiseScale)
  }
}

/// How a quantity depends on a setting, over all series: the exponent of a setting whose values are
/// all positive numbers, or the ratio of another setting's value to a reference.
///
/// A game counts once, with the mean over its series of the exponent, or of the logarithm of the
/// ratio. The 95 % interval is that of the mean over games by Student's t. A single series has the
/// interval that follows from the errors of its points, and several series of one game have none.
public struct SettingRelation: Encodable, Hashable, Sendable {
  public var quantity: SettingQuantity
  /// The value and the reference; `nil` for an exponent.
  @Nullable public var value: String?
  @Nullable public var reference: String?
  /// The exponent or the ratio.
  public var effect: Estimate
  /// Number of series, and of the games that they are of.
  public var series: Int
  public var games: Int

  private enum CodingKeys: String, CodingKey {
    case quantity, value, reference, effect, series, games
  }

  /// `nil` if no series has an exponent.
  init?(exponentOf quantity: SettingQuantity, over series: [SettingSeries]) {
    self.quantity = quantity
    guard let mean = Mean(series, { $0.exponent(of: quantity) }) else { return nil }
    (effect, self.series, games) = (mean.effect, mean.series, mean.games)
  }

  /// The ratios at all values but the reference.
  static func ratios(
    of quantity: SettingQuantity, to reference: String, over series: [SettingSeries]
  ) -> [SettingRelation] {
    var values: [String] = []
    for point in series.flatMap(\.points) where !values.contains(point.value) {
      values.append(point.value)
    }
    return values.filter { $0 != reference }.compactMap { value in
      let mean = Mean(series) { $0.logarithmOfRatio(of: quantity, at: value, to: reference) }
      return mean.map { mean in
        let (centre, low, high) = (mean.effect.value, mean.effect.low, mean.effect.high)
        return SettingRelation(
          quantity: quantity, value: value, reference: reference,
          effect: Estimate(
            value: centre.map { exp($0) }, low: low.map { exp($0) }, high: high.map { exp($0) }),
          series: mean.series, games: mean.games)
      }
    }
  }

  private init(
    quantity: SettingQuantity, value: String?, reference: String?, effect: Estimate, series: Int,
    games: Int
  ) {
    (self.quantity, self.effect, self.series, self.games) = (quantity, effect, series, games)
    (self.value, self.reference) = (value, reference)
  }

  /// The mean over games of an effect that some series have.
  private struct Mean {
    var effect: Estimate
    var series: Int
    var games: Int

    /// `nil` if no series has the effect.
    init?(_ all: [SettingSeries], _ effect: (SettingSeries) -> Estimate?) {
      let known = all.compactMap { series in
        effect(series).flatMap { own in own.value.map { (series.game, value: $0, estimate: own) } }
      }
      let means = Dictionary(grouping: known, by: \.0).sorted { $0.key < $1.key }.map {
        mean($0.value.map(\.value))
      }
      guard let first = known.first else { return nil }
      (series, games) = (known.count, means.count)
      self.effect = known.count == 1 ? first.estimate : Estimate(value: mean(means))
      guard games > 1, let centre = self.effect.value else { return }
      let freedom = Double(games - 1)
      let half =
        studentDeviations(freedom: freedom)
        * (squares(means) / freedom / Double(games)).squareRoot()
      (self.effect.low, self.effect.high) = (centre - half, centre + half)
    }
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
