import Foundation
public import Records

/// Critical batches and noise scales along a setting, at equal scores: of questions that differ in
/// nothing else, among them the target.
///
/// Its JSON is `along` in the document of `batchlab compare --json`; every key is always present.
public struct SettingComparison: Encodable, Hashable, Sendable {
  public var setting: String
  /// By task and target, then along the setting.
  public var points: [SettingPoint]
  /// For numbers, the exponents of each series with at least two of them.
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
    let numbers = series.flatMap(\.points).map(\.number)
    let areNumbers = numbers.allSatisfy { $0.map { $0 > 0 } ?? false }
    for index in series.indices where areNumbers {
      series[index].points.sort { ($0.number ?? 0, $0.study) < ($1.number ?? 0, $1.study) }
    }
    points = series.flatMap(\.points)
    exponents = areNumbers ? series.compactMap(SeriesExponent.init) : []
    relations = SettingQuantity.allCases.flatMap { quantity in
      areNumbers
        ? [SettingRelation(exponentOf: quantity, over: series)].compactMap(\.self)
        : SettingRelation.ratios(of: quantity, over: series)
    }
  }
}

extension SettingComparison {
  /// Along all settings in which variants of the studies differ; none without variants.
  public static func alongVariants(
    of sources: [(name: String, fits: [FitReport])], traits: [String: TaskTraits],
    parameters: (FitReport) -> Int?
  ) -> [SettingComparison] {
    let varied = sources.map { source in
      (source.name, source.fits.filter { $0.question.variant != nil })
    }
    guard varied.contains(where: { !$0.1.isEmpty }) else { return [] }
    var seen: Set<SettingAxis> = []
    return SettingAxis.names.compactMap(SettingAxis.init).filter { seen.insert($0).inserted }
      .map { SettingComparison($0, of: varied, traits: traits, parameters: parameters) }
      .filter { !$0.points.isEmpty }
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

  init(_ fit: FitReport, of study: String, _ value: SettingAxis.Value, parameters: Int?) {
    (self.study, question, verdict) = (study, fit.question, fit.verdict)
    (self.value, number) = (value.word, value.number)
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
      let deviation = (noise.variance + critical.variance).squareRoot()
      noise.centre -= critical.centre
      (noise.below, noise.above) = (deviation, deviation)
      return noise
    }
  }

  private enum CodingKeys: String, CodingKey {
    case study, value, number, parameters, verdict
    case criticalBatch = "critical_batch"
    case noiseScale = "noise_scale"
    case minimumUpdates = "minimum_updates"
    case minimumObservations = "minimum_observations"
  }

  public func encode(to encoder: any Encoder) throws {
    try question.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(study, forKey: .study)
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
    var others: String
  }

  var key: Key
  var game: String
  var points: [SettingPoint]

  /// The exponent a of quantity ∝ value^a; `nil` unless the quantity is known at two values. With
  /// two points, the interval comes from their errors alone.
  func exponent(of quantity: SettingQuantity) -> Estimate? {
    let pairs = points.compactMap { point -> UncertainPair? in
      guard let number = point.number, number > 0, let y = point.logarithm(quantity) else {
        return nil
      }
      return UncertainPair(x: UncertainLogarithm(exact: number), y: y)
    }
    if let line = UncertainLine(pairs) { return Estimate(line.slope, line.slopeInterval) }
    guard pairs.count == 2, pairs[0].x.centre != pairs[1].x.centre else { return nil }
    let distance = pairs[1].x.centre - pairs[0].x.centre
    let slope = (pairs[1].y.centre - pairs[0].y.centre) / distance
    let half = 1.96 * (pairs[0].y.variance + pairs[1].y.variance).squareRoot() / distance.magnitude
    return Estimate(slope, half > 0 ? slope - half...slope + half : nil)
  }

