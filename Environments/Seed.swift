/// A seed from which named random streams are split. Two seeds share no stream, and neither do two
/// purposes of one seed.
///
/// The state has 128 bits. Every split mixes the purpose and the index into both words with the
/// finalizer of SplitMix64 (Steele, Lea, Flood 2014), so two different names give the same stream
/// only if their 128-bit hashes collide. Seeds are never derived by addition.
public struct Seed: Hashable, Sendable {
  /// The use of a stream. Raw values are part of the numerics: never renumber them.
  public enum Purpose: UInt64, Sendable, CaseIterable {
    case environment = 1
    case actions = 2
    case parameters = 3
    case stagger = 4
    case minibatches = 5
    case evaluation = 6
    case confirmation = 7
    case tuning = 8
    case measuring = 9
    case single = 10
    case training = 11
    case batch = 12
    case branch = 13
    case exchangeRate = 14
  }

  private var low: UInt64
  private var high: UInt64

  public init(_ value: Int) {
    let bits = UInt64(bitPattern: Int64(value))
    low = Self.mix(bits ^ 0x6a09_e667_f3bc_c908)
    high = Self.mix(bits &+ 0xbb67_ae85_84ca_a73b)
  }

  /// The child seed named by `purpose` and `index`.
  public func child(_ purpose: Purpose, _ index: Int = 0) -> Seed {
    var child = self
    child.absorb(purpose.rawValue)
    child.absorb(UInt64(bitPattern: Int64(index)))
    return child
  }

  /// The random stream named by `purpose` and `index`.
  public func stream(_ purpose: Purpose, _ index: Int = 0) -> RandomStream {
    let named = child(purpose, index)
    return RandomStream(
      Self.mix(named.low), Self.mix(named.high),
      Self.mix(named.low ^ 0x3c6e_f372_fe94_f82b), Self.mix(named.high ^ 0xa54f_f53a_5f1d_36f1))
  }

  private mutating func absorb(_ word: UInt64) {
    low = Self.mix(low ^ (word &* 0x9e37_79b9_7f4a_7c15))
    high = Self.mix(high &+ (low << 32 | low >> 32) &+ (word &* 0xd1b5_4a32_d192_ed03))
    low ^= high
  }

  /// A bijection of 64-bit words in which every input bit affects every output bit.
  private static func mix(_ word: UInt64) -> UInt64 {
    var z = word &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// The lab's own generator: xoshiro256++ (Blackman and Vigna 2019), period 2²⁵⁶ − 1.
public struct RandomStream: RandomSource, BitwiseCopyable, Sendable {
  @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64)

  /// Creates a stream from the four words of its state, which must not all be zero.
  init(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) {
    precondition(a | b | c | d != 0, "a stream can't start from a state of zeros")
    words = (a, b, c, d)
  }

  /// Returns 64 random bits.
  @inlinable
  mutating func next() -> UInt64 {
    let sum = words.0 &+ words.3
    let result = ((sum << 23) | (sum >> 41)) &+ words.0
    let shifted = words.1 << 17
    words.2 ^= words.0
    words.3 ^= words.1
    words.1 ^= words.2
    words.0 ^= words.3
    words.2 ^= shifted
    words.3 = (words.3 << 45) | (words.3 >> 19)
    return result
  }

  /// Returns a uniform integer in `0..<bound`, the high part of a 96-bit product; its bias is below
  /// 2⁻³².
  @inlinable
  public mutating func integer(below bound: Int32) -> Int32 {
    Int32(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(UInt32(bound))).high)
  }

  /// Returns a uniform real in [0, 1), a multiple of 2⁻⁵³.
  @inlinable
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
