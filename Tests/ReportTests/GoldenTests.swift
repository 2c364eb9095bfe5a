import Foundation
import Report
import TestSupport
import Testing

/// Each kind of figure, compared with a reviewed file.
///
/// After an intended change, `BATCHLAB_RENEW=1 make test` rewrites the files in
/// Tests/ReportTests/Golden. Look at each of them before you commit it.
struct GoldenTests {
  private static let report = Fixture.report()

  @Test(arguments: [
    "a-front-alpha-to-1", "b-scaling-alpha-to-1", "c-noise-alpha-to-1", "d-prediction-pg",
    "e-complexity-pg-minimum_observations", "f-curves-alpha-to-1", "g-rates-alpha-to-1",
    "h-cost-alpha-to-1", "i-cores-alpha-to-1", "g-rates-few-to-1",
  ])
  func `a figure is drawn as before`(name: String) throws {
    let figure = try #require(Self.report.figures.first { $0.name == name })
    if ProcessInfo.processInfo.environment["BATCHLAB_RENEW"] != nil {
      let file = "\(repository)/Tests/ReportTests/Golden/\(name).svg"
      return try Data(figure.svg.utf8).write(to: URL(filePath: file))
    }
    let file = try #require(
      Bundle.module.url(forResource: name, withExtension: "svg", subdirectory: "Golden"))
    let golden = parts(try String(contentsOf: file, encoding: .utf8))
    let drawn = parts(figure.svg)
    #expect(drawn.words == golden.words)
    #expect(sentences(figure.svg) == sentences(try String(contentsOf: file, encoding: .utf8)))
    // Another C library may round the last digit of a coordinate elsewhere.
    let distances = zip(drawn.numbers, golden.numbers).map { ($0 - $1).magnitude }
    #expect(drawn.numbers.count == golden.numbers.count && distances.allSatisfy { $0 < 0.11 })
  }

  /// The text between tags: labels, titles and captions, with their numbers.
  private func sentences(_ text: String) -> [Substring] {
    text.split(separator: "<").compactMap { $0.split(separator: ">").dropFirst().last }
  }

  /// A text without its numbers, and the numbers.
  private func parts(_ text: String) -> (words: [Substring], numbers: [Double]) {
    let digits = "0123456789."
    let pieces = text.split { digits.contains($0) }
    return (pieces, text.split { !digits.contains($0) }.compactMap { Double($0) })
  }
}
