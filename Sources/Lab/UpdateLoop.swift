internal import Environments
internal import Learning
internal import Records

/// Updates of a learner, rollouts included, in which nothing is judged or kept: what is timed
/// where only the speed matters.
struct UpdateLoop: ~Copyable {
  private let settings: TrialSettings
  private var learner: Learner
  private var collector: Collector

  /// Receives the time that the parts of an update take.
  var times: PartTimes? {
    didSet { (collector.times, learner.times) = (times, times) }
  }

  init(_ settings: TrialSettings, task: CatalogueEntry) {
    self.settings = settings
    let shape = NetworkShape(settings.hyperparameters, for: task)
    learner = Learner(shape: shape, settings: settings, seed: Seed(1))
    collector = Collector(
      task: task, count: settings.numEnvs, horizon: settings.numSteps, shape: shape,
      seed: Seed(2))
  }

  /// Of all updates so far.
  var operations: Operations { collector.operations + learner.operations }

  mutating func update() {
    collector.collect(with: learner.network, settings.hyperparameters)
    _ = try? learner.learn(from: collector.rollout)
  }

  /// Observations per second by the median update of about that many seconds, after one that warms
  /// up; other work on the machine, which stops some updates for a while, hardly changes it.
  mutating func rate(seconds limit: Double) -> Double {
    update()
    var times: [Double] = []
    var sum = 0.0
    repeat {
      let seconds = ContinuousClock().measure { update() }.seconds
      times.append(seconds)
      sum += seconds
    } while sum < limit
    times.sort()
    return Double(settings.batch.value) / max(times[times.count / 2], 1e-9)
  }
}
