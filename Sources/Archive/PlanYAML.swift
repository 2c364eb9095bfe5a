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
    let learning = own.inUse.filter { setting, _ in
      // The layers of `network` include the dense ones of `hidden`.
      setting.key != nil && setting.name != "algorithm"
        && !(setting.name == "hidden" && own.network != nil)
    }
    let lines = { (isOfAlgorithm: Bool) in
      learning.filter { $0.setting.isOfAlgorithm == isOfAlgorithm }
        .map { "\($0.setting.key ?? ""): \(scalar($0.value))" }
    }
    let seeds = [tuningSeeds.map { "tuning: \($0)" }, measuringSeeds.map { "measuring: \($0)" }]
      .compactMap(\.self)
    let settings: [String?] = [
      variant.map { "variant: \(quoted($0))" },
      "targets: \(targets)", "batches: \(batches)", exchangeRates.map { "exchange-rates: \($0)" },
      "num-steps: \(horizon)", "budget: {observations: \(budget.value)}",
      seeds.isEmpty ? nil : "seeds: {\(seeds.joined(separator: ", "))}",
      fixedRate.map { "learning-rates: {fixed: \($0)}" }
        ?? "learning-rates: {centre: {rate: \(centre.rate), batch: \(centre.batch),"
        + " exponent: \(centre.exponent)}}",
      "evaluation: {episodes: \(evaluationEpisodes)}",
      "algorithm: {\(own.algorithm.rawValue): {\(lines(true).joined(separator: ", "))}}",
    ]
    return ["  - task: \(quoted(task))"]
      + (settings.compactMap(\.self) + lines(false)).map { "    " + $0 }
  }
}

/// A value of a setting. Whatever is neither a number nor a truth value is a text.
private func scalar(_ value: any PlainValue) -> String {
  value is any Numeric || value is Bool ? value.word : quoted(value.word)
}

/// A name in YAML, quoted if necessary; a JSON string is also a YAML string.
private func quoted(_ name: String) -> String {
  let isWord = name.utf8.allSatisfy { byte in
    (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
  }
  if isWord, name.first?.isLetter == true, name != "null" { return name }
  return (try? canonicalJSON(name, trial: "")).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
}
