public import Environments
public import Records

/// Trains one network: plays rollouts, learns from each, and counts.
public struct Trainer: ~Copyable {
  /// A new number of environments, and the update after which it took effect.
  struct Size: Codable {
    var updates: Updates
    var environments: Int
  }

  private let settings: TrialSettings
  private let seed: Seed
  private let estimation: AdvantageEstimation
  var learner: Learner
  var collector: Collector
  public internal(set) var updates = Updates.zero
  public internal(set) var observations = Observations.zero
  var sizes: [Size] = []

  /// - Parameter seed: all of the trainer's streams are split from it.
  public init(_ settings: TrialSettings, task: CatalogueEntry, seed: Seed) {
    (self.settings, self.seed) = (settings, seed)
    estimation = AdvantageEstimation(settings.hyperparameters)
    division = settings.division
    let shape = NetworkShape(settings.hyperparameters, for: task)
    learner = Learner(shape: shape, settings: settings, seed: seed)
    collector = Collector(
      task: task, count: settings.numEnvs, horizon: settings.numSteps, shape: shape,
      seed: seed.child(.training))
  }

  /// Number of environments in the next update.
  public var environments: Int { sizes.last?.environments ?? settings.numEnvs }
  /// Observations in the next update.
  public var batch: Observations { Observations(environments * settings.numSteps) }
  /// How the work of the next update is divided.
  public private(set) var division: WorkDivision
  public var learningRate: Double { learner.learningRate }
  public var network: Network { learner.network }
  public var optimizerSteps: OptimizerSteps { learner.optimizerSteps }
  /// Noise sums since the start, or since the number of environments last changed; `nil` with a
  /// single shard, or if nobody needs them.
  public var noise: NoiseMoments? { learner.noise }
  /// The same of parts of the gradient, at the updates that `partInterval` says.
  public var partMoments: PartMoments? { learner.partMoments }
  /// k of `PartMoments.isMeasured`; `nil` if parts are not measured.
  public var partInterval: Int? { learner.partInterval }
  /// Operations of all updates so far.
  public var operations: Operations { collector.operations + learner.operations }
  /// Episodes that have ended so far in this process.
  public var finishedEpisodes: EpisodeTally { collector.finishedEpisodes }
  /// Random steps that staggered the starts.
  public var staggerSteps: Int { collector.staggerSteps }

  /// Receives the norms of the parts of every update's gradient.
  public var probe: NoiseProbe? {
    get { learner.probe }
    set { learner.probe = newValue }
  }

  /// The most threads that an update uses. They don't affect results.
  public var threads: Int {
    get { learner.threads }
    set { (collector.threads, learner.threads) = (newValue, newValue) }
  }

  /// Receives the time that the parts of an update take. With it, one thread does all.
  public var times: PartTimes? {
    didSet { (collector.times, learner.times) = (times, times) }
  }

  /// Plays a rollout and learns from it.
  ///
  /// - Throws: `Divergence` if a gradient is not finite.
  public mutating func update() throws(Divergence) -> UpdateReport {
    collector.collect(with: learner.network, estimation)
    let report = try learner.learn(from: collector.rollouts)
    updates += Updates(1)
    observations += batch
    return report
  }

  /// Continues with another number of environments, the first number times a power of two, and the
  /// learning rate that goes with it. Noise sums start over.
  public mutating func resize(to environments: Int) {
    resize(to: Size(updates: updates, environments: environments))
  }

  mutating func resize(to size: Size) {
    let own = seed.child(.batch, size.updates.value)
    learner = Learner(
      continuing: learner, settings: settings.enlarged(to: size.environments), seed: own)
    collector.resize(to: size.environments, seed: own.child(.training))
    division = settings.enlarged(to: size.environments).division
    sizes.append(size)
  }
}

extension TrialSettings {
  /// The settings for another number of environments. With k times as many, the learning rate is √k
  /// times as high for optimizers that divide by the gradient's root mean square, and k times for
  /// SGD.
  public func enlarged(to environments: Int) -> TrialSettings {
    var settings = self
    settings.numEnvs = environments
    let factor = Double(environments) / Double(numEnvs)
    switch hyperparameters.optimizer {
    case .sgd: settings.learningRate *= factor
    case .adam, .rmsprop: settings.learningRate *= factor.squareRoot()
    }
    return settings
  }
}
