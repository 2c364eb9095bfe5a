import Analysis
import Foundation
import Records
import TestSupport
import Testing

@testable import Report

/// Every number that a row may hold can be fitted, compared, summed and drawn.
struct ExtremeRowTests {
  private static let study: [TrialRecord] = {
    var task = Fixture.alpha
    (task.targets, task.exchangeRates) = ([1], [600])
    return Fixture.study([task], name: "extremes").trials
  }()

  /// The ends of a column's range, and what lies close to 0.
  private static func extremes(_ range: ColumnRange) -> [NSNumber] {
    let ends: [NSNumber] =
      switch range {
      case .whole(let range):
        [NSNumber(value: range.lowerBound), NSNumber(value: range.upperBound)]
      case .number(let range):
        [NSNumber(value: range.lowerBound), NSNumber(value: range.upperBound)]
      default: []
      }
    let usual: [Double] = [0, 1, .leastNonzeroMagnitude, 1e6, 1e18, -1]
    return ends + usual.filter { range.contains($0) }.map { NSNumber(value: $0) }
  }

  /// The row with a value in a column; `nil` if it can't be a row.
  private static func changed<Row: Codable>(
    _ row: Row, _ column: String, to value: NSNumber
  ) throws -> Row? {
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(row))
    var columns = try #require(object as? [String: Any])
    guard !(columns[column] is NSNull) else { return row }
    columns[column] = value
    return try? JSONDecoder().decode(
      Row.self, from: JSONSerialization.data(withJSONObject: columns))
  }

  private func use(_ trials: [TrialRecord], _ what: String) {
    let source = ReportedSource(
      name: "extremes", plan: "", trials: trials, digest: nil, openCells: nil)
    let report = Fixture.report([source], of: [Fixture.alpha])
    #expect(!report.page(reloadingAfter: nil).isEmpty, "\(what)")
    #expect(StudyCost.costs(of: trials).count <= 2, "\(what)")
    _ = CellCompute.cells(of: trials)
  }

  private static func numeric(_ ranges: [String: ColumnRange]) -> [String] {
    ranges.keys.sorted().filter { !extremes(ranges[$0] ?? .anything).isEmpty }
  }

  @Test(arguments: numeric(ColumnRange.trial), [false, true])
  func `an extreme in trials breaks nothing`(column: String, isEverywhere: Bool) throws {
    let range = try #require(ColumnRange.trial[column])
    for value in Self.extremes(range) {
      let trials = try Self.study.compactMap { trial -> TrialRecord? in
        guard isEverywhere || trial.settings.seed == 0 else { return trial }
        let rows = try trial.rows.compactMap { try Self.changed($0, column, to: value) }
        return try? TrialRecord(rows: rows, curve: trial.curve)
      }
      use(trials, "\(column) \(value)")
    }
  }

  @Test(arguments: numeric(ColumnRange.point))
  func `an extreme in curves breaks nothing`(column: String) throws {
    let range = try #require(ColumnRange.point[column])
    for value in Self.extremes(range) {
      let trials = try Self.study.compactMap { trial -> TrialRecord? in
        let curve = try trial.curve.enumerated().compactMap { index, point in
          index == 3 ? try Self.changed(point, column, to: value) : point
        }
        return try? TrialRecord(rows: trial.rows, curve: curve)
      }
      use(trials, "\(column) \(value)")
    }
  }
}
