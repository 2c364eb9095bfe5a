import Records

/// A setting of training along which questions are compared, or the number of weights.
public struct SettingAxis: Hashable, Sendable {
  /// The name of a setting, or `parameters`.
  public var name: String

  public static let parameters = SettingAxis(name: "parameters")
  private static let network = Settings.declared.network.name
  private static let numSteps = Settings.declared.numSteps.name

  private init(name: String) { self.name = name }

  /// The names of all axes.
  public static var names: [String] {
    SettingsTable.standard.all.filter(\.isOfTraining).map(\.name) + [parameters.name]
  }

  /// `nil` unless a setting of training has the name, or it is `parameters`. `hidden` is another
  /// name of `network`.
  public init?(named name: String) {
    guard Self.names.contains(name) else { return nil }
    self.name = name == Settings.declared.hidden.name ? Self.network : name
  }

  public var isParameters: Bool { self == .parameters }

  /// The place of a fit on the axis.
  struct Value: Hashable {
    var word: String
    /// `nil` if the setting is not a number.
    var number: Double?
  }

  /// - Parameter parameters: the number of weights of a fit's network; `nil` if it isn't known.
  /// - Returns: `nil` if the runs don't have the setting.
  func value(of fit: FitReport, parameters: Int?) -> Value? {
    guard let own = fit.hyperparameters else { return nil }
    switch name {
    case Self.parameters.name:
      return parameters.map { Value(word: Format.grouped($0), number: Double($0)) }
    case Self.numSteps:
      return fit.question.horizon.map { Value(word: "\($0)", number: Double($0)) }
    case Self.network:
      let relu = own.activation == .relu ? " relu" : ""
      return Value(word: own.layers.description + relu, number: nil)
    default:
      guard let value = own.inUse.first(where: { $0.setting.name == name })?.value else {
        return nil
      }
      // An algorithm or an optimizer is one with its own settings.
      let details = own.inUse.filter { setting, value in
        isOwned(setting) && setting.standard(own.algorithm, own.optimizer)?.word != value.word
      }
      let words = [value.word] + details.map { "\($0.setting.name)=\($0.value.word)" }
      return Value(
        word: words.joined(separator: " "),
        number: (value as? Double) ?? (value as? Int).map(Double.init))
    }
  }

  /// All other settings of a fit's training, as text: fits that agree in it form a series.
  func others(of fit: FitReport) -> String {
    guard let own = fit.hyperparameters else { return "" }
    let words = own.inUse.filter { !isCovered($0.setting) }.map {
      "\($0.setting.name)=\($0.value.word)"
    }
    let horizon = name == Self.numSteps ? [] : fit.question.horizon.map { ["\($0)"] } ?? []
    return (words + horizon).joined(separator: " ")
  }

  /// Whether a setting belongs to the algorithms or optimizers that the axis compares.
  private func isOwned(_ setting: any AnySetting) -> Bool {
    switch setting.owner {
    case .everyRun: false
    case .algorithms(let own):
      name == Settings.declared.algorithm.name && own.count < Algorithm.allCases.count
    case .optimizers: name == Settings.declared.optimizer.name
    }
  }

  /// Whether the axis says what the setting is.
  private func isCovered(_ setting: any AnySetting) -> Bool {
    let layers = ["network", "hidden", "activation"]
    return switch name {
    case Self.parameters.name: (layers + ["trunks"]).contains(setting.name)
    case Self.network: layers.contains(setting.name)
    default: setting.name == name || isOwned(setting)
    }
  }
}
