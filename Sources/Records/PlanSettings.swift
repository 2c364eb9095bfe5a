/// What a plan may say for all of its tasks, and for each of them; `nil`: the task's own.
public struct PlanSettings: Hashable, Sendable {
  public enum Batches: Hashable, Sendable {
    case list([Int])
    /// from, from·factor, from·factor²… up to `to`, rounded to whole environments.
    case range(from: Int, to: Int, factor: Double)
  }

  /// Centre of the search for the learning rate.
  public enum Centre: Hashable, Sendable {
    /// The task's ε(B).
    case auto
    /// The plan's own; a single rate is the same at every batch.
    case given(LearningRateCentre)
  }

  public var algorithm: Algorithm?
  public var gamma: Double?
  public var gaeLambda: Double?
  public var entCoef: Double?
  public var vfCoef: Double?
  public var normAdv: Bool?
  public var updateEpochs: Int?
  public var numMinibatches: Int?
  public var clipCoef: Double?
  public var clipVloss: Bool?
  public var optimizer: OptimizerKind?
  /// Adam's β₁, or the momentum of SGD and RMSProp; Adam's β₂, or the smoothing of RMSProp.
  public var momentum: Double?
  public var smoothing: Double?
  public var epsilon: Double?
  public var hidden: LayerSizes?
  public var activation: Activation?
  public var trunks: Trunks?
  public var batches: Batches?
  /// Runs whose batch follows the noise scale, beside those of fixed batches.
  public var exchangeRates: [Double]?
  /// Steps per environment and rollout.
  public var numSteps: Int?
  public var learningRateCentre: Centre?
  /// Observations after which a trial is censored.
  public var budget: Int?
  public var evaluationEpisodes: Int?
  public var tuningSeeds: Int?
  public var measuringSeeds: Int?

  public init() {}

  /// These settings, and for what they leave open the others.
  ///
  /// What belongs to an algorithm or an optimizer is not taken from settings with another one.
  public func completed(by other: PlanSettings) -> PlanSettings {
    var result = self
    func fill<Value>(_ path: WritableKeyPath<PlanSettings, Value?>) {
      result[keyPath: path] = self[keyPath: path] ?? other[keyPath: path]
    }
    if algorithm == nil || algorithm == other.algorithm ?? Hyperparameters().algorithm {
      for path in [\PlanSettings.gamma, \.gaeLambda, \.entCoef, \.vfCoef, \.clipCoef] { fill(path) }
      for path in [\PlanSettings.normAdv, \.clipVloss] { fill(path) }
      for path in [\PlanSettings.updateEpochs, \.numMinibatches] { fill(path) }
    }
    if optimizer == nil || optimizer == other.optimizer ?? Hyperparameters().optimizer {
      for path in [\PlanSettings.momentum, \.smoothing, \.epsilon] { fill(path) }
    }
    for path in [\PlanSettings.numSteps, \.budget, \.evaluationEpisodes] { fill(path) }
    for path in [\PlanSettings.tuningSeeds, \.measuringSeeds] { fill(path) }
    fill(\.algorithm)
    fill(\.optimizer)
    fill(\.hidden)
    fill(\.activation)
    fill(\.trunks)
    fill(\.batches)
    fill(\.exchangeRates)
    fill(\.learningRateCentre)
    return result
  }
}
