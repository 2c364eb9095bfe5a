public import Environments
internal import Foundation
public import Records

/// What is wrong with a plan, in one sentence.
public struct PlanProblem: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String
}

/// Finds a task of the catalogue by its name.
///
/// - Throws: `PlanProblem` that offers the nearest name.
public func task(named name: String) throws(PlanProblem) -> CatalogueEntry {
  if let entry = catalogue.first(where: { $0.facts.name == name }) { return entry }
  let offer = nearest(name, among: catalogue.map(\.facts.name)).map { ", did you mean '\($0)'?" }
  throw PlanProblem(description: "unknown task '\(name)'" + (offer ?? ""))
}

extension Plan {
  /// Fills in every setting from the facts of the tasks.
  ///
  /// - Throws: `PlanProblem` if a task is unknown or a value can't work for it.
  public func resolved() throws(PlanProblem) -> StudyPlan {
    guard !tasks.isEmpty else { throw PlanProblem(description: "the plan names no task") }
    var plans: [TaskPlan] = []
    for request in tasks {
      guard !plans.contains(where: { $0.task == request.task }) else {
        throw PlanProblem(description: "task '\(request.task)' is named twice")
      }
      plans.append(try resolve(request))
    }
    return StudyPlan(
      seed: seed ?? 1, tuningSeeds: tuningSeeds ?? 2, measuringSeeds: measuringSeeds ?? 5,
      learningRateFactor: learningRateFactor ?? 2, tasks: plans)
  }

  private func resolve(_ request: TaskRequest) throws(PlanProblem) -> TaskPlan {
    let facts = try task(named: request.task).facts
    let horizon = numSteps ?? facts.horizon
    let known = facts.learningRate
    try checkSizes()
    let sizes = try batches(facts, horizon: horizon)
    try checkMemory(batch: sizes.max() ?? 1, facts)
    return TaskPlan(
      task: facts.name, rulesVersion: facts.rulesVersion,
      targets: try targets(request, facts), batches: sizes,
      horizon: horizon, budget: Observations(budget ?? facts.budget),
      learningRate: learningRateCentre.map { LearningRateCentre(rate: $0) }
        ?? LearningRateCentre(rate: known.rate, batch: known.batch, exponent: known.exponent),
      hyperparameters: hyperparameters(for: facts),
      evaluationEpisodes: evaluationEpisodes ?? facts.evaluationEpisodes)
  }

  /// Refuses counts and widths that no study can mean.
  private func checkSizes() throws(PlanProblem) {
    let counts = [
      ("the horizon", numSteps, 1_000_000), ("tuning seeds", tuningSeeds, 1_000),
      ("measuring seeds", measuringSeeds, 1_000), ("epochs", updateEpochs, 1_000_000),
      ("minibatches", numMinibatches, 1_000_000_000),
      ("evaluation episodes", evaluationEpisodes, 1_000_000),
      ("layers", hidden?.sizes.count, 16), ("the width of a layer", hidden?.sizes.max(), 16_384),
      ("the seed", seed, 1 << 53 - 1),
      ("the budget", budget, 1 << 53),
    ]
    for (name, count, limit) in counts {
      guard let count, count > limit || count < 0 else { continue }
      throw PlanProblem(description: "\(name) can be at most \(limit), and not negative")
    }
  }

  /// Refuses a batch whose rollout does not fit into this machine's memory.
  private func checkMemory(batch: Int, _ facts: EnvironmentFacts) throws(PlanProblem) {
    let widths = hidden?.sizes ?? Hyperparameters().hidden.sizes
    let numbers = facts.observationSize + 2 * widths.reduce(0, +) + facts.actions.count + 32
    let needed = Double(batch) * Double(numbers) * 4
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard needed > 0.8 * memory else { return }
    throw PlanProblem(
      description: "a rollout of batch \(batch) needs about \(Int(min(needed, 1e18) / 0x1p30) + 1)"
        + " GiB, more than this machine has")
  }

  private func targets(
    _ request: TaskRequest, _ facts: EnvironmentFacts
  ) throws(PlanProblem) -> [Double] {
    let targets = Set(request.targets ?? facts.targets).sorted()
    let (low, high) = (facts.randomScore, facts.scoreRange.upperBound)
    for target in targets where !(target > low && target <= high) {
      throw PlanProblem(
        description:
          "target \(target) of '\(facts.name)' must lie above the score of a random policy, \(low),"
          + " and not above \(high)")
    }
    guard !targets.isEmpty else {
      let reason = facts.outOfReach.map { ": it is out of reach (\($0))" } ?? ""
      throw PlanProblem(description: "task '\(facts.name)' has no target\(reason); give one")
    }
    return targets
  }

  private func batches(
    _ facts: EnvironmentFacts, horizon: Int
  ) throws(PlanProblem) -> [Int] {
    let sizes: [Int]
    switch batches {
    case nil:
      sizes = facts.batches.map {
        $0.isMultiple(of: horizon) ? $0 : Self.whole(Double($0), horizon: horizon)
      }
    case .list(let list):
      for batch in list { try Self.check(batch: batch, horizon: horizon) }
      sizes = list
    case .range(let from, let to, let factor):
      guard from > 0, to >= from, factor > 1, factor.isFinite else {
        throw PlanProblem(
          description: "batches need 0 < from ≤ to and a factor above 1, not"
            + " \(from)...\(to):\(factor)")
      }
      var exact = Double(from)
      var range: [Int] = []
      guard to <= 1 << 40, log(Double(to) / exact) / log(factor) < 1_000 else {
        throw PlanProblem(
          description: "batches \(from)...\(to):\(factor) are more than 1,000 or too large")
      }
      while exact <= Double(to) * (1 + 1e-9) {
        range.append(Self.whole(exact, horizon: horizon))
        exact *= factor
      }
      sizes = range
    }
    guard !sizes.isEmpty else { throw PlanProblem(description: "the plan names no batch") }
    return Set(sizes).sorted()
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

  /// The nearest whole number of environments; below one environment the size itself. From 16
  /// environments on they are a multiple of 8, from 64 on of 16, so that a batch always splits
  /// into shards whose gradients measure the noise scale.
  private static func whole(_ batch: Double, horizon: Int) -> Int {
    let rounded = Int(batch.rounded())
    guard rounded >= horizon else { return max(rounded, 1) }
    let environments = batch / Double(horizon)
    let unit: Double = environments < 16 ? 1 : environments < 64 ? 8 : 16
    return Int((environments / unit).rounded() * unit) * horizon
  }

  /// The task's hyper-parameters with those of the plan in their place.
  public func hyperparameters(for facts: EnvironmentFacts) -> Hyperparameters {
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
