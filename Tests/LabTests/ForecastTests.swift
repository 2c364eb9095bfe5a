import Environments
import Records
import TestSupport
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
    #expect(forecast.close(cell: 1) && !forecast.close(cell: 1))
    #expect(forecast.secondsLeft == 80.0)
  }

  /// Compares with a slow twin that looks at every cell.
  @Test func `chooses the cell with the most work left`() throws {
    var plan = Plan(tasks: [.init("bandit"), .init("chain")])
    plan.batches = .range(from: 8, to: 800, factor: 1.3)
    let resolved = try plan.resolved(with: .builtIn)
    let cells = try resolved.tasks.flatMap { task in
      try task.cells.map { try Cell(plan: resolved, task: task, size: $0) }
    }
    var forecast = Forecast(cells: cells, lanes: 2)
    // Of each cell: trials that wait, and the seconds of those that have ended.
    var waiting = cells.map { _ in 3 }
    var seconds = cells.map { _ in [Double]() }
    var random = Draws(5)
    func left(_ cell: Int) -> Double {
      let expected = cells[cell].usualTuning + cells[cell].usualMeasuring
      let own = seconds[cell]
      if !own.isEmpty {
        return Double(max(expected - own.count, 1)) * own.reduce(0, +) / Double(own.count)
      }
      let kin = cells.indices.filter { cells[$0].task.task == cells[cell].task.task }
        .flatMap { seconds[$0] }
      let average = kin.isEmpty ? Double(cell + 1) : kin.reduce(0, +) / Double(kin.count)
      return Double(expected) * average
    }
    for cell in cells.indices { forecast.offer(cell: cell) }
    var running: [Int] = []
    for step in 0..<400 {
      if running.count < 4, let cell = forecast.next(where: { waiting[$0] > 0 }) {
        let most = cells.indices.filter { waiting[$0] > 0 }.map(left).max()
        #expect(abs(left(cell) - (try #require(most))) < 1e-9 * left(cell), "step \(step)")
        waiting[cell] -= 1
        running.append(cell)
      } else if !running.isEmpty {
        let cell = running.remove(at: Int(random.next() % UInt64(running.count)))
        let length = Double(random.next() % 1000) / 100
        seconds[cell].append(length)
        forecast.note(cell: cell, seconds: length)
        // Some cells begin another round.
        if waiting[cell] == 0, !running.contains(cell), seconds[cell].count < 8 {
          waiting[cell] = 3
        }
        forecast.offer(cell: cell)
      }
    }
    let finished = seconds.reduce(0) { $0 + $1.count }
    #expect(finished > 150)
    let all = cells.indices.reduce(0) { $0 + left($1) }
    #expect(abs(try #require(forecast.secondsLeft) / (all / 2) - 1) < 1e-9)
  }
}
