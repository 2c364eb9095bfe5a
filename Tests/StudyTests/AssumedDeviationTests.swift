import Analysis
import Foundation
import Records
import TestSupport
import Testing

/// The numbers that `estimate` takes from the committed studies.
@Suite struct AssumedDeviationTests {
  /// The root mean square of τ over the fitted targets; constants are rounded to three places.
  @Test(arguments: [("ladder", Algorithm.policyGradient), ("ladder-ppo", .ppo)])
  func `are those of the fitted targets`(study: String, algorithm: Algorithm) throws {
    let file = URL(filePath: "\(repository)/Results/\(study)/fits.json")
    let document = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    let fits = try #require((document as? [String: Any])?["fits"] as? [[String: Any]])
    let deviations = fits.filter { $0["verdict"] as? String == "fitted" }.compactMap {
      $0["batch_deviation"] as? Double
    }
    #expect(deviations.count > 5)
    let square = deviations.reduce(0) { $0 + $1 * $1 } / Double(deviations.count)
    let assumed = AssumedDeviation(algorithm, .adam)
    #expect(assumed.isMeasured)
    #expect((assumed.value - square.squareRoot()).magnitude < 0.0006)
  }
}