  /// The mean logarithm of a quantity at a value; `nil` if it isn't known there.
  func logarithm(of quantity: SettingQuantity, at value: String) -> Double? {
    let known = points.filter { $0.value == value }.compactMap { $0.logarithm(quantity)?.centre }
    return known.isEmpty ? nil : mean(known)
  }
}

/// The exponents along a numeric setting of one task and target.
public struct SeriesExponent: Encodable, Hashable, Sendable {
  /// The first of the questions.
  public var question: Question
  @Nullable public var criticalBatch: Estimate?
  @Nullable public var noiseScale: Estimate?

  init?(_ series: SettingSeries) {
    question = series.points[0].question.atAnyVariant
    criticalBatch = series.exponent(of: .criticalBatch)
    noiseScale = series.exponent(of: .noiseScale)
    if criticalBatch == nil, noiseScale == nil { return nil }
  }

  private enum CodingKeys: String, CodingKey {
    case criticalBatch = "critical_batch"
    case noiseScale = "noise_scale"
  }

  public func encode(to encoder: any Encoder) throws {
    try question.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(_criticalBatch, forKey: .criticalBatch)
    try keys.encode(_noiseScale, forKey: .noiseScale)
  }
}

/// How a quantity depends on a setting, over all series: the exponent of a numeric setting, or the
/// ratio between one value of another setting and the reference, which is its first value.
///
/// A game counts once, with the mean over its series of the exponent, or of the logarithm of the
/// ratio. The 95 % interval is that of the mean over games by Student's t. A single series has its own
/// interval, and several series of a single game have none.
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
    let known = series.compactMap { series in
      series.exponent(of: quantity).flatMap { estimate in
        estimate.value.map { (game: series.game, effect: $0, estimate: estimate) }
      }
    }
    self.quantity = quantity
    self.series = known.count
    let means = Self.means(known.map { ($0.game, $0.effect) })
    games = means.count
    guard let mean = Self.average(means) else { return nil }
    effect = known.count == 1 ? known[0].estimate : mean
  }

  /// The ratios at all values but the first.
  static func ratios(
    of quantity: SettingQuantity, over series: [SettingSeries]
  ) -> [SettingRelation] {
    var values: [String] = []
    for point in series.flatMap(\.points) where !values.contains(point.value) {
      values.append(point.value)
    }
    guard let reference = values.first else { return [] }
    return values.dropFirst().compactMap { value in
      let known = series.compactMap { series -> (game: String, effect: Double)? in
        guard let own = series.logarithm(of: quantity, at: value),
          let other = series.logarithm(of: quantity, at: reference)
        else { return nil }
        return (series.game, own - other)
      }
      let means = means(known)
      guard let mean = average(means), let centre = mean.value else { return nil }
      return SettingRelation(
        quantity: quantity, value: value, reference: reference,
        effect: Estimate(
          value: exp(centre), low: mean.low.map { exp($0) }, high: mean.high.map { exp($0) }),
        series: known.count, games: means.count)
    }
  }

  private init(
    quantity: SettingQuantity, value: String?, reference: String?, effect: Estimate, series: Int,
    games: Int
  ) {
    (self.quantity, self.effect, self.series, self.games) = (quantity, effect, series, games)
    (self.value, self.reference) = (value, reference)
  }

  /// The mean effect of each game.
  private static func means(_ effects: [(game: String, effect: Double)]) -> [Double] {
    Dictionary(grouping: effects, by: \.game).sorted { $0.key < $1.key }.map {
      mean($0.value.map(\.effect))
    }
  }

  /// The mean over games with its interval; `nil` without a game.
  private static func average(_ means: [Double]) -> Estimate? {
    guard !means.isEmpty else { return nil }
    let centre = mean(means)
    guard means.count > 1 else { return Estimate(value: centre) }
    let freedom = Double(means.count - 1)
    let half =
      studentDeviations(freedom: freedom)
      * (squares(means) / freedom / Double(means.count)).squareRoot()
    return Estimate(value: centre, low: centre - half, high: centre + half)
  }
}
