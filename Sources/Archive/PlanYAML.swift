public import Records

extension StudyPlan {
  /// YAML that a user could have given for this plan, with every setting of every task: read and
  /// resolved, it is this plan again.
  ///
  /// - Parameter comment: written first, on one line.
  public func yaml(comment: String = "") -> String {
    let heading = comment.isEmpty ? [] : ["# \(comment.onOneLine)"]
    let shared = [
      "seed: \(seed)", "seeds: {tuning: \(tuningSeeds), measuring: \(measuringSeeds)}",
      "learning-rates: {factor: \(learningRateFactor)}", "tasks:",
    ]
    let lines = heading + shared + tasks.flatMap(\.lines)
    return lines.joined(separator: "\n") + "\n"
  }
}

extension TaskPlan {
  fileprivate var lines: [String] {
    let (own, centre) = (hyperparameters, learningRate)
    var algorithm =
      "gamma: \(own.gamma), gae-lambda: \(own.gaeLambda), ent-coef: \(own.entCoef),"
      + " vf-coef: \(own.vfCoef), norm-adv: \(own.normAdv)"
    if own.algorithm == .ppo {
      algorithm +=
        ", update-epochs: \(own.updateEpochs), num-minibatches: \(own.numMinibatches)"
        + (own.clipCoef.map { ", clip-coef: \($0)" } ?? "") + ", clip-vloss: \(own.clipVloss)"
    }
    let seeds = [tuningSeeds.map { "tuning: \($0)" }, measuringSeeds.map { "measuring: \($0)" }]
      .compactMap(\.self)
    let settings: [String?] = [
      "targets: \(targets)", "batches: \(batches)", exchangeRates.map { "exchange-rates: \($0)" },
      "num-steps: \(horizon)", "budget: {observations: \(budget.value)}",
      seeds.isEmpty ? nil : "seeds: {\(seeds.joined(separator: ", "))}",
      "learning-rates: {centre: {rate: \(centre.rate), batch: \(centre.batch),"
        + " exponent: \(centre.exponent)}}",
      "evaluation: {episodes: \(evaluationEpisodes)}",
      "algorithm: {\(own.algorithm.rawValue): {\(algorithm)}}",
      "hidden: \"\(own.hidden)\"", "activation: \(own.activation.rawValue)",
      "trunks: \(own.trunks.rawValue)", "optimizer: \(own.optimizer.rawValue)",
    ]
    return ["  - task: \(quoted(task))"]
      + (settings.compactMap(\.self) + optimizerLines(own)).map { "    " + $0 }
  }
}

/// The settings of the optimizer in use.
private func optimizerLines(_ own: Hyperparameters) -> [String] {
  let (momentum, smoothing) = (own.momentum, own.smoothing)
  return switch own.optimizer {
  case .adam: ["beta1: \(momentum)", "beta2: \(smoothing)", "epsilon: \(own.epsilon)"]
  case .sgd: ["momentum: \(momentum)"]
  case .rmsprop: ["momentum: \(momentum)", "smoothing: \(smoothing)", "epsilon: \(own.epsilon)"]
  }
}

/// A name in YAML, quoted if necessary; a JSON string is also a YAML string.
private func quoted(_ name: String) -> String {
  let isWord = name.utf8.allSatisfy { byte in
    (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
  }
  if isWord, name.first?.isLetter == true, name != "null" { return name }
  return (try? canonicalJSON(name, trial: "")).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
}
