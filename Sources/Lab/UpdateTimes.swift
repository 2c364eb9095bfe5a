public import Environments
internal import Learning
public import Records

/// Times of the updates of one training run with several numbers of threads.
public enum UpdateTimes {
  /// Numbers of threads that are worth timing for a number of cores: the powers of two up to it, and
  /// itself, as far as this process may use so many.
  ///
  /// - Parameter available: cores of this process.
  public static func threads(for cores: Int, available: Int = LaneLimits.current().lanes) -> [Int] {
    let most = max(min(cores, available), 1)
    let powers = sequence(first: 1) { $0 > most / 2 ? nil : 2 * $0 }
    return Set(Array(powers) + [most]).sorted()
  }

  /// Trains in memory and returns the seconds of an update for each number of threads, in their
  /// order: the lower quartile, because other work on the machine only makes updates slower.
  ///
  /// The numbers of threads take turns, so that a change in the machine's speed affects all of them.
  /// The learning rate is low, because only the time of the updates matters.
  ///
  /// - Parameters:
  ///   - limit: seconds for each number of threads; each has at least five updates, too.
  ///   - onUpdate: called with the threads of every update.
  /// - Throws: `PlanProblem` if the task is not in the catalogue.
  public static func seconds(
    of settings: TrialSettings, threads: [Int], limit: Double, with catalogue: Catalogue,
    onUpdate: (Int) -> Void = { _ in }
  ) throws(PlanProblem) -> [Double] {
    let entry = try catalogue.task(named: settings.task)
    var settings = settings
    settings.learningRate = min(settings.learningRate, 1e-4)
    var trainer = Trainer(settings, task: entry, seed: Seed(1))
    var times = threads.map { _ in [Double]() }
    var sum = 0.0
    repeat {
      for index in threads.indices {
        trainer.threads = threads[index]
        onUpdate(trainer.threads)
        let seconds = ContinuousClock().measure { _ = try? trainer.update() }.seconds
        times[index].append(seconds)
        sum += seconds
      }
    } while times.contains { $0.count < 6 } || sum < limit * Double(threads.count)
    // The first update of each allocates.
    return times.map { all in
      let rest = all.dropFirst().sorted()
      return rest[rest.count / 4]
    }
  }
}
