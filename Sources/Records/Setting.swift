/// What a setting is a part of.
public enum SettingRole: Sendable {
  /// Part of `Hyperparameters`: a column of every row, and part of a trial's id.
  case hyperparameter
  /// Part of a plan only: it says what is run.
  case plan
}

/// The algorithms or optimizers that a setting belongs to.
public enum SettingOwner: Sendable {
  case everyRun
  case algorithms([Algorithm])
  case optimizers([OptimizerKind])

  /// Belongs to every algorithm, but a task doesn't inherit it from a plan with another algorithm.
  static let everyAlgorithm = SettingOwner.algorithms(Algorithm.allCases)
}

/// The commands that offer a setting as an option.
public enum SettingCommands: Sendable {
  /// Every command that trains.
  case all
  case sweep
  case train
  case none
}

/// A setting of a known type: an entry of `Settings`.
public struct Setting<Value: SettingValue>: AnySetting {
  /// CleanRL's name if it has one, with words joined by `-`. Flag, key and column follow from it.
  public let name: String
  public let range: ValueRange<Value.Plain>
  public let owner: SettingOwner
  public let role: SettingRole
  public let commands: SettingCommands
  public let key: String?
  public let column: String
  public let isShared: Bool
  /// The default if the setting belongs to the algorithm and optimizer. With `hasTaskDefault`, it
  /// is for tasks that `TaskDefaults` doesn't list.
  public let standard: Value
  /// The default with PPO.
  private let ppoStandard: Value
  /// What is recorded if another algorithm or optimizer is in use.
  private let otherwise: Value
  public let hasTaskDefault: Bool
  public let sentence: String

  /// - Parameters:
  ///   - otherKey: the key in a plan, if different from the name.
  ///   - otherColumn: the column, if different from the name; empty if there is none. Two optimizers
  ///     may share one.
  ///   - otherwise: recorded if another algorithm or optimizer is in use; `standard` if omitted, and
  ///     no value if `.some(nil)`.
  init(
    name: String, range: ValueRange<Value.Plain>, owner: SettingOwner = .everyRun,
    role: SettingRole = .hyperparameter, commands: SettingCommands = .all, isPlanned: Bool = true,
    otherKey: String? = nil, otherColumn: String? = nil, isShared: Bool = false, standard: Value,
    ppoStandard: Value? = nil, otherwise: Value? = nil, hasTaskDefault: Bool = false,
    sentence: String
  ) {
    (self.name, self.range, self.owner, self.role) = (name, range, owner, role)
    (self.commands, self.isShared, self.hasTaskDefault) = (commands, isShared, hasTaskDefault)
    key = isPlanned ? otherKey ?? name : nil
    column = otherColumn ?? name.replacing("-", with: "_")
    self.standard = standard
    self.ppoStandard = ppoStandard ?? standard
    self.otherwise = otherwise ?? standard
    self.sentence = sentence
  }

  public var isOptional: Bool { Value(plain: nil) != nil }

  public func standard(_ algorithm: Algorithm, _ optimizer: OptimizerKind) -> Value.Plain? {
    guard belongs(to: algorithm, optimizer) else { return otherwise.plain }
    return (algorithm == .ppo ? ppoStandard : standard).plain
  }
}

/// A setting of any type.
public protocol AnySetting: Sendable {
  associatedtype Value: SettingValue
  var name: String { get }
  /// What it does, in one sentence.
  var sentence: String { get }
  /// The key in a plan, such as `seeds.tuning`, without the `algorithm.ppo` before an algorithm's
  /// settings; `nil` if plans can't set it.
  var key: String? { get }
  var column: String { get }
  var range: ValueRange<Value.Plain> { get }
  var owner: SettingOwner { get }
  var role: SettingRole { get }
  var commands: SettingCommands { get }
  /// Whether all tasks of a plan share it.
  var isShared: Bool { get }
  /// Whether each task has its own default (`TaskDefaults`).
  var hasTaskDefault: Bool { get }
  /// Whether it may have no value, which archives write as `null`.
  var isOptional: Bool { get }
  /// The default with an algorithm and an optimizer; `nil` if it has no value.
  func standard(_ algorithm: Algorithm, _ optimizer: OptimizerKind) -> Value.Plain?
}

extension AnySetting {
  public var flag: String { "--" + name }
  /// What a value must be, as in "a number from 0 to 1", in a plan and on a command line.
  public var form: String { range.form }
  public var wordForm: String { range.wordForm }

  /// The value that a word stands for; `nil` if it is not a value of this setting.
  public func read(_ word: String) -> Value.Plain? {
    Value.Plain(word: word).flatMap { range.contains($0) ? $0 : nil }
  }

  /// Whether a value has the right type and is in range.
  public func allows(_ value: any PlainValue) -> Bool {
    (value as? Value.Plain).map(range.contains) ?? false
  }

  /// Whether it has an effect with this algorithm and this optimizer.
  public func belongs(to algorithm: Algorithm, _ optimizer: OptimizerKind) -> Bool {
    switch owner {
    case .everyRun: true
    case .algorithms(let algorithms): algorithms.contains(algorithm)
    case .optimizers(let optimizers): optimizers.contains(optimizer)
    }
  }

  /// Why it can't be set with this algorithm and optimizer, as in "is a setting of ppo, not of pg";
  /// `nil` if it can.
  public func objection(_ algorithm: Algorithm, _ optimizer: OptimizerKind) -> String? {
    if belongs(to: algorithm, optimizer) { return nil }
    let inUse = isOfAlgorithm ? algorithm.rawValue : optimizer.rawValue
    return "is a setting of \(owners), not of \(inUse)"
  }

  public var isOfAlgorithm: Bool {
    if case .algorithms = owner { true } else { false }
  }

  /// The algorithms or optimizers that it belongs to, as in "sgd and rmsprop"; empty for all.
  public var owners: String {
    switch owner {
    case .algorithms(let own) where own.count < Algorithm.allCases.count:
      listed(own.map(\.rawValue), "and")
    case .optimizers(let own): listed(own.map(\.rawValue), "and")
    default: ""
    }
  }

  /// The default in words, such as "0.2" or "false, or true with ppo"; empty if there is none.
  public var standardWords: String {
    if hasTaskDefault { return "the task's" }
    func words(_ algorithm: Algorithm) -> String? {
      let optimizer = OptimizerKind.allCases.first { belongs(to: algorithm, $0) }
      return optimizer.flatMap { standard(algorithm, $0)?.word }
    }
    let (usual, ppo) = (words(.policyGradient), words(.ppo))
    guard let usual, let ppo, usual != ppo else { return usual ?? ppo ?? "" }
    return "\(usual), or \(ppo) with ppo"
  }
}

/// Joins words, as in "adam, sgd or rmsprop".
func listed(_ words: [String], _ last: String) -> String {
  guard words.count > 1 else { return words.joined() }
  return words.dropLast().joined(separator: ", ") + " \(last) " + words[words.count - 1]
}
