/// The generator that Gymnasium passes to its environments, number for number: NumPy's
/// `default_rng(seed)`, a PCG64 seeded by a SeedSequence.
///
/// PCG64 (O'Neill 2014) is a 128-bit linear congruential generator. Its output is the xor of the
/// two halves of its state, rotated by the upper six bits (XSL-RR 128/64). Integers are made from
/// 32-bit words by Lemire's method (2019), without bias. A 64-bit draw gives two words, the low one
/// first; the high one is kept for the next integer, even if reals are drawn in between. A bound of
/// 1 draws nothing.
struct GymnasiumRandom: SeededRandomSource, BitwiseCopyable, Sendable {
  private static let multiplier =
    UInt128(2_549_297_995_355_413_924) << 64 | 4_865_540_595_714_422_341

  private var state: UInt128 = 0
  private let increment: UInt128
  private var spare: UInt32?

  init(seed: UInt32) {
    var words = SeedWords(entropy: seed)
    let start = UInt128(words.next()) << 64 | UInt128(words.next())
    let sequence = UInt128(words.next()) << 64 | UInt128(words.next())
    increment = sequence << 1 | 1
    step()
    state &+= start
    step()
  }

  private mutating func step() { state = state &* Self.multiplier &+ increment }

  /// Returns 64 random bits.
  mutating func next() -> UInt64 {
    step()
    let halves = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return halves >> rotation | halves << ((64 - rotation) & 63)
  }

  private mutating func word() -> UInt32 {
    if let word = spare {
      spare = nil
      return word
    }
    let pair = next()
    spare = UInt32(truncatingIfNeeded: pair >> 32)
    return UInt32(truncatingIfNeeded: pair)
  }

  mutating func integer(below bound: Int32) -> Int32 {
    if bound == 1 { return 0 }
    let bound = UInt32(bound)
    var product = word().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = word().multipliedFullWidth(by: bound) }
    }
    return Int32(product.high)
  }

  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// NumPy's SeedSequence for one word of entropy. It hashes the word into a pool of four words,
/// hashes every word of the pool into every other, and reads the pool cyclically through a second
/// hash. Arithmetic is modulo 2³².
private struct SeedWords {
  private var pool: [4 of UInt32] = [0, 0, 0, 0]
  private var position = 0
  private var hash: UInt32 = 0x8b51_f9dd

  init(entropy: UInt32) {
    var hash: UInt32 = 0x43b0_d7e5
    func hashed(_ word: UInt32) -> UInt32 {
      var word = word ^ hash
      hash &*= 0x931e_8875
      word &*= hash
      return word ^ word >> 16
    }
    for index in 0..<4 { pool[index] = hashed(index == 0 ? entropy : 0) }
    for source in 0..<4 {
      for target in 0..<4 where target != source {
        let mixed =
          0xca01_f9dd &* pool[target] &- 0x4973_f715 &* hashed(pool[source])
        pool[target] = mixed ^ mixed >> 16
      }
    }
  }

  /// Returns the next two words as one, the low half first.
  mutating func next() -> UInt64 { UInt64(nextWord()) | UInt64(nextWord()) << 32 }

  private mutating func nextWord() -> UInt32 {
    var word = pool[position % 4] ^ hash
    hash &*= 0x58f3_8ded
    word &*= hash
    position += 1
    return word ^ word >> 16
  }
}
