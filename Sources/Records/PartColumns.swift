/// The columns of a row with the noise of parts of the gradient: law-weighted sums up to the
/// crossing, as for the total. They are null if the parts were not measured or the target was not
/// reached.
public struct PartColumns: Codable, Hashable, Sendable {
  /// k: parts were measured at every k-th update, and at each of the first 2k.
  @Nullable var interval: Int?
  @Nullable private var policyNumerator: Double?
  @Nullable private var policyDenominator: Double?
  @Nullable private var valueNumerator: Double?
  @Nullable private var valueDenominator: Double?
  @Nullable private var preconditionedNumerator: Double?
  @Nullable private var preconditionedDenominator: Double?

  private enum CodingKeys: String, CodingKey {
    case interval = "noise_interval"
    case policyNumerator = "policy_noise_numerator"
    case policyDenominator = "policy_noise_denominator"
    case valueNumerator = "value_noise_numerator"
    case valueDenominator = "value_noise_denominator"
    case preconditionedNumerator = "preconditioned_noise_numerator"
    case preconditionedDenominator = "preconditioned_noise_denominator"
  }

  init(_ noise: PartNoise?) {
    interval = noise?.interval
    (policyNumerator, policyDenominator) = Self.sums(noise?.policy)
    (valueNumerator, valueDenominator) = Self.sums(noise?.value)
    (preconditionedNumerator, preconditionedDenominator) = Self.sums(noise?.preconditioned)
  }

  /// `nil` if a row lacks the first of the columns, as those of schema 2 do.
  init?(ifIn decoder: any Decoder) throws {
    guard try decoder.container(keyedBy: CodingKeys.self).contains(.interval) else { return nil }
    try self.init(from: decoder)
  }

  private static func sums(_ noise: LawWeightedNoise?) -> (Double?, Double?) {
    (noise?.numerator, noise?.denominator)
  }

  private static func noise(_ numerator: Double?, _ denominator: Double?) -> LawWeightedNoise? {
    guard let numerator, let denominator else { return nil }
    return LawWeightedNoise(numerator: numerator, denominator: denominator)
  }

  /// Sums up to the crossing; `nil` if they were not measured.
  public var policy: LawWeightedNoise? { Self.noise(policyNumerator, policyDenominator) }
  public var value: LawWeightedNoise? { Self.noise(valueNumerator, valueDenominator) }
  public var preconditioned: LawWeightedNoise? {
    Self.noise(preconditionedNumerator, preconditionedDenominator)
  }
}
