/// The objective that the learner optimizes.
public enum Algorithm: String, Codable, Sendable, CaseIterable {
  /// Policy gradient in its A2C form: one optimizer step per rollout.
  case policyGradient = "pg"
  /// Proximal policy optimization with a clipped objective (Schulman et al. 2017).
  case ppo
}

public enum Activation: String, Codable, Sendable, CaseIterable { case tanh, relu }

/// Whether policy and value share their hidden layers.
public enum Trunks: String, Codable, Sendable, CaseIterable { case shared, separate }

/// To add an optimizer, add a case here, its constants to `Settings` and its step to `Optimizer`; the
/// compiler names the other places.
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

/// Everything that shapes an update except its size and learning rate, by the names in `Settings`:
/// `hyperparameters.gamma`. To add one, add an entry to `Settings`.
@dynamicMemberLookup
public struct Hyperparameters: Hashable, Sendable {
  private let table: SettingsTable
  /// Values by column; a setting without a value has none.
  private var stored = SettingValues()

  /// The defaults of an algorithm and an optimizer.
  public init(
    _ algorithm: Algorithm = .policyGradient, optimizer: OptimizerKind = .adam,
    table: SettingsTable = .standard
  ) {
    self.table = table
    stored = table.defaults(algorithm, optimizer)
  }

  /// The given settings, with the defaults of their algorithm and optimizer for the others.
  /// Settings of other algorithms and optimizers are ignored.
  public init(_ given: PlanSettings, table: SettingsTable = .standard) {
    self.init(given.value(\.algorithm), optimizer: given.value(\.optimizer), table: table)
    for setting in table.hyperparameters where setting.belongs(to: self.algorithm, self.optimizer) {
      if let value = given[any: setting] { stored.values[setting.column] = value }
    }
    if let network = given.network { use(network, activation: given.activation) }
  }

  /// Replaces the hidden layers. Dense ones are recorded in `hidden` alone, so that a network of
  /// them is the same however it was written; `hidden` holds the dense layers in any case.
  ///
  /// - Parameter activation: the one that was given; otherwise a named network has its own.
  public mutating func use(_ network: NetworkLayers, activation: Activation? = nil) {
    self.hidden = network.dense
    self.network = network.hasConvolutions ? network.withoutName : nil
    if network.impliesReLU { self.activation = activation ?? .relu }
  }

  /// All hidden layers.
  public var layers: NetworkLayers { self.network ?? NetworkLayers(self.hidden) }

  public subscript<Value>(_ setting: Setting<Value>) -> Value {
    get {
      Value(plain: stored.values[setting.column] as? Value.Plain) ?? setting.standard
    }
    set { stored.values[setting.column] = newValue.plain }
  }

  public subscript<Value>(dynamicMember entry: KeyPath<Settings, Setting<Value>>) -> Value {
    get { self[Settings.declared[keyPath: entry]] }
    set { self[Settings.declared[keyPath: entry]] = newValue }
  }

  /// The settings that the algorithm and the optimizer have, with their values.
  public var inUse: [(setting: any AnySetting, value: any PlainValue)] {
    table.hyperparameters.compactMap { setting in
      guard setting.belongs(to: self.algorithm, self.optimizer),
        let value = stored.values[setting.column]
      else { return nil }
      return (setting, value)
    }
  }

  public static func == (left: Self, right: Self) -> Bool { left.stored == right.stored }
  public func hash(into hasher: inout Hasher) { stored.hash(into: &hasher) }
}

// MARK: - Columns

private struct ColumnKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(_ name: String) { stringValue = name }
  init(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

extension Hyperparameters: Codable {
  /// Reads the columns of the decoder's table, or of the standard one. A column that was added
  /// later has its default if it is missing.
  public init(from decoder: any Decoder) throws {
    let key = CodingUserInfoKey.settingsTable
    let table = key.flatMap { decoder.userInfo[$0] as? SettingsTable } ?? .standard
    let columns = try decoder.container(keyedBy: ColumnKey.self)
    self.init(
      try columns.decode(Algorithm.self, forKey: ColumnKey("algorithm")),
      optimizer: try columns.decode(OptimizerKind.self, forKey: ColumnKey("optimizer")),
      table: table)
    for column in table.columns {
      let key = ColumnKey(column.name)
      if column.isLater, !columns.contains(key) { continue }
      stored.values[column.name] = try column.setting.decode(from: columns, key)
    }
  }

  /// Writes what identifies a run: all columns except later ones that have their default.
  public func encode(to encoder: any Encoder) throws {
    try encodeColumns(to: encoder, includingDefaults: false)
  }

  /// Writes the columns of a row, with `includingDefaults` also those that an id leaves out.
  func encodeColumns(to encoder: any Encoder, includingDefaults: Bool) throws {
    var columns = encoder.container(keyedBy: ColumnKey.self)
    let usual = table.defaults(self.algorithm, self.optimizer)
    for column in table.columns {
      let (key, value) = (ColumnKey(column.name), stored.values[column.name])
      if column.isLater, !includingDefaults, same(value, usual.values[column.name]) { continue }
      if let value {
        try columns.encode(value, forKey: key)
      } else {
        try columns.encodeNil(forKey: key)
      }
    }
  }

  /// The first column that differs, with both values as words.
  public func firstDifference(
    from other: Hyperparameters
  ) -> (column: String, own: String, other: String)? {
    for column in table.columns.map(\.name).sorted() {
      let (own, others) = (stored.values[column], other.stored.values[column])
      if !same(own, others) { return (column, own?.word ?? "null", others?.word ?? "null") }
    }
    return nil
  }
}

private func same(_ left: (any PlainValue)?, _ right: (any PlainValue)?) -> Bool {
  guard let left, let right else { return left == nil && right == nil }
  return left.equals(right)
}

extension AnySetting {
  fileprivate func decode(
    from columns: KeyedDecodingContainer<ColumnKey>, _ key: ColumnKey
  ) throws -> Value.Plain? {
    if isOptional, try columns.decodeNil(forKey: key) { return nil }
    return try columns.decode(Value.Plain.self, forKey: key)
  }
}
