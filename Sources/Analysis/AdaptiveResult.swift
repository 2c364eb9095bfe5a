import Foundation
public import Records

/// A run whose batch followed the noise scale.
public struct AdaptiveRun: Hashable, Sendable {
  /// To the target, or to the end of a censored run.
  public var updates: Double
  public var observations: Double
  public var isCensored: Bool

  public init(updates: Double, observations: Double, isCensored: Bool = false) {
    self.updates = updates
    self.observations = observations
    self.isCensored = isCensored
  }
}

extension AdaptiveRun {
  /// Without those that a fit would set aside: each rate's deviations of ln S from its median, on one
  /// scale for all.
  static func withoutOutliers(_ runs: [Double: [AdaptiveRun]]) -> [Double: [AdaptiveRun]] {
    let all = runs.flatMap { rate, runs in
      runs.enumerated().map { index, run in
        Run(batch: rate, seed: index, updates: run.updates, isCensored: run.isCensored)
      }
    }
    var kept = runs
    for outlier in StratifiedRuns(all).setAside.sorted(by: { ($0.seed ?? 0) > ($1.seed ?? 0) }) {
      if let index = outlier.seed { kept[outlier.batch]?.remove(at: index) }
    }
    return kept
  }
}

/// What an adaptive batch took to a target, held against the front of fixed batches.
///
/// With any fixed batch (S/S_min − 1)(E/E_min − 1) is 1; below it lies what no fixed batch reaches
/// (McCandlish et al. 2018, appendix D).
public struct AdaptiveResult: Codable, Hashable, Sendable {
  /// r, in observations.
  public var exchangeRate: Double
  public var runs: Int
  public var censored: Int
  /// Runs that were left out as outliers, by the rule of the fit over all rates.
  public var setAside: Int
  /// Geometric means with 95 % intervals; bounds from below where a run was censored.
  @Nullable public var updates: Estimate?
  @Nullable public var observations: Estimate?
  /// (S/S_min − 1)(E/E_min − 1); `nil` where a run was censored or the law was not fitted. Its
  /// interval has the runs' and the law's resamples in it.
  @Nullable public var frontProduct: Estimate?

  private enum CodingKeys: String, CodingKey {
    case runs, censored, updates, observations
    case exchangeRate = "exchange_rate"
    case setAside = "set_aside"
    case frontProduct = "front_product"
  }

  init(
    exchangeRate: Double, _ runs: [AdaptiveRun], setAside: Int, law: ParetoLaw?,
    resampledLaws: [ParetoLaw],
    seed: Int, resamples: Int
  ) {
    self.exchangeRate = exchangeRate
    self.runs = runs.count + setAside
    self.setAside = setAside
    let usable = runs.filter { $0.updates > 0 }
    censored = runs.count { $0.isCensored }
    guard !usable.isEmpty else { return }
    let means = Means(usable)
    let drawn = means.resamples(max(resamples, 0), of: usable, seed: seed)
    func estimate(_ value: Double, _ draws: [Double]) -> Estimate? {
      let sorted = draws.sorted()
      let low = usable.count > 1 ? percentile(0.025, ofSorted: sorted) : nil
      guard censored == 0 else { return .bound(above: low ?? value) }
      return Estimate(
        value: value, low: low, high: usable.count > 1 ? percentile(0.975, ofSorted: sorted) : nil)
    }
    updates = estimate(exp(means.updates), drawn.map { exp($0.updates) })
    observations = estimate(exp(means.observations), drawn.map { exp($0.observations) })
    guard let law, censored == 0 else { return }
    let pairs = zip(drawn, resampledLaws)
    frontProduct = estimate(means.product(law), pairs.map { $0.product($1) })
  }

  /// ln S and ln E, means over runs.
  private struct Means {
    var updates: Double
    var observations: Double

    init(updates: Double, observations: Double) {
      (self.updates, self.observations) = (updates, observations)
    }

    init(_ runs: [AdaptiveRun]) {
      self.init(
        updates: mean(runs.map { log($0.updates) }),
        observations: mean(runs.map { log($0.observations) }))
    }

    /// Deviations drawn anew, S and E of a run together, stretched by √(n/(n−1)).
    func resamples(_ count: Int, of runs: [AdaptiveRun], seed: Int) -> [Means] {
      let size = Double(runs.count)
      let stretch = runs.count > 1 ? (size / (size - 1)).squareRoot() : 0
      var random = SplitMix(seed: seed)
      return (0..<count).map { _ in
        let drawn = Means(runs.indices.map { _ in runs[random.index(below: runs.count)] })
        return Means(
          updates: updates + stretch * (drawn.updates - updates),
          observations: observations + stretch * (drawn.observations - observations))
      }
    }

    func product(_ law: ParetoLaw) -> Double {
      (exp(updates) / law.minimumUpdates - 1)
        * (exp(observations) / law.minimumObservations - 1)
    }
  }
}

/// Adaptive batches of a target, and what they were predicted to gain.
public struct AdaptiveReport: Codable, Hashable, Sendable {
  /// γ from the noise along the runs of fixed batches: the `frontProduct` to be expected. The noise
  /// of its blocks makes it a little too small; there is no interval that would say by how much.
  @Nullable public var predictedGain: Double?
  /// By exchange rate, ascending.
  public var results: [AdaptiveResult]

  private enum CodingKeys: String, CodingKey {
    case results
    case predictedGain = "predicted_gain"
  }
}
