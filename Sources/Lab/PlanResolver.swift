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
  /// Fills in every setting from the facts of the tasks.
  ///
  /// - Throws: `PlanError` with the line of what can't work.
  public func resolved(with catalogue: Catalogue) throws(PlanError) -> StudyPlan {
    do {
      return try plan.resolved(with: catalogue)
    } catch {
      throw self.error(error.description, at: error.path)
    }
  }
}

extension Plan {
  /// Fills in every setting from the facts of the tasks.
  ///
  /// - Throws: `PlanProblem` if a task is unknown or a value can't work for it.
  public func resolved(with catalogue: Catalogue) throws(PlanProblem) -> StudyPlan {
    guard !tasks.isEmpty else { throw PlanProblem(description: "the plan names no task") }
    try checkSize("seed", seed, 1 << 53 - 1)
    let factor = learningRateFactor ?? 2
    var plans: [TaskPlan] = []
    for (index, request) in tasks.enumerated() {
      guard !plans.contains(where: { $0.task == request.task }) else {
        throw PlanProblem(
          description: "task '\(request.task)' is named twice", path: "tasks.\(index)")
      }
      let resolver = TaskResolver(
        request: request, settings: settings(for: request), factor: factor, index: index)
      plans.append(try resolver.resolved(with: catalogue))
    }
    return StudyPlan(
      seed: seed ?? 1, tuningSeeds: self.tuningSeeds ?? 2,
      measuringSeeds: self.measuringSeeds ?? 5,
      learningRateFactor: factor, tasks: plans)
  }

  /// Refuses a batch that is no whole number of environments at the horizon.
  public static func check(batch: Int, horizon: Int) throws(PlanProblem) {
    guard batch > 0 else {
      throw PlanProblem(description: "a batch must be a positive whole number, not \(batch)")
    }
    guard batch <= 1 << 40 else {
      throw PlanProblem(description: "batch \(batch) is too large")
    }
    guard batch < horizon || batch.isMultiple(of: horizon) else {
      let lower = batch / horizon * horizon
      throw PlanProblem(
        description: "batch \(batch) is no multiple of the horizon \(horizon); the nearest are"
          + " \(lower) and \(lower + horizon)")
    }
  }
}

/// Refuses counts and widths that no study can mean.
private func checkSize(
  _ key: String, _ count: Int?, _ limit: Int, path: String? = nil
) throws(PlanProblem) {
  guard let count, count > limit || count < 0 else { return }
  throw PlanProblem(
    description: "'\(key)' must be at most \(limit) and not negative, not \(count)",
    path: path ?? key)
}

/// About what a rollout takes: observations, activations and what is kept beside them.
func rolloutBytes(batch: Int, _ facts: EnvironmentFacts, hidden: LayerSizes) -> Double {
  let numbers =
    facts.observationSize + 2 * hidden.sizes.reduce(0, +) + facts.actions.count + 32
  return Double(batch) * Double(numbers) * 4
}

/// Bytes of this machine that rollouts may take.
var memoryForRollouts: Double { 0.8 * Double(ProcessInfo.processInfo.physicalMemory) }

/// One task of a plan on its way to a resolved one.
private struct TaskResolver {
  let request: Plan.TaskRequest
  /// The task's own and the plan's.
  let settings: PlanSettings
  /// Between neighbours on the grid of learning rates.
  let factor: Double
  /// Place of the task in the plan.
  let index: Int

  func resolved(with catalogue: Catalogue) throws(PlanProblem) -> TaskPlan {
    do {
      return try resolved(try catalogue.task(named: request.task).facts)
    } catch {
      throw PlanProblem(
        description: error.description,
        path: error.path.isEmpty ? "tasks.\(index).task" : error.path)
    }
  }

