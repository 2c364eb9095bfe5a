public import ArgumentParser
internal import Foundation
public import Records

extension Algorithm: ExpressibleByArgument {}
extension Activation: ExpressibleByArgument {}
extension Trunks: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}

/// The hyper-parameters that `train` and `sweep` share. What is not given is the task's fact.
struct LearnerOptions: ParsableArguments {
  @Option(help: "pg (policy gradient, A2C form) or ppo.")
  var algorithm: Algorithm?
  @Option(help: "adam, sgd or rmsprop.")
  var optimizer: OptimizerKind?
  @Option(help: "Steps per environment and rollout (the horizon).")
  var numSteps: Int?
  @Option(help: "Discount.")
  var gamma: Double?
  @Option(help: "λ of generalized advantage estimation.")
  var gaeLambda: Double?
  @Option(help: "Weight of the entropy bonus.")
  var entCoef: Double?
  @Option(help: "Weight of the value loss.")
  var vfCoef: Double?
  @Flag(inversion: .prefixedNo, help: "Normalize advantages over the whole batch.")
  var normAdv: Bool?
  @Option(help: "PPO: epochs per rollout.")
  var updateEpochs: Int?
  @Option(help: "PPO: minibatches per epoch.")
  var numMinibatches: Int?
  @Option(help: "PPO: the ratio is clipped to 1 ± this.")
  var clipCoef: Double?
  @Flag(inversion: .prefixedNo, help: "PPO: clip the value as well.")
  var clipVloss: Bool?
  @Option(help: "Adam's first β, or the momentum of SGD and RMSProp.")
  var momentum: Double?
  @Option(help: "Adam's second β, or the smoothing of RMSProp.")
  var smoothing: Double?
  @Option(help: "Added to the root of the second moment.")
  var epsilon: Double?
  @Option(help: "Widths of the hidden layers, such as 64-64.")
  var hidden: String?
  @Option(help: "tanh or relu.")
  var activation: Activation?
  @Option(help: "Do policy and value share their hidden layers: shared or separate.")
  var trunks: Trunks?
  @Option(help: "Seed of everything that is random.")
  var seed: Int?

  /// Puts the options that were given into a plan.
  func apply(to plan: inout Plan) throws(Refusal) {
    try check("--num-steps", numSteps.map(Double.init), 1...1e6)
    try check("--gamma", gamma, 0...1)
    try check("--gae-lambda", gaeLambda, 0...1)
    try check("--ent-coef", entCoef, 0...1e6)
    try check("--vf-coef", vfCoef, 0...1e6)
    try check("--update-epochs", updateEpochs.map(Double.init), 1...1e6)
    try check("--num-minibatches", numMinibatches.map(Double.init), 1...1e9)
    try check("--clip-coef", clipCoef, Double.leastNonzeroMagnitude...1e6)
    try check("--momentum", momentum, 0...0.999_999)
    try check("--smoothing", smoothing, 0...0.999_999_999)
    try check("--epsilon", epsilon, 0...1)
    try check("--seed", seed.map(Double.init), 0...0x1p53 - 1)
    if algorithm != .ppo {
      for (name, isGiven) in [
        ("--update-epochs", updateEpochs != nil), ("--num-minibatches", numMinibatches != nil),
        ("--clip-coef", clipCoef != nil), ("--clip-vloss", clipVloss != nil),
      ] where isGiven { throw .usage("\(name) belongs to PPO: add --algorithm ppo") }
    }
    if let hidden {
      guard let sizes = LayerSizes(hidden) else {
        throw .usage("--hidden takes widths such as 64-64, not '\(hidden)'")
      }
      plan.hidden = sizes
    }
    plan.algorithm = algorithm
    plan.optimizer = optimizer
    plan.numSteps = numSteps
    plan.gamma = gamma
    plan.gaeLambda = gaeLambda
    plan.entCoef = entCoef
    plan.vfCoef = vfCoef
    plan.normAdv = normAdv
    plan.updateEpochs = updateEpochs
    plan.numMinibatches = numMinibatches
    plan.clipCoef = clipCoef
    plan.clipVloss = clipVloss
    plan.momentum = momentum
    plan.smoothing = smoothing
    plan.epsilon = epsilon
    plan.activation = activation
    plan.trunks = trunks
    plan.seed = seed
  }
}

/// Refuses a number that is outside of its range or no number.
func check(_ name: String, _ value: Double?, _ range: ClosedRange<Double>) throws(Refusal) {
  guard let value, !range.contains(value) else { return }
  let low =
    range.lowerBound == .leastNonzeroMagnitude
    ? "above 0" : "at least \(Format.shortest(range.lowerBound))"
  throw .usage(
    "\(name) must be \(low) and at most \(Format.shortest(range.upperBound)), not \(Format.shortest(value))"
  )
}

/// Reads a comma list of exchange rates.
func parseExchangeRates(_ text: String) throws(Refusal) -> [Double] {
  let parts = text.split(separator: ",", omittingEmptySubsequences: false)
  let rates = parts.compactMap { Double($0) }
  guard rates.count == parts.count, rates.allSatisfy({ $0 >= 1 && $0.isFinite }) else {
    throw .usage("--exchange-rates takes numbers from 1 up such as 500,2000, not '\(text)'")
  }
  guard Set(rates).count == rates.count else {
    throw .usage("--exchange-rates takes different numbers, not '\(text)'")
  }
  return rates
}

/// Reads `A...B`, `A...B:factor` or a comma list.
func parseBatches(_ text: String) throws(Refusal) -> Plan.Batches {
  let problem = Refusal.usage(
    "--batches takes A...B, A...B:factor or a list such as 16,64,256, not '\(text)'")
  guard let dots = text.range(of: "...") else {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let sizes = parts.compactMap { Int($0) }
    guard sizes.count == parts.count else { throw problem }
    for size in sizes where size <= 0 {
      throw .usage("a batch must be a positive whole number, not \(size)")
    }
    return .list(sizes)
  }
  let tail = text[dots.upperBound...].split(separator: ":", omittingEmptySubsequences: false)
  guard let from = Int(text[..<dots.lowerBound]), let to = tail.first.flatMap({ Int($0) }),
    tail.count <= 2
  else { throw problem }
  guard from > 0, to >= from else {
    throw .usage("--batches needs 0 < A ≤ B, not '\(text)'")
  }
  guard tail.count == 2 else { return .range(from: from, to: to, factor: 2) }
  guard let factor = Double(tail[1]), factor > 1, factor.isFinite else {
    throw .usage("the factor of --batches must be a number above 1, not '\(tail[1])'")
  }
  return .range(from: from, to: to, factor: factor)
}
