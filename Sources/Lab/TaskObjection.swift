public import Environments
public import Records

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
    if let problem = objection(to: given) { return problem }
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

  /// What is wrong with the layers that are given, if anything is.
  private func objection(
    to given: PlanSettings
  ) -> (setting: any AnySetting, sentence: String)? {
    guard let network = given.network else { return nil }
    let setting = Settings.declared.network
    if given.hidden != nil {
      return (setting, "'network' takes the place of 'hidden'; give only one")
    }
    return objection(to: network).map { (setting, "'network' \($0)") }
  }

  /// Why layers make no network for the task, as in "has a convolution, but …"; `nil` if they do.
  public func objection(to network: NetworkLayers) -> String? {
    guard network.hasConvolutions else { return nil }
    guard let planes else {
      return "has a convolution, but '\(name)' observes no grid of cells"
    }
    if let problem = network.problem(height: planes.height, width: planes.width) {
      return problem
    }
    let weights = network.weights(for: self)
    guard weights <= Self.mostWeights else {
      return "has about \(Format.number(weights)) weights; \(Format.number(Self.mostWeights))"
        + " are the most"
    }
    return nil
  }

  /// Four gigabytes.
  private static let mostWeights = 1e9
}

extension NetworkLayers {
  /// Numbers that come out of each layer, for an observation of a task.
  ///
  /// - Precondition: the task has no objection to these layers.
  func outputs(for task: EnvironmentFacts) -> [Int] {
    outputs(height: task.planes?.height ?? 0, width: task.planes?.width ?? 0)
  }

  /// An upper bound on the weights of a trunk.
  fileprivate func weights(for task: EnvironmentFacts) -> Double {
    let channels = (task.planes?.channels ?? 0) + (task.planes?.uniform ?? 0)
    let outputs = outputs(for: task)
    return layers.indices.reduce(0.0) { sum, index in
      switch layers[index] {
      case .dense(let width):
        let inputs = index == 0 ? task.observationSize : outputs[index - 1]
        return sum + Double(inputs) * Double(width)
      case .convolution(let own):
        let inputs = index == 0 ? channels : convolutions[index - 1].outputs
        return sum + Double(own.kernel * own.kernel * inputs) * Double(own.outputs)
      }
    }
  }
}
