internal import Foundation

/// Random numbers that are the same in every run: SplitMix64 (Steele, Lea, Flood 2014), written
/// out so that no test draws from the generator it is testing.
public struct Draws: RandomNumberGenerator {
  private var state: UInt64

  public init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed &* 7_919 &+ 1_000_003)) }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }

  /// Between 0 and 1, never either.
  public mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }

  public mutating func real(from low: Double, to high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// Mean 0, deviation 1 (Box and Muller 1958).
  public mutating func normal() -> Double {
    (-2 * log(uniform())).squareRoot() * cos(2 * Double.pi * uniform())
  }

  /// A whole number from 0 up to but not including `count`.
  public mutating func index(_ count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// Numbers between −2 and 2.
  public mutating func numbers(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float(real(from: -2, to: 2)) }
  }
}
