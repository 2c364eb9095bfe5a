import Records

/// The reason why a plan can't have requested a trial, and the entry of the plan that says so.
struct PlanObjection {
  /// Such as `tasks.0.horizon`.
  var path: String
  var reason: String
}

extension StudyPlan {
  /// The first entry of the plan that contradicts a trial's settings; `nil` if the plan could have
  /// requested the trial.
  ///
  /// The learning rate is not checked: the search chooses it, not the plan.
  func objection(to settings: TrialSettings) -> PlanObjection? {
    let (own, kind) = (settings, settings.role)
    guard kind != .single else {
      return PlanObjection(path: "tasks", reason: "a single run does not belong to a study")
    }
    guard let index = tasks.firstIndex(where: { $0.name == own.taskVariant }) else {
      return PlanObjection(path: "tasks", reason: "the plan has no task '\(own.taskVariant)'")
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
        reason: "\(kind.rawValue) seed \(own.seed) is out of range: the plan has 0 to \(seeds - 1)")
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
    let shape = RolloutShape(batch: batch, horizon: horizon)
    if let found = difference("rulesVersion", own.rulesVersion, rulesVersion)
      ?? difference("horizon", own.numSteps, shape.numSteps)
      ?? difference("horizon", own.shortenedHorizon, shape.isShortened)
      ?? difference("evaluationEpisodes", own.evaluationEpisodes, evaluationEpisodes)
    {
      return found
    }
    // Harder targets may need no trial of a later stage, or have another rate.
    if own.targets.isEmpty || !targets.starts(with: own.targets) {
      return PlanObjection(
        path: "targets", reason: "its targets \(own.targets) are not the plan's \(targets)")
    }
    let isWithinBudget =
      own.isPruned ? own.role == .tuning && own.limit < budget : own.limit == budget
    if !isWithinBudget {
      return PlanObjection(
        path: "budget",
        reason: "its limit \(own.limit.value) does not match the plan's \(budget.value)")
    }
    return hyperparameters.firstDifference(from: own.hyperparameters).map {
      PlanObjection(
        path: "hyperparameters.\($0.column)",
        reason: "it has \($0.other) where the plan has \($0.own)")
    }
  }
}

extension StudyPlan {
  /// The first entry with which nothing could be run, such as a horizon of 0; `nil` if there is none.
  var impossibility: PlanObjection? {
    let known = Settings.declared
    var numbers = [
      ("tuningSeeds", tuningSeeds, known.tuningSeeds.range),
      ("measuringSeeds", measuringSeeds, known.measuringSeeds.range),
    ]
    for (index, task) in tasks.enumerated() {
      let place = "tasks.\(index)."
      if task.targets.isEmpty {
        return PlanObjection(path: place + "targets", reason: "must not be empty")
      }
      if let name = task.variant, !TaskVariant.isName(name) {
        return PlanObjection(
          path: place + "variant", reason: "must be \(TaskVariant.nameForm)")
      }
      if let rates = task.exchangeRates, !known.exchangeRates.range.contains(rates) {
        return PlanObjection(
          path: place + "exchangeRates", reason: "must be \(known.exchangeRates.form)")
      }
      numbers += [
        (place + "horizon", task.horizon, known.numSteps.range),
        (
          place + "evaluationEpisodes", task.evaluationEpisodes,
          known.evaluationEpisodes.range
        ),
        (place + "tuningSeeds", task.tuningSeeds ?? tuningSeeds, known.tuningSeeds.range),
        (
          place + "measuringSeeds", task.measuringSeeds ?? measuringSeeds,
          known.measuringSeeds.range
        ),
        (
          place + "hyperparameters.num_minibatches", task.hyperparameters.numMinibatches,
          known.numMinibatches.range
        ),
      ]
      let batch = ValueRange<Int>.from(1, to: PlanSettings.Batches.largest)
      numbers += task.batches.map { (place + "batches", $0, batch) }
    }
    return numbers.first { !$0.2.contains($0.1) }.map { path, number, range in
      PlanObjection(path: path, reason: "must be \(range.form), not \(number)")
    }
  }
}

private func difference<Value: Equatable>(
  _ path: String, _ own: Value, _ planned: Value
) -> PlanObjection? {
  own == planned
    ? nil : PlanObjection(path: path, reason: "it has \(own) where the plan has \(planned)")
}
