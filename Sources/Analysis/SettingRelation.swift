import Foundation
public import Records

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
