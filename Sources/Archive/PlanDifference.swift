/// The first difference between two plans.
struct PlanDifference: CustomStringConvertible {
  /// Keys of the resolved plan, such as tasks, 0, batches.
  var path: [String]
  /// The kind of difference, such as "differs" or "is only in it".
  var words: String

  var description: String { "\(path.joined(separator: ".")) \(words)" }

  /// Keys of resolved plans that have other names in users' plans.
  private static let keys = [
    "tuningSeeds": "seeds: tuning", "measuringSeeds": "seeds: measuring",
    "learningRateFactor": "learning-rates: factor", "learningRate": "learning-rates: centre",
    "horizon": "num-steps", "budget": "budget: observations", "exchangeRates": "exchange-rates",
    "evaluationEpisodes": "evaluation: episodes", "rulesVersion": "version of the rules",
    "numerics": "version of the numerics",
  ]

  /// The difference in the keys of users' plans, with advice.
  ///
  /// - Parameters:
  ///   - tree: one of the plans, which names the tasks.
  ///   - file: the plan of the existing study.
  func advice(in tree: PlanTree, file: String) -> String {
    var (rest, task) = (path[...], "")
    if path.count > 2, path[0] == "tasks", let name = tree.task(path[1]) {
      (rest, task) = (path[2...], " of \(name)")
    }
    if rest.first == "hyperparameters" { rest = rest.dropFirst() }
    let first = rest.first ?? "it"
    var key = Self.keys[first] ?? first.replacing("_", with: "-")
    if first == "learningRate", rest.count > 1 { key += ": " + rest[rest.startIndex + 1] }
    let isOurs = first == "numerics" || first == "rulesVersion"
    let wayBack =
      isOurs ? "measure with the version that started it" : "go back to the plan in \(file)"
    return "'\(key)'\(task) \(words); choose another --output, or \(wayBack)"
  }
}

extension PlanTree {
  /// The name of a task by its index in a plan.
  fileprivate func task(_ place: String) -> String? {
    guard case .mapping(let plan) = self, case .list(let tasks)? = plan["tasks"],
      let index = Int(place), tasks.indices.contains(index), case .mapping(let task) = tasks[index]
    else { return nil }
    return task["task"]?.text
  }
}
