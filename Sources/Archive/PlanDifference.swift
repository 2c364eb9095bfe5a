public import Records

/// The first difference between two plans.
struct PlanDifference: CustomStringConvertible {
  /// Keys of the resolved plan, such as tasks, 0, batches.
  var path: [String]
  /// The kind of difference, such as "differs" or "is only in it".
  var words: String

  var description: String { "\(path.joined(separator: ".")) \(words)" }

  /// Keys of resolved plans that have other names in users' plans.
  private static let names: [String: String] = {
    let table = Settings.declared
    let settings: [String: any AnySetting] = [
      "tuningSeeds": table.tuningSeeds, "measuringSeeds": table.measuringSeeds,
      "learningRateFactor": table.learningRateFactor, "learningRate": table.learningRateCentre,
      "horizon": table.numSteps, "budget": table.budget, "exchangeRates": table.exchangeRates,
      "evaluationEpisodes": table.evaluationEpisodes, "fixedRate": table.fixedRate,
    ]
    let keys = settings.compactMapValues { $0.key?.replacing(".", with: ": ") }
    let versions = [
      "rulesVersion": "version of the rules", "numerics": "version of the numerics",
    ]
    return keys.merging(versions) { key, _ in key }
  }()

  /// The difference in the keys of users' plans, with advice.
  ///
  /// - Parameters:
  ///   - plan: one of the plans.
  ///   - file: the plan of the existing study.
  func advice(in plan: StudyPlan, file: String) -> String {
    var (rest, task) = (path[...], TaskPlan?.none)
    if path.count > 2, path[0] == "tasks", let index = Int(path[1]),
      plan.tasks.indices.contains(index)
    {
      (rest, task) = (path[2...], plan.tasks[index])
    }
    let first: String
    var key: String
    if rest.first == "hyperparameters" {
      rest = rest.dropFirst()
      first = rest.first ?? "it"
      key = task?.hyperparameters.inUse.first { $0.setting.column == first }?.setting.name ?? first
    } else {
      first = rest.first ?? "it"
      key = Self.names[first] ?? first
    }
    if first == "learningRate", rest.count > 1 { key += ": " + rest[rest.startIndex + 1] }
    let isOurs = first == "numerics" || first == "rulesVersion"
    let wayBack =
      isOurs ? "measure with the version that started it" : "go back to the plan in \(file)"
    let owner = task.map { " of \($0.name)" } ?? ""
    return "'\(key)'\(owner) \(words); choose another --output, or \(wayBack)"
  }
}

extension StudyPlan {
  /// The first difference from another plan, in words; `nil` if there is none.
  public func firstDifference(from other: StudyPlan) -> String? {
    if self == other { return nil }
    let trees = (own: try? PlanTree(self), theirs: try? PlanTree(other))
    let difference = trees.theirs.flatMap { trees.own?.firstDifference(from: $0) }
    return difference?.description ?? "somewhere"
  }
}
