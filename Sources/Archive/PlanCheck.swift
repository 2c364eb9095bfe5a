import Records

/// Why a plan can't have asked for a trial, and where in the plan that stands.
struct PlanObjection {
  /// Such as `tasks.0.horizon`.
  var path: String
  var reason: String
}

extension StudyPlan {
  /// Where the plan contradicts a trial's settings; `nil`: it could have asked for the trial.
  ///
  /// The learning rate is free: which rates a search tries is not the plan's to say.
  func objection(to settings: TrialSettings) -> PlanObjection? {
    let (own, kind) = (settings, settings.role)
    guard kind != .single else {
      return PlanObjection(path: "tasks", reason: "a single run belongs to no study")
    }
    guard let index = tasks.firstIndex(where: { $0.task == own.task }) else {
      return PlanObjection(path: "tasks", reason: "the plan has no task '\(own.task)'")
    }
    let seeds = seeds(of: tasks[index], kind)
    if let found = difference("numerics", own.numerics, numerics)
      ?? difference("seed", own.studySeed, seed)
    {
      return found
    }
    if own.seed < 0 || own.seed >= seeds {
      return PlanObjection(
        path: kind == .tuning ? "tuningSeeds" : "measuringSeeds",
        reason: "\(kind.rawValue) seed \(own.seed) is not below the plan's \(seeds)")
    }
    return tasks[index].objection(to: own).map {
      PlanObjection(path: "tasks.\(index).\($0.path)", reason: $0.reason)
    }
  }
}

extension TaskPlan {
  fileprivate func objection(to own: TrialSettings) -> PlanObjection? {
    let batch = own.batch.value
    guard cells.contains(own.size) else {
      let rate = own.exchangeRate.map { " at an exchange rate of \($0)" } ?? ""
      return PlanObjection(
        path: "batches", reason: "the plan has no batch \(Format.grouped(batch))\(rate)")
    }
    let isShortened = batch < horizon
    if let found = difference("rulesVersion", own.rulesVersion, rulesVersion)
      ?? difference("horizon", own.numSteps, isShortened ? batch : horizon)
      ?? difference("horizon", own.shortenedHorizon, isShortened)
      ?? difference("evaluationEpisodes", own.evaluationEpisodes, evaluationEpisodes)
    {
      return found
    }
    let isAsked =
      own.role == .tuning
      ? own.targets == targets : !own.targets.isEmpty && targets.starts(with: own.targets)
    if !isAsked {
      return PlanObjection(
        path: "targets", reason: "its targets \(own.targets) are not the plan's \(targets)")
    }
    let isWithinBudget =
      own.isPruned ? own.role == .tuning && own.limit < budget : own.limit == budget
    if !isWithinBudget {
      return PlanObjection(
        path: "budget",
        reason: "its limit \(own.limit.value) does not go with the plan's \(budget.value)")
    }
    return hyperparameters.firstDifference(from: own.hyperparameters).map {
      PlanObjection(
        path: "hyperparameters.\($0.column)",
        reason: "it has \($0.other) where the plan has \($0.own)")
    }
  }
}

private func difference<Value: Equatable>(
  _ path: String, _ own: Value, _ planned: Value
) -> PlanObjection? {
  own == planned
    ? nil : PlanObjection(path: path, reason: "it has \(own) where the plan has \(planned)")
}
