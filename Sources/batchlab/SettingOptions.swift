internal import ArgumentParser
internal import Records

/// Options that are made from a table of settings.
protocol SettingOptions: ParsableArguments, CustomReflectable {
  static var table: SettingsTable { get }
  /// Whether these options include a setting of the table.
  static func offers(_ setting: any AnySetting) -> Bool
  /// The words that were given, by the name of the setting.
  var given: [String: String] { get set }
}

/// Settings that every training command offers.
struct LearnerOptions: SettingOptions {
  static let table = SettingsTable.standard
  static func offers(_ setting: any AnySetting) -> Bool { setting.commands == .all }
  var given: [String: String] = [:]
}

/// Settings that only `sweep` offers.
struct SweepOptions: SettingOptions {
  static let table = SettingsTable.standard
  static func offers(_ setting: any AnySetting) -> Bool { setting.commands == .sweep }
  var given: [String: String] = [:]
}

/// Settings that only `train` offers.
struct TrainOptions: SettingOptions {
  static let table = SettingsTable.standard
  static func offers(_ setting: any AnySetting) -> Bool { setting.commands == .train }
  var given: [String: String] = [:]
}

extension SettingOptions {
  private static var settings: [any AnySetting] { table.all.filter(offers) }

  /// The parser looks for options among the members that a mirror shows.
  var customMirror: Mirror {
    let options: [(label: String?, value: Any)] = Self.settings.map { setting in
      let help = ArgumentHelp(setting.help, valueName: setting.placeholder)
      let name = NameSpecification.customLong(setting.name)
      guard !setting.isSwitch else {
        return (setting.name, Flag<Bool?>(name: name, inversion: .prefixedNo, help: help))
      }
      return (
        setting.name,
        Option<String?>(name: name, help: help, completion: setting.completion)
      )
    }
    return Mirror(self, children: options)
  }

  init(from decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: OptionKey.self)
    for setting in Self.settings {
      let key = OptionKey(stringValue: setting.name)
      given[setting.name] =
        setting.isSwitch
        ? try values.decode(Flag<Bool?>.self, forKey: key).wrappedValue.map { "\($0)" }
        : try values.decode(Option<String?>.self, forKey: key).wrappedValue
    }
  }

  /// The settings that were given. `others` are settings from elsewhere, for example from further
  /// options.
  func settings(beside others: PlanSettings = PlanSettings()) throws(Refusal) -> PlanSettings {
    var result = others
    for setting in Self.settings {
      guard let word = given[setting.name] else { continue }
      guard let value = setting.read(word) else {
        throw .usage("\(setting.flag) must be \(setting.wordForm), not '\(word)'")
      }
      result[any: setting] = value
    }
    let (algorithm, optimizer) = (result.value(\.algorithm), result.value(\.optimizer))
    for setting in Self.settings where given[setting.name] != nil {
      if let objection = setting.objection(algorithm, optimizer) {
        throw .usage("\(setting.flag) \(objection)")
      }
    }
    return result
  }
}

private struct OptionKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension AnySetting {
  /// Whether it is given as `--name` or `--no-name`.
  fileprivate var isSwitch: Bool { Value.Plain.self is Bool.Type }
  fileprivate var placeholder: String { Value.Plain.placeholder }

  fileprivate var help: String {
    var notes = owners.isEmpty ? [] : ["\(owners) only"]
    if !isSwitch { notes.append(wordForm) }
    if !standardWords.isEmpty { notes.append("default: \(standardWords)") }
    return "\(sentence) (\(notes.joined(separator: "; ")))"
  }

  fileprivate var completion: CompletionKind? {
    let names = (Value.Plain.self as? any CaseIterable.Type)?.names ?? []
    return names.isEmpty ? nil : .list(names)
  }
}

extension CaseIterable {
  fileprivate static var names: [String] {
    allCases.compactMap { ($0 as? any PlainValue)?.word }
  }
}
