public import Archive
public import Environments
internal import Foundation
public import Records

/// What is wrong with a plan, in one sentence.
public struct PlanProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
  /// The keys that lead to the offending entry, such as `tasks.0.batches`.
  public var path = ""
}

extension PlanDocument {
  /// Fills in every setting that the plan leaves open.
  ///
  /// - Throws: `PlanError` with the line of the offending entry.
  public func resolved(
    with catalogue: Catalogue, settings: SettingsTable = .standard
  ) throws(PlanError) -> StudyPlan {
    do {
      return try plan.resolved(with: catalogue, settings: settings)
    } catch {
      throw self.error(error.description, at: error.path)
    }
  }
}

extension Plan {
  /// Fills in every setting that the plan leaves open: from the defaults of the task
  /// (`TaskDefaults`), and otherwise from those of the setting.
  ///
  /// - Throws: `PlanProblem` if a task is unknown or a value can't work for it.
  public func resolved(
    with catalogue: Catalogue, settings table: SettingsTable = .standard
  ) throws(PlanProblem) -> StudyPlan {
    guard !tasks.isEmpty else { throw PlanProblem(description: "the plan names no task") }
    var plans: [TaskPlan] = []
    for (index, request) in tasks.enumerated() {
      let place = request.path ?? "tasks.\(index)"
      let name = TaskVariant(request.task, request.variant)
      guard !plans.contains(where: { $0.name == name }) else {
        throw PlanProblem(description: "task '\(name)' is named twice", path: place)
      }
      let facts: EnvironmentFacts
      do { facts = try catalogue.task(named: request.task).facts } catch {
        throw PlanProblem(description: error.description, path: "\(place).task")
      }
      let own: TaskPlan
      do {
        let resolver = try TaskResolver(
          request: request, plan: settings, table: table, facts: facts, place: place)
        own = try resolver.resolved()
      } catch {
        let path = error.path.isEmpty ? place : error.path
        let owner = request.variant.map { "variant '\($0)' of '\(request.task)': " } ?? ""
        throw PlanProblem(description: owner + error.description, path: path)
      }
      if let twin = plans.first(where: { $0.isTrained(as: own) }) {
        throw PlanProblem(
          description: "'\(twin.name)' and '\(own.name)' are trained in the same way", path: place)
      }
      plans.append(own)
    }
    return StudyPlan(
      seed: settings.value(\.seed), tuningSeeds: settings.value(\.tuningSeeds),
      measuringSeeds: settings.value(\.measuringSeeds),
      learningRateFactor: settings.value(\.learningRateFactor), tasks: plans)
  }

  /// Refuses a batch that is out of range, or above the horizon and not a multiple of it.
  public static func check(batch: Int, horizon: Int) throws(PlanProblem) {
    guard batch > 0 else {
      throw PlanProblem(description: "a batch must be a positive whole number, not \(batch)")
    }
    guard batch <= PlanSettings.Batches.largest else {
      throw PlanProblem(description: "batch \(batch) is too large")
    }
    guard batch < horizon || batch.isMultiple(of: horizon) else {
      let lower = batch / horizon * horizon
      throw PlanProblem(
        description: "batch \(batch) is not a multiple of the horizon \(horizon); the nearest are"
          + " \(lower) and \(lower + horizon)")
    }
  }
}

/// Approximate bytes of a rollout: observations, activations and the other columns.
func rolloutBytes(
  batch: Int, _ facts: EnvironmentFacts, _ hyperparameters: Hyperparameters
) -> Double {
  let outputs = hyperparameters.layers.outputs(for: facts).reduce(0, +)
  let numbers = facts.observationSize + 2 * outputs + facts.actions.count + 32
  return Double(batch) * Double(numbers) * 4
}

/// Why a batch can't be measured here: its rollout does not fit into this machine's memory. `nil`
/// if it does.
func memoryObjection(
  batch: Int, _ facts: EnvironmentFacts, _ hyperparameters: Hyperparameters
) -> String? {
  let needed = rolloutBytes(batch: batch, facts, hyperparameters)
  guard needed > memoryForRollouts else { return nil }
  return "a rollout of batch \(Format.grouped(batch)) needs about"
    + " \(Format.grouped(Int(min(needed, 1e18) / 0x1p30) + 1)) GiB, more than this machine has"
}

/// Bytes that rollouts may take on this machine.
var memoryForRollouts: Double { 0.8 * Double(ProcessInfo.processInfo.physicalMemory) }

