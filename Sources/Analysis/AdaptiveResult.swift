import Foundation
public import Records

/// The updates and observations that runs with an adaptive batch took to a target, compared with
/// fixed batches.
///
/// With every fixed batch (S/S_min − 1)(E/E_min − 1) is 1. No fixed batch gets below 1
/// (McCandlish et al. 2018, appendix D).
public struct AdaptiveResult: Codable, Hashable, Sendable {
  /// r, in observations.
  public var exchangeRate: Double
  public var runs: Int
  public var censored: Int
  /// Runs that were left out as outliers, by the same rule as in the fit, over all rates.
  public var setAside: Int
  /// Geometric means with 95 % intervals; lower bounds if a run was censored.
  @Nullable public var updates: Estimate?
  @Nullable public var observations: Estimate?
  /// (S/S_min − 1)(E/E_min − 1); `nil` if a run was censored or the law was not fitted. The
  /// interval covers both the scatter of the runs and that of the law.
  @Nullable public var frontProduct: Estimate?

  private enum CodingKeys: String, CodingKey {
    case runs, censored, updates, observations
    case exchangeRate = "exchange_rate"
    case setAside = "set_aside"
    case frontProduct = "front_product"
  }

  init(
    exchangeRate: Double, _ runs: [Run], setAside: Int, law: ParetoLaw?,
    resampledLaws: [ParetoLaw], _ bootstrap: BootstrapSettings
  ) {
    self.exchangeRate = exchangeRate
    self.runs = runs.count + setAside
    self.setAside = setAside
    let usable = runs.filter { $0.updates > 0 }
    censored = runs.count { $0.isCensored }
    guard !usable.isEmpty else { return }
    let means = Means(usable)
    let drawn = means.resamples(of: usable, bootstrap)
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

    init(_ runs: [Run]) {
      self.init(
        updates: mean(runs.map { log($0.updates) }),
        observations: mean(runs.map { log($0.observations) }))
    }

    /// Resamples the deviations, stretched by √(n/(n−1)); S and E of a run stay together.
    func resamples(of runs: [Run], _ bootstrap: BootstrapSettings) -> [Means] {
      let size = Double(runs.count)
      let stretch = runs.count > 1 ? (size / (size - 1)).squareRoot() : 0
      var random = SplitMix(seed: bootstrap.seed)
      return (0..<bootstrap.resamples).map { _ in
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

/// Runs with adaptive batches, and the gain that was predicted for them.
public struct AdaptiveReport: Codable, Hashable, Sendable {
  /// γ from the noise along the runs with fixed batches: the expected `frontProduct`. The noise of
  /// single blocks makes it slightly too small; by how much is not known.
  @Nullable public var predictedGain: Double?
  /// By exchange rate, ascending.
  public var results: [AdaptiveResult]

  private enum CodingKeys: String, CodingKey {
    case results
    case predictedGain = "predicted_gain"
  }

  init() { results = [] }

  /// - Parameters:
  ///   - runs: all runs of the question.
  ///   - fixed: those with fixed batches that reached the target.
  ///   - law: `nil` if none was fitted.
  init(
    _ runs: [Run], fixed: [Run], law: ParetoLaw?, resampledLaws: [ParetoLaw],
    _ bootstrap: BootstrapSettings
  ) {
    predictedGain =
      fixed.compactMap(\.noise).reduce(into: LawWeightedNoise()) { $0 += $1 }.adaptiveGain
    // Outliers are found as in the fit, with the exchange rate in place of the batch.
    let adaptive = runs.compactMap { run in
      run.exchangeRate.map { rate in
        var run = run
        run.batch = rate
        return run
      }
    }
    let outliers = StratifiedRuns(adaptive).setAside
    results = Dictionary(grouping: adaptive, by: \.batch).sorted { $0.key < $1.key }.map {
      rate, runs in
      let kept = runs.filter { !outliers.contains($0) }
      return AdaptiveResult(
        exchangeRate: rate, kept, setAside: runs.count - kept.count, law: law,
        resampledLaws: resampledLaws, bootstrap)
    }
  }
}
