public import Records

extension FittedGroup {
  /// The law for each task and target of a study's rows, those included that no measured run
  /// at a tuned learning rate reaches.
  public static func fits(
    of rows: [TrialRow], study: String, seed: Int = 1, resamples: Int = 2000
  ) -> [FittedGroup] {
    let groups = RunGroup.groups(from: rows)
    var missing = Set(
      rows.filter { $0.settings.role != .single }.map {
        RunGroup(
          task: $0.settings.task, target: shortestDecimal($0.result.target),
          algorithm: $0.settings.hyperparameters.algorithm.rawValue, runs: [])
      })
    for group in groups {
      missing.remove(
        RunGroup(
          task: group.task, target: group.target, algorithm: group.algorithm, runs: []))
    }
    let rest = missing.sorted {
      ($0.task ?? "", $0.target ?? "") < ($1.task ?? "", $1.target ?? "")
    }
    return (groups + rest).map { group in
      FittedGroup(
        study: study, group: group, report: fit(group, seed: seed, resamples: resamples))
    }
  }
}
