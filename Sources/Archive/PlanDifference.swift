import Records

/// Where two plans first differ.
struct PlanDifference: CustomStringConvertible {
  /// In the resolved plan, such as tasks, 0, batches.
  var path: [String]
  /// What is the matter there: it "differs", or "is only in it".
  var words: String

  var description: String { "\(path.joined(separator: ".")) \(words)" }

  /// What users call the entries of resolved plans that have another name there.
  private static let names: [String: String] = {
    let table = Settings.declared
    let settings: [String: any AnySetting] = [
      "tuningSeeds": table.tuningSeeds, "measuringSeeds": table.measuringSeeds,
      "learningRateFactor": table.learningRateFactor, "learningRate": table.learningRateCentre,
      "horizon": table.numSteps, "budget": table.budget, "exchangeRates": table.exchangeRates,
      "evaluationEpisodes": table.evaluationEpisodes,
    ]
    let keys = settings.compactMapValues { $0.key?.replacing(".", with: ": ") }
    let versions = [
      "rulesVersion": "version of the rules", "numerics": "version of the numerics",
    ]
    return keys.merging(versions) { key, _ in key }
  }()

  /// In the words of a plan as users write it, with what they can do about it.
  ///
  /// - Parameters:
  ///   - tree: one of the plans, which names the tasks.
  ///   - file: the plan of the study that is there.
  func advice(in tree: PlanTree, file: String) -> String {
    var (rest, task) = (path[...], "")
    if path.count > 2, path[0] == "tasks", let name = tree.task(path[1]) {
      (rest, task) = (path[2...], " of \(name)")
    }
    let first: String
    var key: String
    if rest.first == "hyperparameters" {
      rest = rest.dropFirst()
      first = rest.first ?? "it"
      key = SettingsTable.standard.all.first { $0.column == first }?.name ?? first
    } else {
      first = rest.first ?? "it"
      key = Self.names[first] ?? first
    }
    if first == "learningRate", rest.count > 1 { key += ": " + rest[rest.startIndex + 1] }
    let isOurs = first == "numerics" || first == "rulesVersion"
    let wayBack =
      isOurs ? "measure with the version that began it" : "go back to the plan in \(file)"
    return "'\(key)'\(task) \(words); choose another --output, or \(wayBack)"
  }
}

extension PlanTree {
  /// The name of a task by its place in a plan.
  fileprivate func task(_ place: String) -> String? {
    guard case .mapping(let plan) = self, case .list(let tasks)? = plan["tasks"],
      let index = Int(place), tasks.indices.contains(index), case .mapping(let task) = tasks[index]
    else { return nil }
    return task["task"]?.text
  }
}
