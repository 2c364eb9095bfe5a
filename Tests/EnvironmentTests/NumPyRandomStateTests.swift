import Testing

@testable import Environments

/// Against numbers that NumPy's documentation and MT19937's authors print.
struct NumPyRandomStateTests {
  /// The 10,000th output of MT19937 from its default seed 5489, as the C++ standard states it
  /// ([rand.predef]).
  @Test func `is the Mersenne Twister`() {
    var state = NumPyRandomState(seed: 5_489)
    for _ in 1..<10_000 { _ = state.word() }
    #expect(state.word() == 4_123_659_995)
  }

  /// `numpy.random.seed(0); numpy.random.rand(3)`.
  @Test func `draws the unit reals of NumPy`() {
    var state = NumPyRandomState(seed: 0)
    let numbers = (0..<3).map { _ in state.unit() }
    for (seen, expected) in zip(numbers, [0.548_813_50, 0.715_189_37, 0.602_763_38]) {
      #expect(abs(seen - expected) < 5e-9)
    }
  }

  /// `numpy.random.seed(0); numpy.random.randint(10, size=10)`.
  @Test func `draws the integers of NumPy`() {
    var state = NumPyRandomState(seed: 0)
    #expect((0..<10).map { _ in state.integer(below: 10) } == [5, 0, 3, 3, 7, 9, 3, 5, 2, 4])
  }

  @Test func `draws nothing where there is no choice`() {
    var (one, two) = (NumPyRandomState(seed: 3), NumPyRandomState(seed: 3))
    #expect(one.integer(below: 1) == 0)
    #expect(one.word() == two.word())
  }
}
