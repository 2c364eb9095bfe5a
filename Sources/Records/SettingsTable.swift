/// Every setting of a run and of a plan, each declared once.
///
/// The command line, the reader of plans, the archive's columns, the ids of trials, help and
/// `docs/plans.md` are made from these entries. To add a setting, add an entry here and use it as
/// `hyperparameters.itsName`; `make docs` then lists it. Older rows, which lack its column, have its
/// default, and a trial with the default keeps its id.
public struct Settings: Sendable {
  // MARK: What is trained

  public let algorithm = Setting<Algorithm>(
    name: "algorithm", range: .anyCase, standard: .policyGradient,
    sentence:
      "The objective: pg is policy gradient in its A2C form; ppo is proximal policy optimization.")
  public let optimizer = Setting<OptimizerKind>(
    name: "optimizer", range: .anyCase, standard: .adam,
    sentence: "The optimizer. For quadratic, the default is sgd.")

  // MARK: What is run

  public let batches = Setting<PlanSettings.Batches>(
    name: "batches", range: .batches, role: .plan, commands: .sweep, otherColumn: "batch",
    standard: .list([]), hasTaskDefault: true,
    sentence: "Observations per update: environments times num-steps.")
  public let exchangeRates = Setting<[Double]>(
    name: "exchange-rates", range: .rates(from: 1, to: 0x1p40), role: .plan, commands: .sweep,
    otherColumn: "exchange_rate", standard: [],
    sentence:
      "Adds runs whose batch follows √(rate × noise scale); a rate is in observations per update.")
  public let numSteps = Setting<Int>(
    name: "num-steps", range: .from(1, to: 1_000_000), role: .plan, standard: 32,
    hasTaskDefault: true, sentence: "Steps per environment in a rollout (the horizon).")
  public let learningRateCentre = Setting<PlanSettings.Centre>(
    name: "centre", range: .centre, role: .plan, commands: .sweep,
    otherKey: "learning-rates.centre", otherColumn: "learning_rate", standard: .auto,
    sentence: "The learning rate at which the search starts; auto is the task's own curve.")
  public let learningRateFactor = Setting<Double>(
    name: "learning-rates-factor", range: .above(1), role: .plan, commands: .none,
    otherKey: "learning-rates.factor", otherColumn: "", isShared: true, standard: 2,
    sentence: "The factor between neighboring learning rates in the search.")
  public let fixedRate = Setting<Double?>(
    name: "learning-rate", range: .above(0, to: 1e6), role: .plan, commands: .sweep,
    otherKey: "learning-rates.fixed", standard: nil,
    sentence: "One learning rate for all batches, without a search. Rows are marked untuned.")
  public let tuningSeeds = Setting<Int>(
    name: "tuning-seeds", range: .from(1, to: 1_000), role: .plan, commands: .sweep,
    otherKey: "seeds.tuning", otherColumn: "", standard: 5,
    sentence: "Seeds on which learning rates are chosen.")
  public let measuringSeeds = Setting<Int>(
    name: "measuring-seeds", range: .from(1, to: 1_000), role: .plan, commands: .sweep,
    otherKey: "seeds.measuring", otherColumn: "", standard: 12,
    sentence: "Fresh seeds on which results are measured.")
  public let budget = Setting<Int>(
    name: "total-timesteps", range: .from(1, to: 1 << 53 - 1), role: .plan,
    otherKey: "budget.observations", otherColumn: "limit_observations", standard: 20_000_000,
    hasTaskDefault: true,
    sentence: "Observations after which a run ends; it is censored if it missed its target.")
  public let evaluationEpisodes = Setting<Int>(
    name: "evaluation-episodes", range: .from(1, to: 1_000_000), role: .plan, commands: .none,
    otherKey: "evaluation.episodes", otherColumn: "evaluation_episodes_limit", standard: 256,
    hasTaskDefault: true,
    sentence:
      "The maximum number of episodes in one evaluation, four times as many late in training.")

  // MARK: The network

