import Foundation
import Records

/// The noise scale along training up to a target, pooled over seeds, with 95 % intervals (see
/// `Estimate.noiseScale`).
///
/// A stretch between two evaluated points counts at the mean of their scores and at the geometric
/// mean of their updates. Unit: observations.
public struct NoiseCourse: Hashable, Sendable {
  public struct Point: Hashable, Sendable {
    /// The middle of a bin: a score, or updates.
    public var place: Double
    public var noise: Estimate
  }

  /// The course at one batch, against updates.
  public struct AtBatch: Hashable, Sendable {
    public var batch: Int
    public var points: [Point]
  }

  /// Against the score, pooled over all batches.
  public var byScore: [Point] = []
  /// Against updates, for each batch that has moments, ascending.
  public var byUpdates: [AtBatch] = []

  /// - Parameter count: bins between the lowest and the highest score. Bins of updates are a factor
  ///   of four wide.
  public init(_ runs: [Run], count: Int = 10) {
    let runs = runs.filter { $0.curve.count > 1 }.map { NoiseStretches($0) }
      .filter { !$0.stretches.isEmpty }
    let scores = runs.flatMap(\.stretches).map(\.score)
    if let least = scores.min(), let most = scores.max(), least < most, count > 0 {
      let width = (most - least) / Double(count)
      byScore = (0..<count).compactMap { bin in
        let low = least + width * Double(bin)
        let isLast = bin == count - 1
        let noise = NoiseStretches.pooled(runs) {
          $0.score >= low && ($0.score < low + width || isLast)
        }
        return noise.map { Point(place: low + width / 2, noise: $0) }
      }
    }
    byUpdates = Dictionary(grouping: runs, by: \.batch).sorted { $0.key < $1.key }.map {
      batch, runs in
      let last = runs.flatMap(\.stretches).map(\.updates).max() ?? 1
      // At small batches narrower bins would say nothing.
      let bins = Int(clamping: log2(max(last, 1)) / 2) + 1
      let points = (0..<bins).compactMap { bin -> Point? in
        let low = pow(4, Double(bin))
        let noise = NoiseStretches.pooled(runs) {
          ($0.updates >= low || bin == 0) && $0.updates < 4 * low
        }
        return noise.map { Point(place: 2 * low, noise: $0) }
      }
      return AtBatch(batch: batch, points: points)
    }.filter { !$0.points.isEmpty }
  }
}

/// The noise moments of a run between its evaluated points, up to the target.
private struct NoiseStretches {
  struct Stretch {
    var score: Double
    var updates: Double
    var moments: NoiseMoments
  }

  var batch: Int
  var stretches: [Stretch] = []

  init(_ run: Run) {
    batch = Int(clamping: run.batch)
    for (before, after) in zip(run.curve, run.curve.dropFirst())
    where after.updates.value <= run.reachedAt ?? .max {
      guard let moments = after.noise, moments.updates > 0 else { continue }
      let middle = Double(max(before.updates.value, 1)) * Double(after.updates.value)
      stretches.append(
        Stretch(
          score: (before.score + after.score) / 2, updates: middle.squareRoot(), moments: moments))
    }
  }

  /// The noise scale over the stretches that meet a condition; `nil` if nothing can be said.
  static func pooled(
    _ runs: [NoiseStretches], where isMember: (Stretch) -> Bool
  ) -> Estimate? {
    .noiseScale(
      of: runs.compactMap { run in
        let noise = LawWeightedNoise(blocks: run.stretches.filter(isMember).map(\.moments))
        return noise.map { Run(batch: Double(run.batch), updates: 1, noise: $0) }
      })
  }
}
