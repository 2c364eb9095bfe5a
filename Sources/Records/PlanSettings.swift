/// Settings as a user gave them: those of a plan, of one of its tasks or of a command line. Those
/// that were not given are `nil`.
@dynamicMemberLookup
public struct PlanSettings: Hashable, Sendable {
  private var given = SettingValues()

  public init() {}

  subscript<Value>(_ setting: Setting<Value>) -> Value.Plain? {
    get { given.values[setting.name] as? Value.Plain }
    set { given.values[setting.name] = newValue }
  }

  public subscript<Value>(
    dynamicMember entry: KeyPath<Settings, Setting<Value>>
  ) -> Value.Plain? {
    get { self[Settings.declared[keyPath: entry]] }
    set { self[Settings.declared[keyPath: entry]] = newValue }
  }

  /// The value of a setting of any type.
  public subscript(any setting: any AnySetting) -> (any PlainValue)? {
    get { given.values[setting.name] }
    set { given.values[setting.name] = newValue }
  }

  public var isEmpty: Bool { given.values.isEmpty }

  /// The value that was given, or the setting's default.
  public func value<Value>(_ entry: KeyPath<Settings, Setting<Value>>) -> Value {
    let setting = Settings.declared[keyPath: entry]
    return self[setting].flatMap { Value(plain: $0) } ?? setting.standard
  }

  /// A task's settings, completed by those of its plan.
  ///
  /// Settings of an algorithm or an optimizer are not taken from a plan that uses another one.
  public func completed(by plan: PlanSettings, _ table: SettingsTable = .standard) -> Self {
    let keepsAlgorithm = self.algorithm == nil || self.algorithm == plan.value(\.algorithm)
    let keepsOptimizer = self.optimizer == nil || self.optimizer == plan.value(\.optimizer)
    var result = self
    for setting in table.all where result[any: setting] == nil {
      // Both say what the hidden layers are.
      if setting.name == "hidden", self.network != nil { continue }
      if setting.name == "network", self.hidden != nil { continue }
      switch setting.owner {
      case .algorithms where !keepsAlgorithm, .optimizers where !keepsOptimizer: continue
      default: result[any: setting] = plan[any: setting]
      }
    }
    return result
  }

  /// These settings, with a task's defaults for those that are not given.
  public func filled(by defaults: PlanSettings) -> Self {
    var result = self
    result.given.values.merge(defaults.given.values) { own, _ in own }
    return result
  }
}

extension PlanSettings {
  public enum Batches: Codable, Hashable, Sendable {
    case list([Int])
    /// from, from·factor, from·factor²… up to `to`, rounded to whole environments.
    case range(from: Int, to: Int, factor: Double)

    public static let largest = 1 << 40
    /// The factor of a range that doesn't give one.
    public static let usualFactor = 2.0

    /// Number of batches, counted up to 1,001.
    public var count: Int {
      switch self {
      case .list(let list): return list.count
      case .range(let from, let to, let factor):
        var (count, batch) = (0, Double(from))
        while batch <= Double(to), count <= 1_000 {
          count += 1
          batch *= factor
        }
        return count
      }
    }
  }

  /// Where the search for the learning rate begins.
  public enum Centre: Codable, Hashable, Sendable {
    /// The task's ε(B).
    case auto
    /// The plan's own curve; a single rate is the same at every batch.
    case given(LearningRateCentre)
  }
}

extension PlanSettings.Batches: PlainValue {
  public typealias Plain = Self

  /// Reads `A...B`, `A...B:factor` or a list with commas.
  public init?(word: String) {
    guard let dots = word.firstRange(of: "...") else {
      guard let parts = word.listed else { return nil }
      let sizes = parts.compactMap { Int(word: $0) }
      guard sizes.count == parts.count else { return nil }
      self = .list(sizes)
      return
    }
    let tail = word[dots.upperBound...].split(separator: ":", omittingEmptySubsequences: false)
    guard let from = Int(word: String(word[..<dots.lowerBound])), tail.count <= 2,
      let to = tail.first.flatMap({ Int(word: String($0)) }),
      let factor = tail.count < 2 ? Self.usualFactor : Double(word: String(tail[1]))
    else { return nil }
    self = .range(from: from, to: to, factor: factor)
  }

  public var word: String {
    switch self {
    case .list(let list): list.map(String.init).joined(separator: ",")
    case .range(let from, let to, let factor): "\(from)...\(to):\(factor.word)"
    }
  }

  public static var placeholder: String { "batches" }
}

extension PlanSettings.Centre: PlainValue {
  public typealias Plain = Self

  public init?(word: String) {
    if word == "auto" {
      self = .auto
    } else if let rate = Double(word: word) {
      self = .given(LearningRateCentre(rate: rate))
    } else {
      return nil
    }
  }

  public var word: String {
    switch self {
    case .auto: "auto"
    case .given(let curve) where curve.batch == 0: curve.rate.word
    case .given(let curve):
      "{rate: \(curve.rate.word), batch: \(curve.batch.word), exponent: \(curve.exponent.word)}"
    }
  }

  public static var placeholder: String { "rate" }
}
