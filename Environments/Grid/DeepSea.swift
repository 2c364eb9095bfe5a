/// A dive through a square of cells for a treasure in the far corner, which only one of 2^size
/// paths reaches. Rules of bsuite 0.3.6's `deep_sea` with mapping seed 42 and without noise, byte
/// for byte.
///
/// The diver starts at the top left and sinks one row a step. One of the two actions moves right
/// and the other left; which one differs from cell to cell but is the same in every episode. The
/// side walls block moves. Moving right costs 0.01/size, and pays 1 in the last column. The episode
/// ends below the bottom row, after `size` steps, with an observation of zeros.
public struct DeepSea<let size: Int>: BinaryEnvironment, PublicTask {
  var row: Int32 = 0
  var column: Int32 = 0
  private var lastColumn: Int32 { Int32(size) - 1 }

  public init(random: inout some RandomSource) {}

  public mutating func restart(random: inout some RandomSource) { self = Self(random: &random) }

  public mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    var outcome = Outcome()
    if action == (deepSeaMapping[Int(row) * size + Int(column)] ? 1 : 0) {
      outcome.reward = (column == lastColumn ? 1 : 0) - 0.01 / Double(size)
      column = min(column + 1, lastColumn)
    } else {
      column = max(column - 1, 0)
    }
    row += 1
    outcome.isOver = row == Int32(size)
    return outcome
  }

  public static var maxNonzeros: Int { 1 }

  public func forEachNonzero(_ body: (Int) -> Void) {
    if row < Int32(size) { body(Int(row) * size + Int(column)) }
  }

  typealias OriginalRandom = NumPyRandomState
  static var original: Original {
    Original(package: .bsuite, id: "deep_sea, size \(size), mapping seed 42")
  }

  public static var facts: EnvironmentFacts {
    EnvironmentFacts(
      name: "deep-sea-\(size)",
      family: .grid,
      variantOf: "deep-sea",
      rulesVersion: 1,
      summary: "one way of 2^\(size) leads to the treasure (bsuite's deep_sea)",
      observationSize: size * size,
      observationLayout: "the cells row by row, 1 where the diver is",
      planes: PlaneLayout(height: size, width: size, channels: 1, order: .planes),
      hasBinaryObservation: true,
      actions: ["0", "1"],
      timeLimit: size,
      typicalEpisodeLength: size,
      states: size * (size + 1) / 2,
      scoreRange: -0.01...1,
      // One path in 2^size pays 1, and half of all steps cost 0.01/size.
      randomScore: -0.005 + 1 / Double(1 << size),
      bestScore: 0.99)
  }
}

/// Whether action 1 moves right in each cell, row by row: draws of `rand() > 0.5` with seed 42.
/// Every size starts from the first draw; 400 are enough for size 20.
let deepSeaMapping: [400 of Bool] = {
  var random = NumPyRandomState(seed: 42)
  return .init { _ in random.unit() > 0.5 }
}()
