internal import Algebra
public import Environments

/// Fills rollouts: many copies of a task at a fixed horizon. The batch grows with the copies.
public struct Collector: ~Copyable {
  public let environments: VectorEnvironment
  public private(set) var rollout: Rollout
  private var samplers: [RandomStream]
  private var units: [Float]
  /// Observations that are nobody's row: of every copy after the last step, then the last ones
  /// of truncated episodes in the order in which they ended.
  private let outside: ObservationRows
  private let outsideRows: Int
  private let outsideActivations: Activations
  private var truncatedPlaces: [Int] = []

  /// - Parameter seed: environments, staggering and actions draw from its streams.
  public init(task: CatalogueEntry, count: Int, horizon: Int, shape: NetworkShape, seed: Seed) {
    environments = task.copies(count, seed: seed, isStaggered: true)
    rollout = Rollout(environments: count, horizon: horizon, shape: shape)
    samplers = (0..<count).map { seed.stream(.actions, $0) }
    units = Array(repeating: 0, count: count)
    // An episode is truncated at most once in every `timeLimit` steps.
    let truncations = count * (1 + (horizon - 1) / task.facts.timeLimit)
    outsideRows = count + truncations
    outside = ObservationRows(shape, rows: outsideRows)
    outsideActivations = Activations(shape, rows: outsideRows)
    truncatedPlaces.reserveCapacity(truncations)
  }

  /// Plays `horizon` steps with the network's policy and estimates the advantages.
  public mutating func collect(
    with network: Network, gamma: Float, lambda: Float, normalizingAdvantages: Bool
  ) {
    let (count, horizon) = (rollout.environments, rollout.horizon)
    truncatedPlaces.removeAll(keepingCapacity: true)
    for step in 0..<horizon {
      let places = Places(first: step, stride: horizon)
      rollout.observations.observe(environments, at: places)
      let rows = RowSelection(first: step, step: horizon, count: count)
      network.forward(rollout.observations.rows(rows), into: rollout.activations, at: rows)
      sample(
        from: rollout.activations.heads, at: places, count: count, with: &samplers,
        units: &units, actions: &rollout.actions, logProbabilities: &rollout.logProbabilities)
      advance(at: places)
    }
    outside.rows(0..<count).observe(environments, at: Places())
    network.forward(
      outside.rows(0..<count + truncatedPlaces.count), into: outsideActivations,
      at: RowSelection(0..<count + truncatedPlaces.count))
    takeValues()
    rollout.estimateAdvantages(gamma: gamma, lambda: lambda, normalized: normalizingAdvantages)
  }

  private mutating func advance(at places: Places) {
    let free = rollout.environments + truncatedPlaces.count
    let truncated = outside.rows(free..<outsideRows).advance(
      environments, rollout.actions, rewards: &rollout.rewards, endings: &rollout.endings,
      at: places)
    guard truncated > 0 else { return }
    for copy in 0..<rollout.environments where rollout.endings[places[copy]] == .truncated {
      truncatedPlaces.append(places[copy])
    }
  }

  private mutating func takeValues() {
    let heads = rollout.activations.heads
    let value = heads.columns - 1
    for place in 0..<rollout.count { rollout.values[place] = heads[place, value] }
    for copy in 0..<rollout.environments {
      let last = (copy + 1) * rollout.horizon - 1
      rollout.successorValues[last] = outsideActivations.heads[copy, value]
    }
    for (index, place) in truncatedPlaces.enumerated() {
      rollout.successorValues[place] =
        outsideActivations.heads[rollout.environments + index, value]
    }
  }
}

/// Draws an action for every copy from the log-probabilities in its row of the heads; each copy
/// has its own stream.
///
/// - Parameter units: scratch room for a number per copy.
func sample(
  from heads: Matrix, at places: Places, count: Int, with samplers: inout [RandomStream],
  units: inout [Float], actions: inout [Int32], logProbabilities: inout [Float]
) {
  for copy in 0..<count { units[copy] = Float(samplers[copy].unit()) }
  heads.rows(from: places.first, by: places.stride, count: count).drawActions(
    heads.columns - 1, units: units
  ) { copy, action, logProbability in
    actions[places[copy]] = action
    logProbabilities[places[copy]] = logProbability
  }
}
