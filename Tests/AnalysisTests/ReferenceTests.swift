import Foundation
import Testing

@testable import Analysis

/// Published steps to target of other people's training (see Data/README.md).
struct ReferenceTests {
  private static func reports(without isLeftOut: (Run) -> Bool = { _ in false }) throws
    -> [String: FitReport]
  {
    let file = try #require(
      Bundle.module.url(forResource: "mlperf", withExtension: "csv", subdirectory: "Data"))
    var groups = try RunGroup.groups(
      csv: String(contentsOf: file, encoding: .utf8), name: "mlperf.csv")
    for index in groups.indices { groups[index].runs.removeAll(where: isLeftOut) }
    return Dictionary(uniqueKeysWithValues: fit(groups).map { ($0.question.task ?? "", $0) })
  }

  @Test func `agrees with the reference fits`() throws {
    let reports = try Self.reports()
    let reference = [
      "rnnt": 3700.0, "resnet": 47_000, "gnn": 116_000, "llama31_405b": 5900, "flux1": 2800,
    ]
    for (task, critical) in reference {
      let value = try #require(reports[task]?.criticalBatch?.value)
      #expect((value / critical - 1).magnitude < 0.03, "\(task): \(value)")
    }
    #expect(reports["gnn"]?.verdict == .fitted)
    // Half their largest batch lies near the low end of the interval, or below it.
    for task in ["rnnt", "resnet", "llama31_405b", "flux1"] {
      #expect([.fitted, .lowerBound].contains(reports[task]?.verdict))
    }
  }

  /// Epochs of ssd (MLPerf Training 4.1.0) and how many seeds took them: they hardly differ, so only
  /// the batches say how far off B_crit may be. Leaving one out gives 1,270 to 1,700.
  @Test func `takes the interval from the batches where seeds hardly differ`() throws {
    let epochs: [(batch: Double, seeds: [Double: Int])] = [
      (256, [4: 20]),
      (320, [4: 17, 5: 3]),
      (512, [5: 20]),
      (768, [5: 10]),
      (1024, [6: 10]),
      (1280, [6: 7, 7: 13]),
      (2048, [7: 3, 8: 16, 9: 1]),
      (2560, [8: 5, 9: 8]),
      (4096, [14: 1, 15: 11, 16: 3]),
    ]
    let runs = epochs.flatMap { batch, seeds in
      seeds.flatMap { value, count in
        (0..<count).map { _ in Run(batch: batch, updates: 1000 * value / batch) }
      }
    }
    let report = fit(RunGroup(runs: runs))
    let critical = try #require(report.criticalBatch)
    #expect(!critical.excludes(1270) && !critical.excludes(1700))
    let range = try #require(report.withoutOneBatch)
    #expect(!range.excludes(1300) && !range.excludes(1650))
  }

  @Test func `abstains where the reference does`() throws {
    let reports = try Self.reports()
    #expect(reports["unet3d"]?.verdict == .flat)
    #expect(try #require(reports["unet3d"]?.criticalBatch?.low) > 84)
    #expect(reports["deepseekv3_671b"]?.verdict == .tooNarrow)
    #expect(reports["cosmoflow"]?.verdict == .rejected)
    #expect((try #require(reports["cosmoflow"]?.rmsLogResidual) - 0.27).magnitude < 0.005)
    for task in ["unet3d", "deepseekv3_671b", "cosmoflow"] {
      #expect(reports[task]?.criticalBatch?.value == nil)
      #expect(reports[task]?.reason != nil)
    }
  }

  @Test func `does not follow one seed that is ten times the others`() throws {
    let isOdd = { (run: Run) in run.batch == 3072 && run.updates * run.batch > 5e9 }
    let with = try #require(try Self.reports()["gpt3"])
    let without = try #require(try Self.reports(without: isOdd)["gpt3"])
    #expect(with.setAside.map(\.batch) == [3072] && without.setAside.isEmpty)
    let critical = try #require(with.law?.criticalBatch)
    #expect((critical / 16_800 - 1).magnitude < 0.03)
    #expect((critical / (try #require(without.law?.criticalBatch)) - 1).magnitude < 0.15)
    // The batches end at half of it: the number itself is not claimed.
    #expect(with.verdict == .lowerBound && with.criticalBatch?.value == nil)
  }
}
