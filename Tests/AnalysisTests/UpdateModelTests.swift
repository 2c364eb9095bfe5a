import Testing

@testable import Analysis

struct UpdateModelTests {
  private func seconds(_ f: Double, _ o: Double, parts: Int, cores: Int) -> Double {
    UpdateModel(serialShare: f, overheadSeconds: o).seconds(
      oneCore: 8, parts: parts, cores: cores)
  }

  private func isClose(_ value: Double, _ expected: Double, within: Double = 1e-9) -> Bool {
    (value - expected).magnitude <= within * expected.magnitude
  }

  @Test func `an update without a serial share takes half as long on two cores`() {
    #expect(seconds(0, 0, parts: 16, cores: 2) == 4)
    #expect(seconds(0, 0, parts: 16, cores: 16) == 0.5)
  }

  @Test func `a serial update takes as long on any number of cores`() {
    for cores in [1, 2, 3, 16, 128] { #expect(seconds(1, 0, parts: 16, cores: cores) == 8) }
  }

  @Test func `a quarter that is serial leaves a quarter and the parts of the rest`() {
    // 8 (1/4 + 3/4 / 4).
    #expect(seconds(0.25, 0, parts: 16, cores: 4) == 3.5)
  }

  @Test func `cores beyond the parts change nothing`() {
    #expect(seconds(0, 0, parts: 4, cores: 4) == 2)
    #expect(seconds(0, 0, parts: 4, cores: 128) == 2)
    #expect(seconds(0, 0, parts: 1, cores: 128) == 8)
  }

  @Test func `parts that don't divide evenly wait for the last round`() {
    // 16 parts on 3 cores: 6 rounds of a sixteenth. On 15: two rounds, as on 8.
    #expect(seconds(0, 0, parts: 16, cores: 3) == 3)
    #expect(seconds(0, 0, parts: 16, cores: 15) == seconds(0, 0, parts: 16, cores: 8))
  }

  @Test func `handing out work costs the same on any number of cores above one`() {
    #expect(seconds(0, 0.5, parts: 16, cores: 1) == 8)
    #expect(seconds(0, 0.5, parts: 16, cores: 2) == 4.5)
    #expect(seconds(0, 0.5, parts: 16, cores: 128) == 1)
  }

  /// Updates of 1 and 100 ms that follow f = 0.1 and o = 50 µs: on two cores
  /// 0.55 + 0.05 = 0.6 ms and 55.05 ms.
  @Test func `the share and the overhead are found from two batches`() throws {
    let timed = [
      TimedUpdate(batch: 10, threads: 1, seconds: 1e-3),
      TimedUpdate(batch: 10, threads: 2, seconds: 0.6e-3),
      TimedUpdate(batch: 1000, threads: 1, seconds: 100e-3),
      TimedUpdate(batch: 1000, threads: 2, seconds: 55.05e-3),
    ]
    let model = try #require(UpdateModel(timed) { _ in 16 })
    #expect(isClose(model.serialShare, 0.1, within: 1e-6))
    #expect(isClose(model.overheadSeconds, 50e-6, within: 1e-6))
    #expect((model.misfit ?? 1) < 1e-9 && !model.isAssumed)
  }

  @Test func `one batch on two threads gives a share, and threads that only harm an overhead`()
    throws
  {
    func model(_ twoThreads: Double) throws -> UpdateModel {
      try #require(
        UpdateModel([
          TimedUpdate(batch: 10, threads: 1, seconds: 1),
          TimedUpdate(batch: 10, threads: 2, seconds: twoThreads),
        ]) { _ in 16 })
    }
    // 1/2 + f/2 = 0.6.
    let usual = try model(0.6)
    #expect(isClose(usual.serialShare, 0.2) && usual.overheadSeconds == 0)
    // More than twice as fast is not possible.
    let fast = try model(0.4)
    #expect(fast.serialShare == 0 && isClose(fast.misfit ?? 0, 0.25))
    let slow = try model(1.5)
    #expect(isClose(slow.seconds(oneCore: 1, parts: 16, cores: 2), 1.5))
    #expect(slow.overheadSeconds >= 0.5 - 1e-9)
  }

  @Test func `nothing is fitted without an update of several parts on several threads`() {
    let alone = [TimedUpdate(batch: 10, threads: 1, seconds: 1)]
    let both = alone + [TimedUpdate(batch: 10, threads: 2, seconds: 1)]
    #expect(UpdateModel(alone) { _ in 16 } == nil)
    #expect(UpdateModel(both) { _ in 1 } == nil)
    #expect(UpdateModel(Array(both.dropFirst())) { _ in 16 } == nil)
    #expect(UpdateModel.assumed.isAssumed)
  }
}
