import Records

/// What a plan asks for beyond that of a study, which thereby grows.
public struct PlanGrowth: Hashable, Sendable {
  /// In words, such as "7 more measuring seeds"; empty if the plans only differ in their wording.
  public let additions: [String]
  /// Ids of the trials that the study holds.
  public let trials: Set<String>
}

extension StudyPlan {
  /// Whether the plan asks for everything that a smaller one asks for. It may ask for more seeds,
  /// batches, exchange rates, targets, tasks or a larger budget.
  func grows(from smaller: StudyPlan) -> Bool { cut(to: smaller) == smaller }

  /// The plan with the smaller one's amounts wherever it asks for at least as much. What then still
  /// differs from the smaller plan is less, or something else.
  func cut(to smaller: StudyPlan) -> StudyPlan {
    guard Set(tasks.map(\.name)).count == tasks.count else { return self }
    var pairs = smaller.tasks.compactMap { old in
      tasks.first { $0.name == old.name }.map { (new: $0.cut(to: old), old: old) }
    }
    func isEnough(_ role: TrialRole) -> Bool {
      pairs.allSatisfy { seeds(of: $0.new, role) >= smaller.seeds(of: $0.old, role) }
    }
    var cut = self
    if isEnough(.tuning) {
      cut.tuningSeeds = smaller.tuningSeeds
      for index in pairs.indices { pairs[index].new.tuningSeeds = pairs[index].old.tuningSeeds }
    }
    if isEnough(.measuring) {
      cut.measuringSeeds = smaller.measuringSeeds
      for index in pairs.indices {
        pairs[index].new.measuringSeeds = pairs[index].old.measuringSeeds
      }
    }
    cut.tasks = pairs.map(\.new)
    return cut
  }

  /// In words, what the plan asks for beyond a smaller one.
  func additions(to smaller: StudyPlan) -> [String] {
    var new: [String] = []
    var more: [(task: String, words: [String])] = []
    for task in tasks {
      guard let old = smaller.tasks.first(where: { $0.name == task.name }) else {
        new.append("task \(task.name)")
        continue
      }
      let seedWords = [TrialRole.tuning, .measuring].compactMap { role -> String? in
        let count = seeds(of: task, role) - smaller.seeds(of: old, role)
        return count > 0 ? Format.counted(count, "more \(role.rawValue) seed") : nil
      }
      more.append(("\(task.name)", seedWords + task.additions(to: old)))
    }
    // What all tasks have in common is said once.
    let common = (more.first?.words ?? []).filter { words in
      more.allSatisfy { $0.words.contains(words) }
    }
    let own = more.flatMap { task, words in
      words.filter { !common.contains($0) }.map { "\($0) of \(task)" }
    }
    return common + own + new
  }
}

extension TaskPlan {
  fileprivate func cut(to smaller: TaskPlan) -> TaskPlan {
    var cut = self
    if Set(batches).isSuperset(of: smaller.batches) { cut.batches = smaller.batches }
    if Set(targets).isSuperset(of: smaller.targets) { cut.targets = smaller.targets }
    if Set(exchangeRates ?? []).isSuperset(of: smaller.exchangeRates ?? []) {
      cut.exchangeRates = smaller.exchangeRates
    }
    cut.budget = min(budget, smaller.budget)
    return cut
  }

  fileprivate func additions(to old: TaskPlan) -> [String] {
    func list<Value: Hashable>(
      _ one: String, _ several: String, _ new: [Value], _ old: [Value],
      _ text: (Value) -> String
    ) -> String? {
      let added = new.filter { !Set(old).contains($0) }.map(text)
      guard let last = added.last else { return nil }
      let others = added.dropLast().joined(separator: ", ")
      return added.count == 1 ? "\(one) \(last)" : "\(several) \(others) and \(last)"
    }
    let budget = "a budget of \(Format.grouped(budget.value)) instead of"
    return [
      list("batch", "batches", batches, old.batches) { Format.grouped($0) },
      list("exchange rate", "exchange rates", exchangeRates ?? [], old.exchangeRates ?? []) {
        Format.grouped($0)
      },
      list("target", "targets", targets, old.targets, Format.shortest),
      self.budget > old.budget
        ? "\(budget) \(Format.grouped(old.budget.value)) observations" : nil,
    ].compactMap(\.self)
  }
}