  private func resolved(_ facts: EnvironmentFacts) throws(PlanProblem) -> TaskPlan {
    let horizon = settings.numSteps ?? facts.horizon
    let known = facts.learningRate
    try checkSizes()
    let sizes = try batches(facts, horizon: horizon)
    try checkMemory(batch: sizes.max() ?? 1, facts)
    let rates = try exchangeRates(facts, horizon: horizon)
    let centre: LearningRateCentre =
      switch settings.learningRateCentre {
      case .given(let centre): centre
      case .auto, nil:
        LearningRateCentre(rate: known.rate, batch: known.batch, exponent: known.exponent)
      }
    for batch in sizes { try check(centre, batch: batch) }
    var plan = TaskPlan(
      task: facts.name, rulesVersion: facts.rulesVersion, targets: try targets(facts),
      batches: sizes, exchangeRates: rates, horizon: horizon,
      budget: Observations(settings.budget ?? facts.budget),
      learningRate: centre, hyperparameters: settings.hyperparameters(for: facts),
      evaluationEpisodes: settings.evaluationEpisodes ?? facts.evaluationEpisodes)
    plan.tuningSeeds = request.settings.tuningSeeds
    plan.measuringSeeds = request.settings.measuringSeeds
    return plan
  }

  /// Where the plan says something: in the task itself, or for all of them.
  private func path<Value>(_ key: String, _ setting: KeyPath<PlanSettings, Value?>) -> String {
    request.settings[keyPath: setting] == nil ? key : "tasks.\(index).\(key)"
  }

  private func checkSizes() throws(PlanProblem) {
    let counts: [(String, KeyPath<PlanSettings, Int?>, Int)] = [
      ("num-steps", \.numSteps, 1_000_000),
      ("algorithm.ppo.update-epochs", \.updateEpochs, 1_000_000),
      ("algorithm.ppo.num-minibatches", \.numMinibatches, 1_000_000_000),
      ("evaluation.episodes", \.evaluationEpisodes, 1_000_000),
      ("seeds.tuning", \.tuningSeeds, 1_000), ("seeds.measuring", \.measuringSeeds, 1_000),
      ("budget.observations", \.budget, 1 << 53),
    ]
    for (key, setting, limit) in counts {
      try checkSize(key, settings[keyPath: setting], limit, path: path(key, setting))
    }
    let place = path("hidden", \.hidden)
    try checkSize("the layers of 'hidden'", settings.hidden?.sizes.count, 16, path: place)
    try checkSize("the width of a layer", settings.hidden?.sizes.max(), 16_384, path: place)
  }

  /// Refuses a search whose grid leaves the numbers that weights are made of.
  private func check(_ centre: LearningRateCentre, batch: Int) throws(PlanProblem) {
    let (rate, reach) = (centre.at(batch: batch), pow(factor, Double(RateSearch.reach)))
    guard rate / reach < 1e-30 || !(rate * reach < 1e30) else { return }
    let place =
      settings.learningRateCentre == nil
      ? "learning-rates.factor" : path("learning-rates.centre", \.learningRateCentre)
    throw PlanProblem(
      description: "'\(place)': from a learning rate of \(String(format: "%.3g", rate)) at batch"
        + " \(Format.grouped(batch)) a search by factors of \(String(format: "%g", factor)) ends at rates"
        + " that no run can use", path: place)
  }

  /// Refuses a batch whose rollout does not fit into this machine's memory.
  private func checkMemory(
    batch: Int, _ facts: EnvironmentFacts, path: String? = nil
  ) throws(PlanProblem) {
    let needed = rolloutBytes(
      batch: batch, facts, hidden: settings.hidden ?? Hyperparameters().hidden)
    guard needed > memoryForRollouts else { return }
    throw PlanProblem(
      description: "a rollout of batch \(Format.grouped(batch)) needs about"
        + " \(Format.grouped(Int(min(needed, 1e18) / 0x1p30) + 1)) GiB, more than this machine has",
      path: path ?? (settings.batches == nil ? "" : self.path(of: batch)))
  }

  /// Where a batch stands, or the range that holds it.
  private func path(of batch: Int) -> String {
    let all = path("batches", \.batches)
    guard case .list(let list) = settings.batches, let index = list.firstIndex(of: batch) else {
      return all
    }
    return "\(all).\(index)"
  }

  private func targets(_ facts: EnvironmentFacts) throws(PlanProblem) -> [Double] {
    let given = request.targets ?? facts.targets
    let (low, high) = (facts.randomScore, facts.scoreRange.upperBound)
    for (place, target) in given.enumerated() where !(target > low && target <= high) {
      throw PlanProblem(
        description:
          "target \(Format.shortest(target)) of '\(facts.name)' must lie above the score of a random policy,"
          + " \(Format.shortest(low)), and not above \(Format.shortest(high))",
        path: "tasks.\(index).targets.\(place)")
    }
    guard !given.isEmpty else {
      let reason = facts.outOfReach.map { ": it is out of reach (\($0))" } ?? ""
      throw PlanProblem(description: "task '\(facts.name)' has no target\(reason); give one")
    }
    return Set(given).sorted()
  }

