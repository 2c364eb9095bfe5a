import Foundation

/// The law fitted to the batches of one group, in logarithms, as a random-effects regression:
///
/// ln S = ln S_min + ln(1 + B_crit/B) + u + e, u ~ N(0, τ²) per batch, e ~ N(0, σ²) per run.
///
/// σ is pooled over batches (`SeedDeviation`), τ comes from restricted maximum likelihood
/// (Patterson and Thompson 1971), and batches weigh 1/(τ² + σ²/n). A batch with censored runs
/// enters by its likelihood (`BatchLikelihood`): at the maximum it is replaced by a value and a
/// weight that give the same slope and curvature. Everything after that is weighted least squares.
struct LawFit {
  /// σ; `nil` if no batch has two runs that reached the target, or all state their own error.
  let seedDeviation: Double?
  /// Its degrees of freedom; infinite if the errors are known.
  let seedFreedom: Double
  /// τ. If seeds and batches can't be told apart, it holds the scatter of both.
  private(set) var batchDeviation: Double
  let fit: WeightedFit
  /// Batches that reached the target, less the law's two numbers; positive.
  let freedom: Double
  /// The fit with τ = 0.1, the misfit that is tolerated.
  let tolerant: WeightedFit
  static let toleratedDeviation = 0.1

  var law: ParetoLaw {
    ParetoLaw(minimumUpdates: exp(fit.level), criticalBatch: exp(fit.logCritical))
  }

  /// `nil` if fewer than three batches reached the target.
  ///
  /// - Parameter deviation: σ, if the strata hold means and don't show it.
  init?(_ strata: [Stratum], deviation: SeedDeviation? = nil) {
    let reached = strata.count { !$0.reached.isEmpty }
    guard reached > 2 else { return nil }
    freedom = Double(reached - 2)
    var search = RestrictedLikelihood(
      strata, shape: LawShape(logBatches: strata.map { log($0.batch) }))
    let pooled = deviation ?? SeedDeviation(strata)
    seedDeviation = pooled?.value
    let known = strata.compactMap(\.knownVariance)
    let areKnown = known.count == reached
    seedFreedom = areKnown ? .infinity : pooled?.freedom ?? 0
    let best: RestrictedLikelihood.Solution
    if pooled == nil, !areKnown {
      // One variance for what can't be told apart.
      best = search.best(over: log(1e-6)...log(search.widest)) { (exp($0), 0) }
      batchDeviation = best.seedDeviation
    } else {
      // A censored run in a table with standard errors gets their scatter.
      let deviation = pooled?.value ?? max(mean(known).squareRoot(), SeedDeviation.smallest)
      best = search.best(over: 0...search.widest) { (deviation, $0) }
      batchDeviation = best.batchDeviation
    }
    tolerant = search.solve(best.seedDeviation, Self.toleratedDeviation).fit
    // The search ends close to 0 where 0 is best.
    if batchDeviation < 1e-4 { batchDeviation = 0 }
    fit = best.fit
    guard fit.logCritical.isFinite, fit.level.isFinite else { return nil }
  }

  /// Root of the mean over batches of the squared residual.
  var rootMeanSquare: Double {
    let residuals = fit.values.indices.filter { fit.weights[$0] > 0 }.map { index in
      fit.values[index] - fit.level - fit.shape.rise(index, logCritical: fit.logCritical)
    }
    return mean(residuals.map { $0 * $0 }).squareRoot()
  }
}

/// The law through values and weights, by least squares.
struct WeightedFit {
  let shape: LawShape
  /// ln S and weight, one per stratum.
  let values: [Double]
  let weights: [Double]
  /// ln B_crit and ln S_min.
  let logCritical: Double
  let level: Double
  /// Σ weight × residual².
  let squares: Double

  init(_ shape: LawShape, values: [Double], weights: [Double]) {
    self.shape = shape
    self.values = values
    self.weights = weights
    let (logCritical, profile) = shape.leastSquares(values, weights: weights)
    self.logCritical = logCritical
    (level, squares) = (profile.level, profile.squares)
  }

  /// The same values and weights with another exponent.
  func bent(_ exponent: Double) -> WeightedFit {
    var shape = shape
    shape.exponent = exponent
    return WeightedFit(shape, values: values, weights: weights)
  }
}

/// The restricted likelihood of the law, as a function of σ and τ.
struct RestrictedLikelihood {
  struct Solution {
    var seedDeviation: Double
    var batchDeviation: Double
    var fit: WeightedFit
    var logLikelihood: Double
  }

  private let strata: [Stratum]
  private let shape: LawShape
  /// The law's ln S by stratum from which the next search begins.
  private var start: [Double]?
  /// No deviation is larger: three times the largest difference between two runs.
  let widest: Double

  init(_ strata: [Stratum], shape: LawShape) {
    self.strata = strata
    self.shape = shape
    let runs = strata.flatMap { $0.reached + $0.limits }
    widest = max(3 * ((runs.max() ?? 0) - (runs.min() ?? 0)), 1e-3)
  }

