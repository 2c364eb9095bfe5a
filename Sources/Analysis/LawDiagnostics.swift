import Foundation

extension WeightedFit {
  /// Exponents are sought up to this factor from 1.
  private static let farthest = 8.0

  /// ln of the exponent a of S = S_min (1 + (B_crit/B)^a) with the least squares.
  var bestLogExponent: Double {
    let grid = (-12...12).map { log(Self.farthest) * Double($0) / 12 }
    let coarse = grid.map { bent(exp($0)).squares }
    let place = coarse.indices.min { coarse[$0] < coarse[$1] } ?? 12
    return minimum(
      in: grid[max(place - 1, 0)]...grid[min(place + 1, grid.count - 1)], tolerance: 1e-6
    ) { bent(exp($0)).squares }
  }

  /// The exponent that fits best, with its 95 % interval; an end beyond a factor of 8 is open.
  ///
  /// - Parameter freedom: batches less three, positive.
  func exponent(freedom: Double) -> Estimate {
    let best = bestLogExponent
    let quantile = studentDeviations(freedom: freedom)
    let limit = bent(exp(best)).squares * (1 + quantile * quantile / freedom)
    func edge(_ direction: Double) -> Double? {
      var (inside, outside) = (best, best + 0.2 * direction)
      while bent(exp(outside)).squares <= limit {
        (inside, outside) = (outside, outside + 0.2 * direction)
        if outside.magnitude > log(Self.farthest) { return nil }
      }
      for _ in 0..<30 {
        let middle = (inside + outside) / 2
        if bent(exp(middle)).squares <= limit { inside = middle } else { outside = middle }
      }
      return exp(inside)
    }
    return Estimate(value: exp(best), low: edge(-1), high: edge(1))
  }
}

/// How the batches miss the law.
enum Misfit: Hashable {
  /// Batches are off by τ beyond their seeds.
  case scatter(Double)
  /// S follows another exponent.
  case exponent(Double)
}

extension LawFit {
  /// A misfit that matters: one that neither the seeds nor a τ of 0.1 explain. `nil` if there is
  /// none.
  ///
  /// Either the batches miss the law beyond Fisher's F at 6 %; or a free exponent fits better
  /// beyond F at 4 %, and changes B_crit by a factor of more than 1.5.
  var misfit: Misfit? {
    guard seedFreedom > 0 else { return misfitWithoutSeeds }
    if fisherTail(tolerant.squares / freedom, freedom, seedFreedom) < 0.06 {
      return .scatter(batchDeviation)
    }
    let exponent = exp(tolerant.bestLogExponent)
    let bent = tolerant.bent(exponent)
    guard fisherTail(tolerant.squares - bent.squares, 1, seedFreedom) < 0.04,
      (bent.logCritical - tolerant.logCritical).magnitude > log(1.5)
    else { return nil }
    return .exponent(exponent)
  }

  /// The same if the scatter of seeds is unknown. Then only a different exponent can be detected,
  /// from the residuals about its own curve, and only with at least five batches.
  private var misfitWithoutSeeds: Misfit? {
    // A smaller misfit is that of rounding, or of the search, which ends where S is level to 1e-4.
    guard freedom > 2, rootMeanSquare > 1e-4 else { return nil }
    let exponent = exp(fit.bestLogExponent)
    let bent = fit.bent(exponent)
    let (gain, scatter) = (fit.squares - bent.squares, bent.squares / (freedom - 1))
    guard gain > 0, (bent.logCritical - fit.logCritical).magnitude > log(1.5),
      scatter == 0 || fisherTail(gain / scatter, 1, freedom - 1) < 0.04
    else { return nil }
    return .exponent(exponent)
  }

  /// a of S = S_min (1 + (B_crit/B)^a) with its 95 % interval; `nil` with fewer than four batches,
  /// or if both ends are open.
  var exponent: Estimate? {
    guard freedom > 1 else { return nil }
    let estimate = fit.exponent(freedom: freedom - 1)
    return estimate.low == nil && estimate.high == nil ? nil : estimate
  }

  /// B_crit with the range that it takes if one batch is left out; an end beyond the search is
  /// open. `nil` with fewer than four batches, and with more than 200, where it takes long and
  /// no batch matters.
  var withoutOneBatch: Estimate? {
    let used = fit.weights.indices.filter { fit.weights[$0] > 0 }
    guard (4...200).contains(used.count) else { return nil }
    let others = used.map { left in
      var weights = fit.weights
      weights[left] = 0
      return WeightedFit(fit.shape, values: fit.values, weights: weights).logCritical
    }
    func bounded(_ end: Double?) -> Double? {
      end.flatMap { fit.shape.ends.contains($0) ? exp($0) : nil }
    }
    let all = others + [fit.logCritical]
    return Estimate(value: exp(fit.logCritical), low: bounded(all.min()), high: bounded(all.max()))
  }

  /// How many more seeds every batch needs until the interval of B_crit is expected within ±25 %;
  /// `nil` if seeds alone don't get there, or their scatter is not known.
  func seedsNeeded(_ strata: [Stratum]) -> Int? {
    guard let seedDeviation else { return nil }
    let quantile = studentDeviations(freedom: freedom)
    func half(_ extra: Double) -> Double {
      let weights = strata.map { stratum in
        1
          / (batchDeviation * batchDeviation
            + seedDeviation * seedDeviation / (Double(stratum.count) + extra))
      }
      let information = Information(
        fit.shape, weights: weights, logCritical: fit.logCritical)
      return quantile * information.covariance.critical.squareRoot()
    }
    let goal = log(FitLimits.narrowFactor)
    let most = 1000
    guard half(Double(most)) <= goal else { return nil }
    var (few, enough) = (0, most)
    while enough - few > 1 {
      let middle = (few + enough) / 2
      if half(Double(middle)) <= goal { enough = middle } else { few = middle }
    }
    return half(0) <= goal ? 0 : enough
  }

  /// Laws drawn from the distribution of the fit's errors: normal in ln B_crit and ln S_min, with
  /// the covariance scaled by the misfit and by its own uncertainty.
  func drawnLaws(_ settings: BootstrapSettings) -> [ParetoLaw] {
    let information = Information(
      fit.shape, weights: fit.weights, logCritical: fit.logCritical)
    let (critical, level, mixed) = information.covariance
    let first = critical.squareRoot()
    let second = max(level - mixed * mixed / critical, 0).squareRoot()
    var random = SplitMix(seed: settings.seed)
    return (0..<settings.resamples).map { _ in
      let chi = (0..<Int(freedom)).reduce(0.0) { sum, _ in
        let normal = random.normal()
        return sum + normal * normal
      }
      let scale = (fit.squares / chi).squareRoot()
      let (x, y) = (random.normal(), random.normal())
      return ParetoLaw(
        minimumUpdates: exp(fit.level + scale * (mixed / first * x + second * y)),
        criticalBatch: exp(fit.logCritical + scale * first * x))
    }
  }
}
