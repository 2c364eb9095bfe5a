internal import Environments
internal import Records

extension EnvironmentFacts {
  /// The first of the given settings that is invalid for the task, and why; `nil` if there is none.
  ///
  /// - Parameter settings: those that were given, filled by the task's defaults.
  func objection(
    to given: PlanSettings, filledAs settings: PlanSettings, _ table: SettingsTable
  ) -> (setting: any AnySetting, sentence: String)? {
    if bowl != nil, settings.value(\.algorithm) == .ppo {
      return (
        Settings.declared.algorithm,
        "'\(name)' has no policy, so ppo can't train it; use pg, which follows the plain gradient"
      )
    }
    // The settings of a plan fit the optimizer that it names, but a task may have one of its own.
    guard given.optimizer == nil else { return nil }
    let (algorithm, optimizer) = (settings.value(\.algorithm), settings.value(\.optimizer))
    for setting in table.all where given[any: setting] != nil && !setting.isOfAlgorithm {
      if let objection = setting.objection(algorithm, optimizer) {
        return (
          setting,
          "'\(setting.name)' \(objection), the default optimizer of '\(name)'"
        )
      }
    }
    return nil
  }
}