  /// The most likely solution along one variable: a coarse search, denser towards the lower end,
  /// then a fine one.
  mutating func best(
    over range: ClosedRange<Double>, _ deviations: (Double) -> (Double, Double)
  ) -> Solution {
    var (least, place) = (Double.infinity, 0)
    let steps = 16
    let grid = (0...steps).map { step -> Double in
      let share = Double(step) / Double(steps)
      return range.lowerBound + (range.upperBound - range.lowerBound) * share * share * share
    }
    for (index, variable) in grid.enumerated() {
      let (seeds, batches) = deviations(variable)
      let loss = -solve(seeds, batches).logLikelihood
      if loss < least { (least, place) = (loss, index) }
    }
    let found = minimum(
      in: grid[max(place - 1, 0)]...grid[min(place + 1, steps)], tolerance: 1e-7
    ) { variable in
      let (seeds, batches) = deviations(variable)
      return -solve(seeds, batches).logLikelihood
    }
    let (edge, inner) = (deviations(grid[place]), deviations(found))
    let (atEdge, within) = (solve(edge.0, edge.1), solve(inner.0, inner.1))
    return within.logLikelihood > atEdge.logLikelihood + 1e-9 ? within : atEdge
  }

  /// The law of the greatest likelihood at given deviations.
  mutating func solve(_ seedDeviation: Double, _ batchDeviation: Double) -> Solution {
    let likelihoods = strata.map {
      BatchLikelihood($0, seedDeviation: seedDeviation, batchDeviation: batchDeviation)
    }
    let isGaussian = strata.allSatisfy(\.limits.isEmpty)
    // From any heights to those of a law; then uphill from law to law.
    var expected = start ?? likelihoods.map(\.start)
    var fit = weighted(zip(likelihoods, expected).map { $0.at($1) }, at: expected)
    var law = (logCritical: fit.logCritical, level: fit.level)
    expected = heights(law)
    var terms = zip(likelihoods, expected).map { $0.at($1) }
    // Without censored runs the first fit is the last.
    for _ in 0..<50 where !isGaussian {
      fit = weighted(terms, at: expected)
      let (before, last) = (sum(terms), law)
      var share = 1.0
      repeat {
        law.logCritical = last.logCritical + share * (fit.logCritical - last.logCritical)
        law.level = last.level + share * (fit.level - last.level)
        expected = heights(law)
        terms = zip(likelihoods, expected).map { $0.at($1) }
        share /= 2
      } while sum(terms) < before && share > 1e-6
      if sum(terms) - before < 1e-10 { break }
    }
    start = expected
    // Beyond the batches the law's two numbers can't be told apart. The determinant would vanish
    // there, and any deviation that leads there would seem infinitely likely.
    let within = shape.logBatches.clamping(fit.logCritical)
    let information = Information(fit.shape, weights: fit.weights, logCritical: within)
    return Solution(
      seedDeviation: seedDeviation, batchDeviation: batchDeviation, fit: fit,
      logLikelihood: sum(terms) - log(max(information.determinant, 1e-300)) / 2)
  }

  /// The law through the values and weights that have the likelihoods' slopes and curvatures.
  private func weighted(_ terms: [BatchLikelihood.Terms], at expected: [Double]) -> WeightedFit {
    let least = 1e-9
    return WeightedFit(
      shape,
      values: zip(expected, terms).map { expected, terms in
        terms.information > least ? expected + terms.slope / terms.information : expected
      }, weights: terms.map { $0.information > least ? $0.information : 0 })
  }

  private func sum(_ terms: [BatchLikelihood.Terms]) -> Double {
    terms.reduce(0) { $0 + $1.value }
  }

  private func heights(_ law: (logCritical: Double, level: Double)) -> [Double] {
    strata.indices.map { law.level + shape.rise($0, logCritical: law.logCritical) }
  }
}

extension [Double] {
  /// The number, or the nearest that is not beyond all elements.
  fileprivate func clamping(_ number: Double) -> Double {
    Swift.min(Swift.max(number, self.min() ?? number), self.max() ?? number)
  }
}

/// Xᵀ W X for ln B_crit and ln S_min, where a row of X is (∂ ln S/∂ ln B_crit, 1).
struct Information {
  private var critical = 0.0
  private var mixed = 0.0
  private var level = 0.0

  init(_ shape: LawShape, weights: [Double], logCritical: Double) {
    for (logBatch, weight) in zip(shape.logBatches, weights) {
      let slope = 1 / (1 + exp(logBatch - logCritical))
      critical += weight * slope * slope
      mixed += weight * slope
      level += weight
    }
  }

  var determinant: Double { critical * level - mixed * mixed }

  /// Of ln B_crit and ln S_min; infinite where the batches say nothing.
  var covariance: (critical: Double, level: Double, mixed: Double) {
    let determinant = max(self.determinant, 1e-300)
    return (level / determinant, critical / determinant, -mixed / determinant)
  }
}