  public let hidden = Setting<LayerSizes>(
    name: "hidden", range: .layers(16, width: 16_384), standard: LayerSizes([64, 64]),
    sentence: "Widths of the hidden dense layers, first to last.")
  public let network = Setting<NetworkLayers?>(
    name: "network", range: .network, standard: nil,
    sentence:
      "All hidden layers, convolutions before dense ones, in place of hidden; the names imply relu."
  )
  public let activation = Setting<Activation>(
    name: "activation", range: .anyCase, standard: .tanh,
    sentence: "The activation function of the hidden layers.")
  public let trunks = Setting<Trunks>(
    name: "trunks", range: .anyCase, standard: .shared,
    sentence: "Whether policy and value share their hidden layers.")

  // MARK: The objective

  public let gamma = Setting<Double>(
    name: "gamma", range: .from(0, to: 1), owner: .everyAlgorithm, standard: 0.99,
    hasTaskDefault: true, sentence: "Discount γ of future rewards.")
  public let gaeLambda = Setting<Double>(
    name: "gae-lambda", range: .from(0, to: 1), owner: .everyAlgorithm, standard: 0.95,
    hasTaskDefault: true, sentence: "λ of generalized advantage estimation.")
  public let entCoef = Setting<Double>(
    name: "ent-coef", range: .from(0, to: 1e6), owner: .everyAlgorithm, standard: 0.01,
    hasTaskDefault: true, sentence: "Weight of the entropy bonus.")
  public let vfCoef = Setting<Double>(
    name: "vf-coef", range: .from(0, to: 1e6), owner: .everyAlgorithm, standard: 0.5,
    hasTaskDefault: true, sentence: "Weight of the value loss ½(V − R)².")
  public let normAdv = Setting<Bool>(
    name: "norm-adv", range: .either, owner: .everyAlgorithm, standard: false, ppoStandard: true,
    sentence:
      "Whether advantages are scaled to mean 0 and standard deviation 1 over the whole batch.")
  public let updateEpochs = Setting<Int>(
    name: "update-epochs", range: .from(1, to: 1_000_000), owner: .algorithms([.ppo]), standard: 4,
    otherwise: 1, sentence: "Passes over each rollout.")
  public let numMinibatches = Setting<Int>(
    name: "num-minibatches", range: .from(1, to: 1_000_000_000), owner: .algorithms([.ppo]),
    standard: 4, otherwise: 1, sentence: "Optimizer steps per pass.")
  public let clipCoef = Setting<Double?>(
    name: "clip-coef", range: .above(0, to: 1e6), owner: .algorithms([.ppo]), standard: 0.2,
    otherwise: .some(nil), sentence: "The policy ratio is clipped to 1 ± this.")
  public let clipVloss = Setting<Bool>(
    name: "clip-vloss", range: .either, owner: .algorithms([.ppo]), standard: true,
    otherwise: false,
    sentence: "Whether the value is also clipped, to ± clip-coef around its value in the rollout.")
  public let targetKL = Setting<Double?>(
    name: "target-kl", range: .above(0, to: 1e6), owner: .algorithms([.ppo]), commands: .train,
    isPlanned: false, standard: nil,
    sentence: "An update ends early once the approximate KL divergence passes this.")

  // MARK: The optimizer

  /// Not for sweeps, because its effect depends on the batch.
  public let maxGradNorm = Setting<Double?>(
    name: "max-grad-norm", range: .above(0, to: 1e12), commands: .train, isPlanned: false,
    standard: nil, sentence: "Largest gradient norm; larger gradients are scaled down to it.")
  public let beta1 = Setting<Double>(
    name: "beta1", range: .from(0, to: 0.999_999), owner: .optimizers([.adam]),
    otherColumn: "momentum", standard: 0.9,
    sentence: "Adam's β₁, the decay of the mean gradient.")
  public let beta2 = Setting<Double>(
    name: "beta2", range: .from(0, to: 0.999_999_999), owner: .optimizers([.adam]),
    otherColumn: "smoothing", standard: 0.999, otherwise: 0,
    sentence: "Adam's β₂, the decay of the mean squared gradient.")
  public let momentum = Setting<Double>(
    name: "momentum", range: .from(0, to: 0.999_999), owner: .optimizers([.sgd, .rmsprop]),
    standard: 0, sentence: "Momentum.")
  public let smoothing = Setting<Double>(
    name: "smoothing", range: .from(0, to: 0.999_999_999), owner: .optimizers([.rmsprop]),
    standard: 0.99, otherwise: 0,
    sentence: "The decay of RMSProp's mean squared gradient; PyTorch calls it alpha.")
  public let epsilon = Setting<Double>(
    name: "epsilon", range: .from(0, to: 1), owner: .optimizers([.adam, .rmsprop]), standard: 1e-8,
    otherwise: 0, sentence: "Added to the root of the mean squared gradient.")

