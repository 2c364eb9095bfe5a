/// Which objective the learner follows.
public enum Algorithm: String, Codable, Sendable, CaseIterable {
  /// Policy gradient in its A2C form: one optimizer step per rollout.
  case policyGradient = "pg"
  /// Proximal policy optimization with a clipped objective (Schulman et al. 2017).
  case ppo
}

public enum Activation: String, Codable, Sendable, CaseIterable { case tanh, relu }

/// Whether policy and value share their hidden layers.
public enum Trunks: String, Codable, Sendable, CaseIterable { case shared, separate }

public enum OptimizerKind: String, Codable, Sendable, CaseIterable {
  case adam, sgd, rmsprop
}

/// Widths of the hidden layers; archived as text such as `64-64` so that a row stays flat.
public struct LayerSizes: Codable, Hashable, Sendable, CustomStringConvertible {
  public var sizes: [Int]

  public init(_ sizes: [Int]) { self.sizes = sizes }

  /// `nil` unless the text is positive whole numbers joined by `-`, or empty (no hidden layer).
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    let sizes = text.isEmpty ? [] : parts.compactMap { $0 }
    guard text.isEmpty || sizes.count == parts.count, sizes.allSatisfy({ $0 > 0 }) else {
      return nil
    }
    self.sizes = sizes
  }

  public var description: String { sizes.map(String.init).joined(separator: "-") }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let read = LayerSizes(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "hidden layers are written like 64-64")
    }
    self = read
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Everything that shapes an update but its size and its learning rate, under the names that
/// users of CleanRL type.
public struct Hyperparameters: Codable, Hashable, Sendable {
  public var algorithm: Algorithm = .policyGradient
  /// Discount γ.
  public var gamma: Double = 0.99
  /// λ of generalized advantage estimation.
  public var gaeLambda: Double = 0.95
  /// Weight of the entropy bonus.
  public var entCoef: Double = 0.01
  /// Weight of the value loss ½(V − R)².
  public var vfCoef: Double = 0.5
  /// Largest gradient norm; `nil`: unlimited (as in sweeps: its effect depends on the batch).
  @Nullable public var maxGradNorm: Double? = nil
  /// Whether advantages are scaled to mean 0 and deviation 1 over the whole batch.
  public var normAdv: Bool = false

  /// PPO: passes over each rollout. 1 for policy gradient.
  public var updateEpochs: Int = 1
  /// PPO: optimizer steps per pass. 1 for policy gradient.
  public var numMinibatches: Int = 1
  /// PPO: the policy ratio is clipped to 1 ± this; `nil`: not clipped.
  @Nullable public var clipCoef: Double? = nil
  /// PPO: whether the value is clipped to ± `clipCoef` around the value of the rollout.
  public var clipVloss: Bool = false
  /// PPO: an update ends early once the approximate KL divergence passes this; `nil`: never.
  @Nullable public var targetKL: Double? = nil

  public var hidden: LayerSizes = LayerSizes([64, 64])
  public var activation: Activation = .tanh
  public var trunks: Trunks = .shared

  public var optimizer: OptimizerKind = .adam
  /// Adam's β₁, or the momentum of SGD and RMSProp.
  public var momentum: Double = 0.9
  /// Adam's β₂, or the smoothing of RMSProp.
  public var smoothing: Double = 0.999
  /// Added to the root of the second moment.
  public var epsilon: Double = 1e-8

  public init() {}

  /// The defaults of an algorithm in a sweep.
  public init(_ algorithm: Algorithm) {
    self.algorithm = algorithm
    if algorithm == .ppo {
      normAdv = true
      updateEpochs = 4
      numMinibatches = 4
      clipCoef = 0.2
      clipVloss = true
    }
  }

  /// The same with another optimizer and that optimizer's usual constants.
  public func with(optimizer: OptimizerKind) -> Self {
    var copy = self
    copy.optimizer = optimizer
    switch optimizer {
    case .adam: (copy.momentum, copy.smoothing, copy.epsilon) = (0.9, 0.999, 1e-8)
    case .sgd: (copy.momentum, copy.smoothing, copy.epsilon) = (0, 0, 0)
    case .rmsprop: (copy.momentum, copy.smoothing, copy.epsilon) = (0, 0.99, 1e-8)
    }
    return copy
  }

  private enum CodingKeys: String, CodingKey {
    case algorithm, gamma, hidden, activation, trunks, optimizer, momentum, smoothing, epsilon
    case gaeLambda = "gae_lambda"
    case entCoef = "ent_coef"
    case vfCoef = "vf_coef"
    case maxGradNorm = "max_grad_norm"
    case normAdv = "norm_adv"
    case updateEpochs = "update_epochs"
    case numMinibatches = "num_minibatches"
    case clipCoef = "clip_coef"
    case clipVloss = "clip_vloss"
    case targetKL = "target_kl"
  }
}
