/// The generator of `numpy.random.RandomState(seed)`: MT19937 (Matsumoto and Nishimura 1998),
/// with NumPy's methods for making integers and reals from its 32-bit words.
///
/// NumPy's array draws equal the same number of scalar draws, in order.
struct NumPyRandomState: SeededRandomSource, Sendable {
  private static let size = 624
  private static let lag = 397

  private var words: [UInt32]
  private var next = size

  init(seed: UInt32) {
    words = [seed]
    words.reserveCapacity(Self.size)
    for index in 1..<Self.size {
      let last = words[index - 1]
      words.append(1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(index))
    }
  }

  /// Returns 32 random bits.
  mutating func word() -> UInt32 {
    if next == Self.size { renew() }
    var word = words[next]
    next += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9d2c_5680
    word ^= (word << 15) & 0xefc6_0000
    return word ^ (word >> 18)
  }

  private mutating func renew() {
    for index in 0..<Self.size {
      let following = words[(index + 1) % Self.size]
      let joined = (words[index] & 0x8000_0000) | (following & 0x7fff_ffff)
      let twist: UInt32 = joined & 1 == 0 ? 0 : 0x9908_b0df
      words[index] = words[(index + Self.lag) % Self.size] ^ (joined >> 1) ^ twist
    }
    next = 0
  }

  /// `randint(bound)`: draws words masked to the bits of `bound` − 1 until one is below `bound`. A
  /// bound of 1 draws nothing.
  mutating func integer(below bound: Int32) -> Int32 {
    let greatest = UInt32(bound - 1)
    guard greatest > 0 else { return 0 }
    let mask = UInt32.max >> greatest.leadingZeroBitCount
    var drawn = word() & mask
    while drawn > greatest { drawn = word() & mask }
    return Int32(drawn)
  }

  /// `rand()`: 53 bits from two words.
  mutating func unit() -> Double {
    let (high, low) = (word() >> 5, word() >> 6)
    return (Double(high) * 0x1p26 + Double(low)) * 0x1p-53
  }
}
