import Foundation

/// SplitMix64 (Steele, Lea, Flood 2014), the generator of all resamples. It is implemented here so
/// that a seed gives the same intervals on every machine and in every release.
struct SplitMix {
  private var state: UInt64

  init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A whole number from 0 up to but not including `count`, which is positive: the high word of
  /// a product, whose bias is below count/2⁶⁴.
  mutating func index(below count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// Mean 0 and deviation 1 (Box and Muller 1958).
  mutating func normal() -> Double {
    let radius = (-2 * log(open())).squareRoot()
    return radius * cos(2 * Double.pi * open())
  }

  /// Between 0 and 1, never either.
  private mutating func open() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }
}