/// Resolves one task of a plan.
private struct TaskResolver {
  let request: Plan.TaskRequest
  let plan: PlanSettings
  /// The task's own settings, then the plan's, then the task's defaults.
  let settings: PlanSettings
  let defaults: TaskDefaults
  let facts: EnvironmentFacts
  let hyperparameters: Hyperparameters
  /// Factor between neighbouring learning rates of the search.
  let factor: Double
  /// The task's place in the plan.
  let place: String
  private let given: PlanSettings

  init(
    request: Plan.TaskRequest, plan: PlanSettings, table: SettingsTable, facts: EnvironmentFacts,
    place: String
  ) throws(PlanProblem) {
    (self.request, self.plan) = (request, plan)
    self.facts = facts
    self.place = place
    factor = plan.value(\.learningRateFactor)
    defaults = TaskDefaults.of(facts.name)
    given = request.settings.completed(by: plan, table)
    settings = given.filled(by: defaults.settings)
    hyperparameters = Hyperparameters(settings, table: table)
    for setting in table.all {
      guard let value = given[any: setting], !setting.allows(value) else { continue }
      // Single batches and exchange rates are refused by name below.
      if setting.name == "batches" || setting.name == "exchange-rates" { continue }
      let path = path(setting)
      throw PlanProblem(
        description: "'\(path)' must be \(setting.form), not \(value.word)", path: path)
    }
    if let (setting, sentence) = facts.objection(to: given, filledAs: settings, table) {
      throw PlanProblem(description: sentence, path: path(setting))
    }
  }

  func resolved() throws(PlanProblem) -> TaskPlan {
    let horizon = settings.value(\.numSteps)
    let sizes = try batches(horizon: horizon)
    try checkMinibatches(of: sizes)
    try checkMemory(batch: sizes.max() ?? 1)
    let rates = try exchangeRates(horizon: horizon)
    var centre = defaults.learningRate
    if case .given(let own) = given.learningRateCentre { centre = own }
    let fixed = try fixedRate()
    if let fixed { centre = LearningRateCentre(rate: fixed) }
    let firsts = (rates ?? []).map { adaptiveBatch($0, horizon: horizon).firstBatch }
    if fixed == nil { for batch in sizes + firsts { try check(centre, batch: batch) } }
    var plan = TaskPlan(
      task: facts.name, rulesVersion: facts.rulesVersion, targets: try targets(),
      batches: sizes, exchangeRates: rates, horizon: horizon,
      budget: Observations(settings.value(\.budget)), learningRate: centre,
      hyperparameters: hyperparameters, evaluationEpisodes: settings.value(\.evaluationEpisodes))
    plan.variant = request.variant
    plan.fixedRate = fixed
    plan.tuningSeeds = request.settings.tuningSeeds
    plan.measuringSeeds = request.settings.measuringSeeds
    return plan
  }

  /// Where the plan gives a setting: in a variant, in the task's entry, or for all tasks.
  private func path(_ setting: any AnySetting) -> String {
    if let own = request.variation, own.settings[any: setting] != nil {
      return "\(own.path).\(setting.name)"
    }
    var path = setting.key ?? setting.name
    if case .algorithms = setting.owner {
      path = "algorithm.\(settings.value(\.algorithm).rawValue).\(path)"
    }
    return request.settings[any: setting] == nil ? path : "\(place).\(path)"
  }

  /// The learning rate of every batch; `nil` if it is searched. A task with a centre of its own is
  /// searched even if the plan fixes the rate.
  private func fixedRate() throws(PlanProblem) -> Double? {
    for settings in [request.settings, plan]
    where settings.fixedRate != nil && settings.learningRateCentre != nil {
      throw PlanProblem(
        description: "a fixed learning rate leaves nothing to search, so 'centre' has no meaning",
        path: path(Settings.declared.fixedRate))
    }
    if request.settings.learningRateCentre != nil { return nil }
    return given.fixedRate
  }

  /// Refuses a search whose grid leaves the range of single precision.
  private func check(_ centre: LearningRateCentre, batch: Int) throws(PlanProblem) {
    let (rate, reach) = (centre.at(batch: batch), pow(factor, Double(RateSearch.reach)))
    guard rate / reach < 1e-30 || !(rate * reach < 1e30) else { return }
    let table = Settings.declared
    let place =
      given.learningRateCentre == nil
      ? path(table.learningRateFactor) : path(table.learningRateCentre)
    throw PlanProblem(
      description: "'\(place)': from a learning rate of \(String(format: "%.3g", rate)) at batch"
        + " \(Format.grouped(batch)), a search by factors of \(String(format: "%g", factor))"
        + " reaches rates that no run can use", path: place)
  }

