import Foundation
import Records
import Testing

@testable import Analysis

struct CoreTimesTests {
  /// From 1 to 16,384 environments of 10 steps: 1, 4, 16, 16 and 16 parts.
  private static let batches = [10, 640, 10_240, 40_960, 163_840]
  private static let question = Question(
    task: "t", algorithm: .policyGradient, horizon: 10, minibatches: 1)

  /// Runs of S = 50 (1 + 3,000/B), whose updates take 10 µs an observation or what is asked for.
  private static func report(
    processors: [String] = ["c"], seconds: (_ batch: Double) -> Double? = { $0 * 1e-5 }
  ) throws -> FitReport {
    let trials = batches.flatMap { batch in
      [0.99, 1, 1.01].enumerated().map { seed, factor in
        trial(
          seed: seed, environments: batch / 10, steps: 10,
          updates: factor * 50 * (1 + 3_000 / Double(batch)),
          secondsAnUpdate: seconds(Double(batch)), processor: processors[seed % processors.count])
      }
    }
    return try #require(fits(of: trials, resamples: 200).first)
  }

  private static func request(
    _ cores: Int = 2, processor: String = "c", _ timed: [TimedUpdate] = []
  ) -> CoreRequest {
    CoreRequest(cores: cores, processor: processor, timed: [question: timed])
  }

  /// Updates that scale perfectly, timed on a machine that is twice as fast as in the rows.
  private static let perfect = batches.flatMap { batch in
    let alone = Double(batch) * 0.5e-5
    // A single environment has one part.
    let atOnce = batch == 10 ? 1.0 : 2
    return [
      TimedUpdate(batch: batch, threads: 1, seconds: alone),
      TimedUpdate(batch: batch, threads: 2, seconds: alone / atOnce),
    ]
  }

  private func best(_ times: CoreTimes, _ cores: Int) throws -> CoreTimes.Best {
    try #require(times.best.first { $0.time.cores == cores })
  }

