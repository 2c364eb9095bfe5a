import Foundation
import Records

/// The score during training at one batch: median and quartiles over seeds.
public struct ScoreCurve: Hashable, Sendable {
  public struct Point: Hashable, Sendable {
    public var updates: Double
    /// Median and quartiles over runs.
    public var score: Double
    public var low: Double
    public var high: Double
  }

  /// Observations per update.
  public var batch: Int
  public var points: [Point]

  /// A curve for each batch, ascending, at up to `count` updates that are evenly spaced in their
  /// logarithm, up to the last update of any run.
  ///
  /// Scores between evaluated points are interpolated in log(1 + updates). A run that has ended
  /// keeps its last score. Runs without evaluated points are left out.
  public static func curves(of runs: [Run], count: Int = 32) -> [ScoreCurve] {
    Dictionary(grouping: runs, by: \.batch).sorted { $0.key < $1.key }.compactMap { batch, runs in
      let last = runs.compactMap { $0.curve.last?.updates.value }.max() ?? 0
      guard last > 0 else { return nil }
      let places = Set(
        (0..<max(count, 2)).map { pow(Double(last), Double($0) / Double(max(count, 2) - 1)) }
          .map { $0 < 20 ? $0.rounded() : $0 }
      ).sorted()
      return ScoreCurve(
        batch: Int(clamping: batch),
        points: places.map { place in
          let scores = runs.compactMap { $0.score(at: place) }.sorted()
          return Point(
            updates: place, score: percentile(0.5, ofSorted: scores) ?? 0,
            low: percentile(0.25, ofSorted: scores) ?? 0,
            high: percentile(0.75, ofSorted: scores) ?? 0)
        })
    }
  }
}

extension Run {
  /// The score after a number of updates; after the last point the last score.
  func score(at updates: Double) -> Double? {
    guard let next = curve.firstIndex(where: { Double($0.updates.value) >= updates }) else {
      return curve.last?.score
    }
    guard next > 0 else { return curve[0].score }
    let (before, after) = (curve[next - 1], curve[next])
    let start = log1p(Double(before.updates.value))
    let share = (log1p(updates) - start) / (log1p(Double(after.updates.value)) - start)
    return before.score + share * (after.score - before.score)
  }
}
