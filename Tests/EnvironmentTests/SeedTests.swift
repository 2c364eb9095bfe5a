import Testing

@testable import Environments

struct SeedTests {
  /// Outputs of the authors' own xoshiro256plusplus.c.
  @Test func `generates the numbers of the reference implementation`() {
    var stream = RandomStream(1, 2, 3, 4)
    let expected: [UInt64] = [
      41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386,
      9_228_616_714_210_784_205, 9_973_669_472_204_895_162, 14_011_001_112_246_962_877,
      12_406_186_145_184_390_807, 15_849_039_046_786_891_736, 10_450_023_813_501_588_000,
    ]
    #expect(expected.map { _ in stream.next() } == expected)
  }

  /// A stream that two names shared would repeat its numbers, even if it were shifted a little.
  @Test func `no two seeds, purposes or indices share a stream`() {
    var seen: Set<UInt64> = []
    var drawn = 0
    func draw(_ stream: RandomStream) {
      var stream = stream
      for _ in 0..<12 { seen.insert(stream.next()) }
      drawn += 12
    }
    for value in Array(-20...20) + [Int.max, Int.min, 1 << 32] {
      for purpose in Seed.Purpose.allCases {
        for index in 0..<10 { draw(Seed(value).stream(purpose, index)) }
      }
    }
    // Children, and children of children, with the same names.
    for value in [1, 2] {
      for outer in Seed.Purpose.allCases {
        for inner in Seed.Purpose.allCases {
          for index in 0..<16 {
            draw(Seed(value).child(outer, index / 4).stream(inner, index % 4))
          }
        }
      }
    }
    #expect(seen.count == drawn)
  }

  @Test func `neighbouring seeds and indices are not correlated`() {
    var agreements: [Int] = []
    for index in 0..<2_000 {
      var (one, two) = (Seed(1).stream(.actions, index + 1), Seed(2).stream(.actions, index))
      agreements.append((one.next() ^ two.next()).nonzeroBitCount)
    }
    let mean = Double(agreements.reduce(0, +)) / 2_000
    // 64 fair bits: 32 ± 4, the mean of 2,000 ± 0.09.
    #expect(abs(mean - 32) < 0.36)
  }

  @Test func `the same name gives the same stream`() {
    var (one, two) = (Seed(5).stream(.actions, 3), Seed(5).stream(.actions, 3))
    #expect((0..<20).map { _ in one.next() } == (0..<20).map { _ in two.next() })
  }

  @Test(arguments: [1, 2, 3, 5, 7, 10, 64, 1_000] as [Int32])
  func `integers are uniform below their bound`(bound: Int32) {
    var stream = Seed(11).stream(.actions, Int(bound))
    var counts = [Int](repeating: 0, count: Int(bound))
    for _ in 0..<200_000 {
      let number = Int(stream.integer(below: bound))
      if counts.indices.contains(number) { counts[number] += 1 }
    }
    #expect(counts.reduce(0, +) == 200_000)
    if bound > 1 { #expect(abs(chiSquareDeviation(counts)) < 4.5) }
  }

  @Test func `integers reach both ends of a large bound`() {
    var stream = Seed(13).stream(.actions)
    let numbers = (0..<10_000).map { _ in stream.integer(below: .max) }
    #expect(numbers.allSatisfy { $0 >= 0 })
    #expect((numbers.min() ?? .max) < Int32.max / 1_000)
    #expect((numbers.max() ?? 0) > Int32.max / 1_000 * 999)
  }

  @Test func `unit reals lie in the half-open interval with its mean and variance`() {
    var stream = Seed(12).stream(.actions)
    let numbers = (0..<200_000).map { _ in stream.unit() }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    let (mean, error) = summary(of: numbers)
    #expect(abs(mean - 0.5) < 4 * (1.0 / 12 / 200_000).squareRoot())
    #expect(abs(error * error * 200_000 - 1.0 / 12) < 0.001)
    var counts = [Int](repeating: 0, count: 50)
    for number in numbers { counts[Int(number * 50)] += 1 }
    #expect(abs(chiSquareDeviation(counts)) < 4.5)
  }
}