  /// Refuses a batch that is too small for its minibatches: fewer would run than rows record.
  private func checkMinibatches(of batches: [Int]) throws(PlanProblem) {
    let minibatches = hyperparameters.numMinibatches
    guard let batch = batches.min(), batch < minibatches else { return }
    throw PlanProblem(
      description: "a batch of \(Format.counted(batch, "observation")) can't be split into"
        + " \(Format.grouped(minibatches)) minibatches",
      path: given.numMinibatches == nil
        ? path(of: batch) : path(Settings.declared.numMinibatches))
  }

  /// Refuses a batch whose rollout does not fit into this machine's memory.
  private func checkMemory(batch: Int, path: String? = nil) throws(PlanProblem) {
    guard let sentence = memoryObjection(batch: batch, facts, hyperparameters) else { return }
    throw PlanProblem(
      description: sentence,
      path: path ?? (given.batches == nil ? "" : self.path(of: batch)))
  }

  /// Where the plan lists a batch, or the range that contains it.
  private func path(of batch: Int) -> String {
    let all = path(Settings.declared.batches)
    guard case .list(let list) = given.batches, let index = list.firstIndex(of: batch) else {
      return all
    }
    return "\(all).\(index)"
  }

  private func targets() throws(PlanProblem) -> [Double] {
    let given = request.targets ?? defaults.targets
    let (low, high) = (facts.randomScore, facts.scoreRange.upperBound)
    for (index, target) in given.enumerated() where !(target > low && target <= high) {
      throw PlanProblem(
        description: "target \(Format.shortest(target)) of '\(facts.name)' must be above the score"
          + " of a random policy, \(Format.shortest(low)), and at most \(Format.shortest(high))",
        path: "\(place).targets.\(index)")
    }
    guard !given.isEmpty else {
      let reason = defaults.outOfReach.map { ": it is out of reach (\($0))" } ?? ""
      throw PlanProblem(description: "task '\(facts.name)' has no target\(reason); give one")
    }
    return Set(given).sorted()
  }

  private func batches(horizon: Int) throws(PlanProblem) -> [Int] {
    var sizes: [Int]
    switch settings.value(\.batches) {
    case .list(let list) where given.batches == nil:
      sizes = list.map {
        $0.isMultiple(of: horizon) ? $0 : whole(Double($0), horizon: horizon)
      }
    case .list(let list):
      for batch in list {
        do {
          try Plan.check(batch: batch, horizon: horizon)
        } catch {
          throw PlanProblem(
            description: "for '\(facts.name)', \(error.description)", path: path(of: batch))
        }
      }
      sizes = list
    case .range(let from, let to, let factor):
      let setting = Settings.declared.batches
      guard setting.range.contains(settings.value(\.batches)) else {
        throw PlanProblem(
          description: "batches \(from)...\(to):\(factor) need 0 < from ≤ to ≤ 2^40, a factor above"
            + " 1 and at most 1,000 batches", path: path(setting))
      }
      sizes = []
      var exact = Double(from)
      while exact <= Double(to) * (1 + 1e-9) {
        sizes.append(whole(exact, horizon: horizon))
        exact *= factor
      }
    }
    guard !sizes.isEmpty else { throw PlanProblem(description: "the plan names no batch") }
    return Set(sizes).sorted()
  }

  private func exchangeRates(horizon: Int) throws(PlanProblem) -> [Double]? {
    guard let rates = given.exchangeRates, !rates.isEmpty else { return nil }
    let setting = Settings.declared.exchangeRates
    let place = path(setting)
    guard setting.range.contains(rates) else {
      throw PlanProblem(description: "'\(place)' must be \(setting.form)", path: place)
    }
    for rate in rates {
      let largest = adaptiveBatch(rate, horizon: horizon).largestBatch
      do {
        try checkMemory(batch: largest, path: place)
      } catch {
        throw PlanProblem(
          description: "a batch at an exchange rate of \(Int(rate)) may grow to \(largest);"
            + " \(error.description)", path: place)
      }
    }
    return rates.sorted()
  }

  private func adaptiveBatch(_ exchangeRate: Double, horizon: Int) -> AdaptiveBatch {
    AdaptiveBatch(
      exchangeRate: exchangeRate, horizon: horizon, minibatches: hyperparameters.numMinibatches)
  }

  /// Rounds a batch to whole environments, or below one environment to whole observations. From 16
  /// environments on, their number is a multiple of 8, and from 64 on of 16, so that a batch always
  /// splits into shards whose gradients measure the noise scale.
  private func whole(_ batch: Double, horizon: Int) -> Int {
    let rounded = Int(batch.rounded())
    guard rounded >= horizon else { return max(rounded, 1) }
    let environments = batch / Double(horizon)
    let unit: Double = environments < 16 ? 1 : environments < 64 ? 8 : 16
    return Int((environments / unit).rounded() * unit) * horizon
  }
}
