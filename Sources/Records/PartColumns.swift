/// The columns of a row with the noise of parts of the gradient: law-weighted sums up to the
/// crossing, as for the total. The sums are null if the target was not reached; all are null if the
/// parts were not measured.
public struct PartColumns: Codable, Hashable, Sendable {
  /// k: parts were measured at one update in k.
  @Nullable var interval: Int?
  @Nullable private var policyNumerator: Double?
  @Nullable private var policyDenominator: Double?
  @Nullable private var valueNumerator: Double?
  @Nullable private var valueDenominator: Double?
  @Nullable private var preconditionedNumerator: Double?
  @Nullable private var preconditionedDenominator: Double?

  private enum CodingKeys: String, CodingKey, CaseIterable {
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

  /// `nil` if a row has none of the columns, as those of schema 2 do.
  init?(ifIn decoder: any Decoder) throws {
    let columns = try decoder.container(keyedBy: CodingKeys.self)
    guard CodingKeys.allCases.contains(where: columns.contains) else { return nil }
    try self.init(from: decoder)
  }

  /// Which columns contradict each other, in words; `nil` if none do.
  var contradiction: String? {
    let pairs = [
      ("policy", policyNumerator, policyDenominator), ("value", valueNumerator, valueDenominator),
      ("preconditioned", preconditionedNumerator, preconditionedDenominator),
    ]
    for (part, numerator, denominator) in pairs {
      if (numerator == nil) != (denominator == nil) {
        return
          "'\(part)_noise_numerator' and '\(part)_noise_denominator' must both be numbers or both null"
      }
      if numerator != nil, interval == nil {
        return "'\(part)_noise_numerator' must be null if 'noise_interval' is"
      }
    }
    return nil
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
