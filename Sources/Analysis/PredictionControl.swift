import Foundation

/// A baseline prediction of B_crit that needs no gradient. Unlike the noise scale, it is fitted to
/// the critical batches of other games.
public enum PredictionControl: String, CaseIterable, Codable, Sendable {
  /// The geometric mean of the other games' critical batches.
  case constant
  /// A power of E at the reference batch.
  case reference = "reference_observations"
  /// A power of the horizon.
  case horizon

  /// ln of the quantity that a target's prediction depends on; `nil` if it is not known.
  func input(of target: ComparedTarget) -> Double? {
    switch self {
    case .constant: 0
    case .reference: target[.reference].map { log($0) }
    case .horizon: target.fit.question.horizon.map { log(Double($0)) }
    }
  }
}

/// Predictions of one quantity from another, y = level + slope · x, for the targets of each game,
/// fitted to those of all other games.
///
/// Least squares in which every game has the same weight, whatever its number of targets. If x
/// doesn't vary, the slope is 0 and the prediction a constant.
struct HeldOutLine {
  /// With fewer games, the line for one of them would go exactly through two others.
  static let fewestGames = 4

  /// Predicted minus true y of each target, in the order of the targets.
  let misses: [Double]

  /// `nil` for fewer than four games.
  init?(_ targets: [(game: String, x: Double, y: Double)]) {
    let games = Dictionary(grouping: targets.indices) { targets[$0].game }
    guard games.count >= Self.fewestGames else { return nil }
    misses = targets.map { target in
      let others = targets.filter { $0.game != target.game }
      let weights = others.map { 1 / Double(games[$0.game]?.count ?? 1) }
      func average(_ value: ((game: String, x: Double, y: Double)) -> Double) -> Double {
        zip(others, weights).reduce(0) { $0 + value($1.0) * $1.1 } / weights.reduce(0, +)
      }
      let (centreX, centreY) = (average(\.x), average(\.y))
      let square = average { ($0.x - centreX) * ($0.x - centreX) }
      let product = average { ($0.x - centreX) * ($0.y - centreY) }
      // Differences of the size of rounding errors don't count as variation.
      let slope = square > 1e-20 * (1 + centreX * centreX) ? product / square : 0
      return centreY + slope * (target.x - centreX) - target.y
    }
  }
}