  private func batches(
    _ facts: EnvironmentFacts, horizon: Int
  ) throws(PlanProblem) -> [Int] {
    let sizes: [Int]
    switch settings.batches {
    case nil:
      sizes = facts.batches.map {
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
      sizes = try range(from: from, to: to, factor: factor, horizon: horizon)
    }
    guard !sizes.isEmpty else { throw PlanProblem(description: "the plan names no batch") }
    return Set(sizes).sorted()
  }

  private func exchangeRates(
    _ facts: EnvironmentFacts, horizon: Int
  ) throws(PlanProblem) -> [Double]? {
    guard let given = settings.exchangeRates, !given.isEmpty else { return nil }
    let place = path("exchange-rates", \.exchangeRates)
    for rate in given {
      guard rate >= 1, rate <= 0x1p40 else {
        throw PlanProblem(
          description: "an exchange rate must be 1 to 2^40 observations, not \(rate)", path: place)
      }
      let minibatches = settings.hyperparameters(for: facts).numMinibatches
      let largest = AdaptiveBatch(
        exchangeRate: rate, horizon: horizon, minibatches: minibatches
      ).largestBatch
      do {
        try checkMemory(batch: largest, facts, path: place)
      } catch {
        throw PlanProblem(
          description: "a batch at an exchange rate of \(Int(rate)) may grow to \(largest);"
            + " \(error.description)", path: place)
      }
    }
    return Set(given).sorted()
  }

  private func range(
    from: Int, to: Int, factor: Double, horizon: Int
  ) throws(PlanProblem) -> [Int] {
    let place = path("batches", \.batches)
    guard from > 0, to >= from, factor > 1, factor.isFinite else {
      throw PlanProblem(
        description: "batches need 0 < from ≤ to and a factor above 1, not"
          + " \(from)...\(to):\(factor)", path: place)
    }
    var exact = Double(from)
    var sizes: [Int] = []
    guard to <= 1 << 40, log(Double(to) / exact) / log(factor) < 1_000 else {
      throw PlanProblem(
        description: "batches \(from)...\(to):\(factor) are more than 1,000 or too large",
        path: place)
    }
    while exact <= Double(to) * (1 + 1e-9) {
      sizes.append(whole(exact, horizon: horizon))
      exact *= factor
    }
    return sizes
  }

  /// The nearest whole number of environments; below one environment the size itself. From 16
  /// environments on they are a multiple of 8, from 64 on of 16, so that a batch always splits
  /// into shards whose gradients measure the noise scale.
  private func whole(_ batch: Double, horizon: Int) -> Int {
    let rounded = Int(batch.rounded())
    guard rounded >= horizon else { return max(rounded, 1) }
    let environments = batch / Double(horizon)
    let unit: Double = environments < 16 ? 1 : environments < 64 ? 8 : 16
    return Int((environments / unit).rounded() * unit) * horizon
  }
}

extension PlanSettings {
  /// The task's hyper-parameters with those of the plan in their place.
  fileprivate func hyperparameters(for facts: EnvironmentFacts) -> Hyperparameters {
    var result = Hyperparameters(algorithm ?? .policyGradient)
    if let optimizer { result = result.with(optimizer: optimizer) }
    result.gamma = gamma ?? facts.gamma
    result.gaeLambda = gaeLambda ?? facts.gaeLambda
    result.entCoef = entCoef ?? facts.entropyCoefficient
    result.vfCoef = vfCoef ?? facts.valueCoefficient
    result.normAdv = normAdv ?? result.normAdv
    result.momentum = momentum ?? result.momentum
    result.smoothing = smoothing ?? result.smoothing
    result.epsilon = epsilon ?? result.epsilon
    if result.algorithm == .ppo {
      result.updateEpochs = updateEpochs ?? result.updateEpochs
      result.numMinibatches = numMinibatches ?? result.numMinibatches
      result.clipCoef = clipCoef ?? result.clipCoef
      result.clipVloss = clipVloss ?? result.clipVloss
    }
    result.hidden = hidden ?? result.hidden
    result.activation = activation ?? result.activation
    result.trunks = trunks ?? result.trunks
    return result
  }
}
