import Records

/// A setting of training along which questions are compared, or the number of weights.
public struct SettingAxis: Hashable, Sendable {
  /// The name of a setting, or `parameters`.
  public var name: String

  public static let parameters = SettingAxis(name: "parameters")
  static let network = SettingAxis(name: Settings.declared.network.name)
  private static let numSteps = SettingAxis(name: Settings.declared.numSteps.name)
  private static let algorithm = SettingAxis(name: Settings.declared.algorithm.name)
  private static let optimizer = SettingAxis(name: Settings.declared.optimizer.name)

  private init(name: String) { self.name = name }

  /// The names of all axes.
  public static var names: [String] {
    SettingsTable.standard.all.filter(\.isOfTraining).map(\.name) + [parameters.name]
  }

  /// `nil` unless a setting of training has the name, or it is `parameters`. `hidden` is another
  /// name of `network`.
  public init?(named name: String) {
    guard Self.names.contains(name) else { return nil }
    self.name = name == Settings.declared.hidden.name ? Self.network.name : name
  }

  /// A place on the axis.
  struct Value: Hashable {
    var word: String
    /// `nil` if the setting is not a number.
    var number: Double?
    /// Whether it is the setting's default.
    var isStandard = false
  }

  /// The place of a fit on the axis.
  ///
  /// - Parameter parameters: the number of weights of the fit's network; `nil` if it isn't known.
  /// - Returns: `nil` if the runs don't have the setting.
  func value(of fit: FitReport, parameters: Int?) -> Value? {
    guard let own = fit.hyperparameters else { return nil }
    switch self {
    case .parameters:
      return parameters.map { Value(word: Format.grouped($0), number: Double($0)) }
    case Self.numSteps:
      return fit.question.horizon.map { Value(word: "\($0)", number: Double($0)) }
    case Self.network:
      let relu = own.activation == .relu ? " relu" : ""
      let standard = NetworkLayers(Settings.declared.hidden.standard).description
      let word = own.layers.description + relu
      return Value(word: word, isStandard: word == standard)
    default:
      guard let (setting, value) = own.inUse.first(where: { $0.setting.name == name }) else {
        return nil
      }
      // An algorithm or an optimizer is one with its own settings.
      let details = own.inUse.filter {
        isPart($0.setting) && !isStandard($0.setting, $0.value, own)
      }
      return Value(
        word: ([value.word] + details.map { "\($0.setting.name)=\($0.value.word)" })
          .joined(separator: " "),
        number: (value as? Double) ?? (value as? Int).map(Double.init),
        isStandard: details.isEmpty && isStandard(setting, value, own))
    }
  }

  /// All other settings of a fit's training: fits that agree in them form a series.
  func others(of fit: FitReport) -> [String] {
    guard let own = fit.hyperparameters else { return [] }
    let words = own.inUse.filter { !isCovered($0.setting) }
      .map { "\($0.setting.name)=\($0.value.word)" }
    let horizon = fit.question.horizon.map { ["num-steps=\($0)"] } ?? []
    // Networks of different kinds are not compared by their numbers of weights.
    let kind = own.layers.hasConvolutions ? ["convolutions"] : []
    return words + (self == Self.numSteps ? [] : horizon) + (self == .parameters ? kind : [])
  }

  private func isStandard(
    _ setting: any AnySetting, _ value: any PlainValue, _ own: Hyperparameters
  ) -> Bool {
    setting.standard(own.algorithm, own.optimizer)?.word == value.word
  }

  /// Whether a setting belongs to only some of the algorithms or optimizers that the axis compares,
  /// or has different defaults with them.
  private func isPart(_ setting: any AnySetting) -> Bool {
    switch (self, setting.owner) {
    case (Self.optimizer, .optimizers): return true
    case (Self.algorithm, .algorithms(let own)):
      let standards = Algorithm.allCases.map { setting.standard($0, .adam)?.word }
      return own.count < Algorithm.allCases.count || Set(standards).count > 1
    default: return false
    }
  }

  /// Whether the axis says what the setting is.
  private func isCovered(_ setting: any AnySetting) -> Bool {
    switch self {
    case .parameters: ["network", "hidden"].contains(setting.name)
    case Self.network: ["network", "hidden", "activation"].contains(setting.name)
    default: setting.name == name || isPart(setting)
    }
  }
}
