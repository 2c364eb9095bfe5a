@testable import Environments

/// Draws what it is told, always the same; counts its draws.
struct ScriptedRandom: RandomSource {
  var real = 0.5
  /// Every integer is the greatest one allowed, or this one.
  var whole: Int32 = .max
  private(set) var reals = 0

  init(real: Double = 0.5, whole: Int32 = .max) {
    self.real = real
    self.whole = whole
  }

  mutating func integer(below bound: Int32) -> Int32 { min(whole, bound - 1) }

  mutating func unit() -> Double {
    reals += 1
    return real
  }
}

extension ArcadeGame {
  /// The cells (x, y) of a plane that are 1.
  func cells(_ plane: Int) -> Set<[Int]> {
    let row = observation()
    return Set((0..<100).filter { row[$0 * Self.planes + plane] == 1 }.map { [$0 % 10, $0 / 10] })
  }
}