  public let seed = Setting<Int>(
    name: "seed", range: .from(0, to: 1 << 53 - 1), role: .plan, otherColumn: "study_seed",
    isShared: true, standard: 1, sentence: "Seed of all random numbers.")

  /// The entries by name.
  public static let declared = Settings()
}

/// A list of settings; tests add their own to the standard one.
public struct SettingsTable: Sendable {
  public let all: [any AnySetting]
  /// The settings that `Hyperparameters` hold.
  let hyperparameters: [any AnySetting]
  /// Their columns; two of them may share one.
  let columns: [SettingColumn]
  private let usual: [Algorithm: [OptimizerKind: SettingValues]]

  public init(_ settings: [any AnySetting]) {
    all = settings
    let own = settings.filter { $0.role == .hyperparameter }
    var seen: Set<String> = []
    hyperparameters = own
    columns = own.filter { seen.insert($0.column).inserted }.map(SettingColumn.init)
    var usual: [Algorithm: [OptimizerKind: SettingValues]] = [:]
    for algorithm in Algorithm.allCases {
      for optimizer in OptimizerKind.allCases {
        usual[algorithm, default: [:]][optimizer] = Self.defaults(own, algorithm, optimizer)
      }
    }
    self.usual = usual
  }

  /// Every member of `Settings`, in the order of declaration.
  public static let standard = SettingsTable(
    Mirror(reflecting: Settings.declared).children.compactMap { $0.value as? any AnySetting })

  /// The same with further settings.
  public func adding(_ settings: any AnySetting...) -> SettingsTable {
    SettingsTable(all + settings)
  }

  /// The defaults of `Hyperparameters`, by column.
  func defaults(_ algorithm: Algorithm, _ optimizer: OptimizerKind) -> SettingValues {
    usual[algorithm]?[optimizer] ?? SettingValues()
  }

  private static func defaults(
    _ settings: [any AnySetting], _ algorithm: Algorithm, _ optimizer: OptimizerKind
  ) -> SettingValues {
    var result = SettingValues()
    // Of settings that share a column, the one that belongs to the optimizer wins.
    let (own, others) = (
      settings.filter { $0.belongs(to: algorithm, optimizer) },
      settings.filter { !$0.belongs(to: algorithm, optimizer) }
    )
    for setting in others + own {
      result.values[setting.column] = setting.standard(algorithm, optimizer)
    }
    result.values["algorithm"] = algorithm
    result.values["optimizer"] = optimizer
    return result
  }
}

/// A column of rows that holds a setting.
struct SettingColumn: Sendable {
  let setting: any AnySetting
  let name: String
  /// Whether rows did not always have it. Where it is missing the setting has its default, and a
  /// trial with the default keeps the id that it had before.
  let isLater: Bool

  init(_ setting: any AnySetting) {
    (self.setting, name) = (setting, setting.column)
    isLater = !firstColumns.contains(name)
  }
}

/// The columns of settings that rows have always had. They are always written, and a row without
/// one is damaged. New settings don't belong here.
private let firstColumns = Set(
  """
  algorithm optimizer hidden activation trunks gamma gae_lambda ent_coef vf_coef norm_adv \
  update_epochs num_minibatches clip_coef clip_vloss target_kl max_grad_norm momentum smoothing \
  epsilon
  """.split(separator: " ").map(String.init))

extension CodingUserInfoKey {
  /// The table that a decoder uses instead of the standard one.
  public static let settingsTable = CodingUserInfoKey(rawValue: "settingsTable")
}