  /// With f = 0 and o = 0 the time is 50 (B + 3,000) 10 µs / m: least for batch 10 on one core
  /// (3,010/1), for 640 on two (3,640/2) and for 10,240 on 16 and 128 (3,640/4, 13,240/16).
  @Test func `more cores make a larger batch the soonest, up to the first with 16 parts`() throws {
    let times = try #require(
      CoreTimes(try Self.report(), Self.request(4, Self.perfect)))
    #expect(times.model.serialShare < 1e-9 && times.model.overheadSeconds < 1e-12)
    #expect(times.batches.map(\.parts) == [1, 4, 16, 16, 16])
    #expect(times.best.map(\.time.cores) == [1, 2, 4, 16, 128])
    #expect(times.best.map(\.batch) == [10, 640, 640, 10_240, 10_240])
    for (cores, seconds) in [(1, 3_010.0), (2, 1_820), (4, 910), (16, 827.5), (128, 827.5)] {
      let value = try #require(try best(times, cores).time.seconds.value)
      #expect((value / (50 * seconds * 1e-5) - 1).magnitude < 0.01, "\(cores) cores: \(value)")
    }
  }

  @Test func `what was timed is measured, and everything else above one core is modelled`() throws {
    let report = try Self.report()
    let times = try #require(CoreTimes(report, Self.request(4, Self.perfect)))
    for batch in times.batches {
      #expect(
        batch.times.map(\.origin) == [.measured, .measured, .modelled, .modelled, .modelled])
    }
    let assumed = try #require(CoreTimes(report))
    #expect(assumed.model == .assumed && assumed.model.isAssumed)
    #expect(assumed.batches.allSatisfy { $0.times.map(\.origin).count { $0 == .measured } == 1 })
    // 40,960 observations of 10 µs in 16 parts, with f = 0.05 and o = 20 µs.
    let seconds = assumed.batches[3].modelledSeconds(cores: 16, assumed.model)
    let expected = 50 * (1 + 3_000 / 40_960.0) * (0.4096 * (0.05 + 0.95 / 16) + 20e-6)
    #expect((seconds / expected - 1).magnitude < 0.01)
  }

  /// The rows say 10 µs an observation, and two threads are 1.6 times as fast as one, although a
  /// model of all batches would have another number for this one.
  @Test func `a measured time is that of the rows times the ratio of what was timed`() throws {
    var timed = Self.perfect
    let index = try #require(timed.firstIndex { $0.batch == 640 && $0.threads == 2 })
    timed[index].seconds = 640 * 0.5e-5 / 1.6
    let times = try #require(CoreTimes(try Self.report(), Self.request(2, timed)))
    let time = try #require(times.batches[1].times.first { $0.cores == 2 })
    let updates = try #require(times.batches[1].updates.value)
    #expect((try #require(time.seconds.value) / (updates * 6.4e-3 / 1.6) - 1).magnitude < 1e-9)
    #expect((try #require(times.slowdown) - 2).magnitude < 1e-9)
    #expect(times.change?.contains("took 2 times as long in the study as now") == true)
  }

  @Test func `on one core the times are those of the advice`() throws {
    let report = try Self.report { 0.001 + $0 * 1e-5 }
    let (times, advice) = (try #require(CoreTimes(report)), try #require(report.advice))
    for (batch, cost) in zip(times.batches, advice.batches) {
      let seconds = try #require(batch.times[0].seconds.value)
      #expect((seconds / cost.seconds - 1).magnitude < 1e-12 && batch.batch == cost.batch)
    }
    #expect(try best(times, 1).batch == advice.soonest.batch)
  }

  @Test func `every interval is that of S, and contains its value`() throws {
    let times = try #require(CoreTimes(try Self.report(), Self.request(4, Self.perfect)))
    for batch in times.batches {
      let (low, high) = (try #require(batch.updates.low), try #require(batch.updates.high))
      let value = try #require(batch.updates.value)
      #expect(low < value && value < high)
      for time in batch.times {
        let middle = try #require(time.seconds.value)
        #expect((try #require(time.seconds.low) / middle / (low / value) - 1).magnitude < 1e-9)
        #expect((try #require(time.seconds.high) / middle / (high / value) - 1).magnitude < 1e-9)
      }
    }
  }

  @Test func `what was timed on another processor is ignored`() throws {
    let report = try Self.report()
    let times = try #require(CoreTimes(report, Self.request(2, processor: "d", Self.perfect)))
    #expect(times.model.isAssumed && times.batches.allSatisfy { $0.timed.isEmpty })
    #expect(times.cpu == "c")
  }

  @Test func `without advice there are no times, and the reason is known`() throws {
    let reports = [
      (try Self.report(processors: ["c", "d"]), "the runs don't come from one kind of processor"),
      (try Self.report { _ in nil }, "the runs have no seconds"),
    ]
    for (report, reason) in reports {
      #expect(CoreTimes(report) == nil && report.missingAdvice == reason)
      #expect(report.timed(with: Self.request()).cores == nil)
    }
    let unfitted = FitReport(
      question: Self.question, verdict: .flat, setAside: [], batches: 4, seeds: 1, censored: 0)
    #expect(unfitted.missingAdvice == "the law is not fitted here")
    #expect(try Self.report().missingAdvice == nil)
  }

  @Test func `the key cores of a fit is null unless it was asked for`() throws {
    func object(_ report: FitReport) throws -> Any? {
      let data = Data(try jsonDocument(report))
      let keys = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      return try #require(keys?["cores"])
    }
    let report = try Self.report()
    #expect(try object(report) is NSNull)
    let cores = try #require(
      try object(report.timed(with: Self.request(4, Self.perfect))) as? [String: Any])
    #expect(Set(cores.keys) == ["cpu", "model", "batches", "best"])
    let model = try #require(cores["model"] as? [String: Any])
    #expect(Set(model.keys) == ["serial_share", "overhead_seconds", "misfit"])
    let batch = try #require((cores["batches"] as? [[String: Any]])?.first)
    #expect(
      Set(batch.keys) == ["batch", "parts", "updates", "seconds_per_update", "times", "timed"])
    let time = try #require((batch["times"] as? [[String: Any]])?.last)
    #expect(Set(time.keys) == ["cores", "seconds", "origin"] && time["cores"] as? Int == 128)
    #expect(time["origin"] as? String == "modelled")
    let best = try #require((cores["best"] as? [[String: Any]])?.first)
    #expect(Set(best.keys) == ["batch", "time"])
  }

  @Test func `the sentence names the best batches and what is modelled`() throws {
    let times = try #require(CoreTimes(try Self.report(), Self.request(2, Self.perfect)))
    let parts = times.sentence.components(separatedBy: "; ")
    #expect(parts.count == 3 && parts[0].hasPrefix("soonest: on 1 core batch 10, 1.5"))
    #expect(parts[1].hasPrefix("on 2 cores batch 640, ") && !parts[1].contains("modelled"))
    #expect(
      parts[2].hasPrefix("on 16 and 128 cores batch 10,240, ")
        && parts[2].hasSuffix(" s (modelled)"))
    #expect(
      times.model.sentence.contains("just timed") && !times.model.sentence.contains("assumed"))
    #expect(
      UpdateModel.assumed.sentence.hasSuffix(
        "both assumed, because no update was timed on several cores"))
  }
}
