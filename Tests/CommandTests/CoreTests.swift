import Analysis
import CommandSupport
import Foundation
import Lab
import Records
import TestSupport
import Testing

@testable import batchlab

/// What `--cores` prints and times.
struct CoreTests {
  /// Runs of catch that follow S = 50 (1 + 300/B), 10 µs an observation.
  private static func trials(processor: String) -> [TrialRecord] {
    [16, 64, 256, 1024, 4096].flatMap { batch in
      [0.99, 1, 1.01].enumerated().map { seed, factor in
        let updates = factor * 50 * (1 + 300 / Double(batch))
        let settings = TrialSettings.sample(
          task: "catch", seed: seed, numEnvs: batch / 8, numSteps: 8)
        let crossing = Crossing(
          target: 0.9, updates: updates, observations: updates * Double(batch),
          bracketLow: Updates(1), bracketHigh: Updates(999),
          seconds: updates * Double(batch) * 1e-5)
        return TrialOutcome.sample(crossings: [crossing], updates: 999, batch: batch).trial(
          "\(batch) \(seed)", settings, provenance: .sample(cpu: processor), verdict: .interior)
      }
    }
  }

  @Test func `updates are timed at each batch if the runs are from this processor`() throws {
    let trials = Self.trials(processor: Utilization.cpu)
    let request = try TimedCores.request(2, of: trials)
    let threads = UpdateTimes.threads(for: 2)
    let fit = try #require(fits(of: trials).first)
    guard threads.count > 1 else { return #expect(request.timed.isEmpty) }
    let timed = try #require(request.timed[fit.question.atAnyTarget])
    #expect(timed.map(\.threads) == [16, 64, 256, 1024, 4096].flatMap { _ in threads })
    #expect(Set(timed.map(\.batch)) == [16, 64, 256, 1024, 4096])
    #expect(timed.allSatisfy { $0.seconds > 0 && $0.seconds < 10 })
    let times = try #require(fit.timed(with: request).cores)
    #expect(!times.model.isAssumed && times.batches.allSatisfy { $0.timed.count == 2 })
  }

  @Test func `nothing is timed for runs from another processor, or for a single core`() throws {
    let others = try TimedCores.request(2, of: Self.trials(processor: "other"))
    #expect(others.timed.isEmpty && others.processor == Utilization.cpu)
    #expect(try TimedCores.request(1, of: Self.trials(processor: Utilization.cpu)).timed.isEmpty)
  }

  @Test func `the table marks the soonest batch, and says what is assumed and of which machine`()
    throws
  {
    let fit = try #require(fits(of: Self.trials(processor: "other")).first)
    let request = CoreRequest(cores: 4, processor: "this")
    let lines = CoreTables.lines(fit.timed(with: request), processor: "this").split(separator: "\n")
    let text = lines.joined(separator: "\n")
    #expect(text.contains("catch to 0.9\n"))
    let header = try #require(lines.first { $0.contains("S updates") })
    for cores in ["1 core", "2 cores", "4 cores", "16 cores", "128 cores"] {
      #expect(header.contains("  " + cores))
    }
    #expect(text.contains("the runs are from another processor (other), so nothing was timed"))
    let rows = lines.filter { $0.contains("~") && $0.contains(" s") && !$0.contains("model") }
    #expect(rows.count == 5 && rows.map { $0.count { $0 == "~" } }.allSatisfy { $0 == 4 })
    // On one core the smallest batch, on 16 one with 16 parts.
    #expect(rows.joined().count { $0 == "*" } == 5)
    #expect(rows[0].split(separator: "~")[0].contains("*"), "\(rows[0])")
    #expect(text.contains("both assumed, because no update was timed on several cores"))
  }

  @Test func `a study without a fit says why it has no times`() async throws {
    let study = try await TinyStudy.finished()
    let result = await study.run("fit", "@/Results/tiny", "--cores", "2")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    #expect(
      result.output.contains("\ncatch to 0.5: no times, because the law is not fitted here\n"))
    let json = await study.run("fit", "@/Results/tiny", "--cores", "2", "--json")
    let fits = try #require(try json.json() as? [[String: Any]])
    #expect(fits.first?["cores"] is NSNull)
    // What is kept of the study does not depend on the machine's speed.
    #expect(study.folder.text("Results/tiny/fits.json").contains("\"cores\" : null"))
    let page = await study.run("report", "@/Results/tiny", "--cores", "2")
    #expect(page.status == 0, "\(page.errors)")
  }
}
