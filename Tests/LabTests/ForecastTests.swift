import Environments
import Records
import Testing

@testable import Lab

@Suite struct `The remaining time` {
  /// A cell of catch and one of pong, 18 trials each: three targets come to two rates.
  @Test func `is not given before a twentieth of the work is done`() throws {
    var plan = Plan(tasks: [.init("catch"), .init("pong")])
    plan.batches = .list([640])
    (plan.tuningSeeds, plan.measuringSeeds) = (2, 5)
    let resolved = try plan.resolved(with: .builtIn)
    let cells = try resolved.tasks.map { task in
      try Cell(plan: resolved, task: task, size: CellSize(batch: 640))
    }
    var forecast = Forecast(cells: cells, lanes: 2)
    #expect(forecast.secondsLeft == nil)
    forecast.note(cell: 0, seconds: 10)
    // 10 of 360 seconds.
    #expect(forecast.secondsLeft == nil)
    forecast.note(cell: 0, seconds: 10)
    // 16 trials are left of catch, and 18 of pong, which are taken for as long, in two lanes.
    #expect(forecast.secondsLeft == 170.0)
    forecast.note(cell: 1, seconds: 100)
    #expect(forecast.secondsLeft == 930.0)
    forecast.close(cell: 1)
    #expect(forecast.secondsLeft == 80.0)
  }
}
