import Testing

@testable import Environments

/// Against numbers that NumPy's documentation prints; MiniGrid's traces rest on the same ones.
struct GymnasiumRandomTests {
  /// `numpy.random.default_rng(seed).random(3)`.
  @Test func `draws the unit reals of NumPy`() {
    let documented: [UInt32: [Double]] = [
      0: [0.636_961_69, 0.269_786_71, 0.040_973_52],
      42: [0.773_956_05, 0.438_878_44, 0.858_597_92],
      12_345: [0.227_336_02, 0.316_758_34, 0.797_365_46],
    ]
    for (seed, expected) in documented {
      var random = GymnasiumRandom(seed: seed)
      for number in expected { #expect(abs(random.unit() - number) < 6e-9) }
    }
  }

  /// `numpy.random.default_rng(0).integers(10, size=10)`.
  @Test func `draws the integers of NumPy`() {
    var random = GymnasiumRandom(seed: 0)
    #expect((0..<10).map { _ in random.integer(below: 10) } == [8, 6, 5, 2, 3, 0, 0, 0, 1, 8])
  }

  /// Powers of two take the upper bits of a word and never redraw.
  @Test func `words are the halves of a draw, the low one first`() {
    var (integers, words) = (GymnasiumRandom(seed: 7), GymnasiumRandom(seed: 7))
    for _ in 0..<100 {
      let pair = words.next()
      #expect(integers.integer(below: 1 << 30) == Int32(pair >> 2 & 0x3fff_ffff))
      #expect(integers.integer(below: 1 << 30) == Int32(pair >> 34))
    }
  }

  @Test func `the upper half waits while unit reals are drawn`() {
    var (mixed, words) = (GymnasiumRandom(seed: 8), GymnasiumRandom(seed: 8))
    let (pair, whole) = (words.next(), words.next())
    #expect(mixed.integer(below: 1 << 30) == Int32(pair >> 2 & 0x3fff_ffff))
    #expect(mixed.unit() == Double(whole >> 11) * 0x1p-53)
    #expect(mixed.integer(below: 1 << 30) == Int32(pair >> 34))
  }

  @Test func `a bound of one draws nothing`() {
    var (one, two) = (GymnasiumRandom(seed: 3), GymnasiumRandom(seed: 3))
    #expect(one.integer(below: 1) == 0)
    #expect(one.integer(below: 1_000) == two.integer(below: 1_000))
  }

  /// 2³² words are 8/3 times this bound: without redrawing, multiples of 3 would come 2 times for
  /// 3 times of the other numbers.
  @Test func `integers are unbiased below any bound`() {
    let bound: Int32 = 3 << 29
    var random = GymnasiumRandom(seed: 5)
    var counts = [Int](repeating: 0, count: 3)
    for _ in 0..<60_000 { counts[Int(random.integer(below: bound) % 3)] += 1 }
    #expect(abs(chiSquareDeviation(counts)) < 4.5)
  }
}
