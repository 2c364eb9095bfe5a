public import Learning
public import Records

/// A cell's runs at a tuned learning rate, with their noise by part. They predict a critical batch
/// in seconds, without a sweep.
public struct NoiseRun: Sendable {
  /// One run with its probe's readings.
  public struct Seed: Sendable {
    public var outcome: TrialOutcome
    public var parts: NoiseParts
  }

  public var cell: TunedCell
  public var seeds: [Seed]
  /// Observations of the runs, without evaluations.
  public var observations: Observations

  /// Runs the cell with `count` measuring seeds.
  ///
  /// - Parameter threads: of every run; if not given, as many as there are cores for it.
  /// - Throws: `TrialInterrupted` if the surrounding task is cancelled.
  public init(_ cell: TunedCell, seeds count: Int, lanes: Int, threads: Int? = nil) async throws {
    self.cell = cell
    let all = (0..<count).map { seed in
      var settings = cell.settings
      settings.seed = seed
      return settings
    }
    seeds = try await inLanes(lanes, all, threads: threads) { settings, threads in
      let probe = NoiseProbe()
      let outcome = try Trial(settings, task: cell.task).run(threads: threads, probe: probe)
      return Seed(outcome: outcome, parts: probe.parts)
    }
    observations = seeds.reduce(.zero) { $0 + $1.outcome.observations }
  }
}
