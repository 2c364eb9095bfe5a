import Foundation
import Testing

@testable import Analysis

struct DistributionTests {
  /// From tables of the upper 5 % and 1 % of F.
  @Test(arguments: [
    (3.0984, 3.0, 20.0, 0.05), (2.3991, 6, 32, 0.05), (161.4476, 1, 1, 0.05), (4.9382, 3, 20, 0.01),
    (3.8415, 1, .infinity, 0.05), (1.8307, 10, .infinity, 0.05), (0.1156, 3, 20, 0.95),
  ])
  func `knows the tail of Fisher's F`(x: Double, above: Double, below: Double, tail: Double) {
    #expect((fisherTail(x, above, below) - tail).magnitude < 2e-4)
  }

  /// From tables of the upper 2.5 % of t.
  @Test(arguments: [
    (1.0, 12.7062), (2, 4.30265), (3, 3.18245), (4, 2.77645), (6, 2.44691), (30, 2.04227),
    (.infinity, 1.95996),
  ])
  func `knows the quantiles of Student's t`(freedom: Double, quantile: Double) {
    #expect((studentDeviations(freedom: freedom) - quantile).magnitude < 1e-4)
  }

  @Test func `knows its ends`() {
    #expect(fisherTail(0, 3, 4) == 1 && fisherTail(-1, 3, 4) == 1)
    #expect(fisherTail(.infinity, 3, 4) == 0)
    #expect(incompleteBeta(0, 2, 3) == 0 && incompleteBeta(1, 2, 3) == 1)
    // I_x(2, 3) = 6x² − 8x³ + 3x⁴
    for x in [0.01, 0.3, 0.5, 0.9] {
      let exact = 6 * x * x - 8 * pow(x, 3) + 3 * pow(x, 4)
      #expect((incompleteBeta(x, 2, 3) - exact).magnitude < 1e-12)
    }
  }
}
