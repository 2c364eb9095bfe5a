internal import Glibc
public import Records

/// The noise scale of a run, in observations, from the moments of its updates, with 95 %
/// intervals.
///
/// Updates are pooled in blocks (`NoiseMoments.nextBlockEnd`). With w the mean |g_B|² of its block,
/// an update contributes tr Σ/w and |G|²/w. The law-weighted noise scale is the quotient of the
/// sums. Its interval is that of `NoiseQuotient`, from one covariance of the pairs: half the mean
/// square of successive differences, on which a trend has little effect. Neighbouring updates are
/// correlated, so it is multiplied by (3h₂ − 2h₁)/h₁, but at least 1 and at most 9, where h₁ and h₂
/// are the half mean squares of differences at lag 1 and 2. There are ⅔ of the updates as degrees
/// of freedom. Nothing is clamped before the quotient.
public struct UpdateNoise: Sendable {
  /// A stretch of updates and its own noise scale.
  public struct Block: Hashable, Sendable {
    /// From 0 on.
    public var updates: Range<Int>
    /// Pooled unbiased estimates.
    public var gradientSquare: Double
    public var covarianceTrace: Double
    public var estimate: Estimate?
  }

  public private(set) var blocks: [Block] = []
  private var sums = Pair()
  /// Of the sums.
  private var covariance = Covariance()
  private var updates = 0

  private struct Pair {
    var numerator = 0.0
    var denominator = 0.0
  }

  private typealias Covariance = NoiseQuotient.Covariance

  /// `nil` without updates, or if an update has a single shard.
  public init?(_ moments: [NoiseMoments]) {
    var pairs: [Pair] = []
    var ranges: [Range<Int>] = []
    var start = 0
    while start < moments.count {
      let end = min(NoiseMoments.nextBlockEnd(after: start), moments.count)
      let own = moments[start..<end]
      let weight = own.reduce(0) { $0 + $1.batchSquares } / Double(own.count)
      for update in own {
        guard let square = update.gradientSquare, let trace = update.covarianceTrace else {
          return nil
        }
        // A batch without any reward has no gradient and says nothing.
        pairs.append(
          weight > 0
            ? Pair(numerator: trace / weight, denominator: square / weight) : Pair())
      }
      ranges.append(start..<end)
      start = end
    }
    guard !pairs.isEmpty else { return nil }
    updates = pairs.count
    let single = Self.covariance(of: pairs)
    covariance = single.times(Double(pairs.count))
    func block(_ range: Range<Int>) -> Block {
      let pooled = moments[range].reduce(into: NoiseMoments(like: moments[range.lowerBound])) {
        $0.updates += $1.updates
        $0.shardSquares += $1.shardSquares
        $0.batchSquares += $1.batchSquares
      }
      return Block(
        updates: range, gradientSquare: pooled.gradientSquare ?? 0,
        covarianceTrace: pooled.covarianceTrace ?? 0,
        estimate: Self.quotient(
          Self.sum(pairs[range]), single.times(Double(range.count)), pairs.count))
    }
    sums = Self.sum(pairs[...])
    blocks = ranges.map(block)
    var open = 0
    for range in ranges {
      let joined = block(open..<range.upperBound)
      guard joined.estimate?.value != nil else { continue }
      stretches.append(joined)
      open = range.upperBound
    }
    if open < pairs.count, let last = stretches.popLast() {
      stretches.append(block(last.updates.lowerBound..<pairs.count))
    }
  }

  /// The noise scale, weighted over the run as the law requires: the prediction of the critical
  /// batch.
  var lawWeighted: Estimate? { Self.quotient(sums, covariance, updates) }

  /// The same over several runs at one batch.
  public static func lawWeighted(of runs: [UpdateNoise]) -> Estimate? {
    var (sums, covariance, updates) = (Pair(), Covariance(), 0)
    for run in runs {
      updates += run.updates
      sums.numerator += run.sums.numerator
      sums.denominator += run.sums.denominator
      covariance += run.covariance
    }
    return runs.isEmpty ? nil : quotient(sums, covariance, updates)
  }

  /// Consecutive blocks, joined until their |G|² is significantly positive. What remains at the end
  /// joins the last stretch.
  public private(set) var stretches: [Block] = []

  /// The mean over updates of the noise scale of their stretch, which is what McCandlish et al.
  /// plot.
  public var plain: Estimate? {
    guard !stretches.isEmpty else { return nil }
    var (sum, variance) = (0.0, 0.0)
    for stretch in stretches {
      guard let estimate = stretch.estimate, let value = estimate.value,
        let low = estimate.low, let high = estimate.high
      else { return nil }
      let share = Double(stretch.updates.count) / Double(updates)
      sum += share * value
      variance += pow(share * (high - low) / 2, 2)
    }
    let half = variance.squareRoot()
    return Estimate(value: sum, low: max(sum - half, 0), high: sum + half)
  }

  private static func sum(_ pairs: ArraySlice<Pair>) -> Pair {
    pairs.reduce(into: Pair()) {
      $0.numerator += $1.numerator
      $0.denominator += $1.denominator
    }
  }

  private static func covariance(of pairs: [Pair]) -> Covariance {
    let first = halfMeanSquares(of: pairs, lag: 1)
    let second = halfMeanSquares(of: pairs, lag: 2)
    func inflation(_ h1: Double, _ h2: Double) -> Double {
      h1 > 0 ? (3 * h2 - 2 * h1) / h1 : 1
    }
    return first.times(
      max(1, min(inflation(first.nn, second.nn), 9), min(inflation(first.dd, second.dd), 9)))
  }

  private static func halfMeanSquares(of pairs: [Pair], lag: Int) -> Covariance {
    guard pairs.count > lag else { return Covariance() }
    var sum = Covariance()
    for (early, late) in zip(pairs, pairs.dropFirst(lag)) {
      let n = late.numerator - early.numerator
      let d = late.denominator - early.denominator
      sum.nn += n * n
      sum.nd += n * d
      sum.dd += d * d
    }
    return sum.times(0.5 / Double(pairs.count - lag))
  }

  private static func quotient(
    _ sums: Pair, _ covariance: Covariance, _ updates: Int
  ) -> Estimate? {
    guard updates > 2 else { return nil }
    return NoiseQuotient(
      numerator: sums.numerator, denominator: sums.denominator, covariance: covariance
    ).estimate(freedom: 2 * Double(updates - 1) / 3)
  }
}

extension NoiseMoments {
  fileprivate init(like other: NoiseMoments) {
    self.init(shardSize: other.shardSize, batchSize: other.batchSize)
  }
}
