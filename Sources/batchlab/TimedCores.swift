internal import Analysis
internal import Environments
internal import Lab
internal import Records

/// What `--cores` adds to a study's fits.
enum TimedCores {
  /// The largest number that `--cores` takes.
  static let most = 65_536
  /// Seconds of timing for each batch and number of threads.
  private static let limit = 0.15
  /// The largest batch that is timed. Larger ones may not fit into the memory of this machine, and
  /// scale like those below.
  private static let largestBatch = 4_194_304

  /// The same for the fits of a study that are still to be made.
  static func request(_ cores: Int, of trials: [TrialRecord]) throws -> CoreRequest {
    // Which questions have advice does not depend on what is resampled.
    try request(cores, fits(of: trials, resamples: 1), of: trials, json: false)
  }

  /// Times updates at each batch of the fits that give advice, as far as their rows are from this
  /// processor.
  ///
  /// - Parameters:
  ///   - cores: what `--cores` says.
  ///   - trials: those of the study.
  static func request(
    _ cores: Int, _ fits: [FitReport], of trials: [TrialRecord], json: Bool
  ) throws -> CoreRequest {
    let processor = Utilization.cpu
    var request = CoreRequest(cores: cores, processor: processor)
    let threads = UpdateTimes.threads(for: cores)
    guard threads.count > 1 else { return request }
    for fit in fits {
      guard let advice = fit.advice, advice.cpu == processor else { continue }
      let question = fit.question.atAnyTarget
      guard request.timed[question] == nil else { continue }
      let rows = trials.rows(about: fit.question)
      request.timed[question] = try Reading.say("timing updates of \(fit.name) ...", json: json) {
        try advice.batches.flatMap { cost in
          let own = rows.first { row in
            row.isMeasurement && row.settings.batch.value == cost.batch
              && cost.batch <= largestBatch && BatchLab.catalogue[row.settings.task] != nil
          }
          return try own.map { try timed($0.settings, threads) } ?? []
        }
      }
    }
    return request
  }

  private static func timed(
    _ settings: TrialSettings, _ threads: [Int]
  ) throws -> [TimedUpdate] {
    let seconds = try UpdateTimes.seconds(
      of: settings, threads: threads, limit: limit, with: BatchLab.catalogue)
    return zip(threads, seconds).map {
      TimedUpdate(batch: settings.batch.value, threads: $0, seconds: $1)
    }
  }
}
