internal import Algebra
public import Environments
public import Records

/// Fills rollouts: many copies of a task at a fixed horizon. The batch grows with the copies.
public struct Collector: ~Copyable {
  /// Copies that go through the whole horizon together, one group after another, so that what a
  /// group writes stays in the cache until it is done: with all copies in lockstep an observation
  /// cost a third more at a batch of 65,536 than at 4,096.
  struct Group {
    let environments: VectorEnvironment
    /// Index of its first copy.
    let first: Int
    var draws: ActionDraws

    init(_ task: CatalogueEntry, _ copies: Range<Int>, seed: Seed) {
      environments = task.copies(copies, seed: seed, isStaggered: true)
      first = copies.lowerBound
      draws = ActionDraws(copies.map { seed.stream(.actions, $0) })
    }
  }

  public private(set) var rollout: Rollout
  /// Operations of the forward passes so far: those that acted, and those that told the values of
  /// last observations.
  public internal(set) var operations = Operations()
  /// Receives the time that the parts of a rollout take.
  public var times: PartTimes?
  var groups: [Group]
  /// Episodes of training that have ended so far in this process, and the sums of their returns and
  /// of their steps. The first ones of staggered copies count their random steps.
  public var finishedEpisodes: (count: Int, returns: Double, lengths: Int) {
    groups.reduce(droppedEpisodes) { Self.sum($0, $1.environments) }
  }

  private let task: CatalogueEntry
  private let shape: NetworkShape
  /// Random steps of copies that are gone.
  private var droppedStaggerSteps = 0
  /// Episodes that copies ended before they went.
  private var droppedEpisodes = (count: 0, returns: 0.0, lengths: 0)
  /// Observations that are nobody's row: of every copy after the last step, then the last ones
  /// of truncated episodes in the order in which they ended.
  private var outside: ObservationRows
  private var outsideRows: Int
  private var outsideActivations: Activations
  private var truncatedPlaces: [Int] = []

  private static func sum(
    _ episodes: (count: Int, returns: Double, lengths: Int), _ copies: VectorEnvironment
  ) -> (count: Int, returns: Double, lengths: Int) {
    (
      episodes.count + copies.finishedEpisodes, episodes.returns + copies.finishedScores,
      episodes.lengths + copies.finishedLengths
    )
  }

  /// Random steps that staggered the starts.
  public var staggerSteps: Int {
    groups.reduce(droppedStaggerSteps) { $0 + $1.environments.staggerSteps }
  }

  /// - Parameter seed: environments, staggering and actions draw from its streams.
  public init(task: CatalogueEntry, count: Int, horizon: Int, shape: NetworkShape, seed: Seed) {
    (self.task, self.shape) = (task, shape)
    groups = stride(from: 0, to: count, by: Network.blockRows).map { first in
      Group(task, first..<min(first + Network.blockRows, count), seed: seed)
    }
    rollout = Rollout(environments: count, horizon: horizon, shape: shape)
    outsideRows = Self.outsideRows(count, horizon: horizon, task)
    outside = ObservationRows(shape, rows: outsideRows)
    outsideActivations = Activations(shape, rows: outsideRows)
    truncatedPlaces.reserveCapacity(outsideRows - count)
  }

  /// The last observations of all copies, and of their truncated episodes: at most one in every
  /// `timeLimit` steps.
  private static func outsideRows(_ count: Int, horizon: Int, _ task: CatalogueEntry) -> Int {
    count * (2 + (horizon - 1) / task.facts.timeLimit)
  }

  /// Goes on with twice, four times, … as many copies, or with a half, a quarter of those that were
  /// added so. The first ones go on with their episodes; new ones start staggered.
  ///
  /// - Parameter seed: new copies draw from its streams.
  public mutating func resize(to count: Int, seed: Seed) {
    var present = rollout.environments
    while present < count {
      let added = present..<present + min(present, Network.blockRows, count - present)
      groups.append(Group(task, added, seed: seed))
      present = added.upperBound
    }
    while present > count, let last = groups.popLast() {
      droppedStaggerSteps += last.environments.staggerSteps
      droppedEpisodes = Self.sum(droppedEpisodes, last.environments)
      present = last.first
    }
    precondition(present == count, "\(count) copies are no power of two times the first ones")
    rollout = Rollout(environments: count, horizon: rollout.horizon, shape: shape)
    outsideRows = Self.outsideRows(count, horizon: rollout.horizon, task)
    outside = ObservationRows(shape, rows: outsideRows)
    outsideActivations = Activations(shape, rows: outsideRows)
  }

  /// Plays `horizon` steps with the network's policy and estimates the advantages.
  public mutating func collect(with network: Network, _ hyperparameters: Hyperparameters) {
    collect(
      with: network, gamma: Float(hyperparameters.gamma),
      lambda: Float(hyperparameters.gaeLambda), normalizingAdvantages: hyperparameters.normAdv)
  }

  mutating func collect(
    with network: Network, gamma: Float, lambda: Float, normalizingAdvantages: Bool
  ) {
    times?.start()
    truncatedPlaces.removeAll(keepingCapacity: true)
    for group in groups.indices { play(group, with: network) }
    let rows = 0..<rollout.environments + truncatedPlaces.count
    let executed = network.forward(
      outside.rows(rows), into: outsideActivations, at: RowSelection(rows))
    operations += Operations(
      conventional: network.shape.conventionalForward(rows: rollout.count + rows.count),
      executed: executed)
    times?.lap(.forward)
    takeValues()
    rollout.estimateAdvantages(gamma: gamma, lambda: lambda, normalized: normalizingAdvantages)
    times?.lap(.advantages)
  }

  private mutating func play(_ group: Int, with network: Network) {
    let (environments, first) = (groups[group].environments, groups[group].first)
    let (count, horizon) = (environments.count, rollout.horizon)
    for step in 0..<horizon {
      let places = Places(first: first * horizon + step, stride: horizon)
      rollout.observations.observe(environments, at: places)
      times?.lap(.tasks)
      let rows = RowSelection(first: places.first, step: horizon, count: count)
      operations.executed += network.forward(
        rollout.observations.rows(rows), into: rollout.activations, at: rows)
      times?.lap(.forward)
      groups[group].draws.draw(from: rollout.activations.heads.rows(rows))
      for copy in 0..<count {
        rollout.actions[places[copy]] = groups[group].draws.actions[copy]
        rollout.logProbabilities[places[copy]] = groups[group].draws.logProbabilities[copy]
      }
      times?.lap(.sampling)
      advance(environments, at: places)
    }
    outside.rows(first..<first + count).observe(environments, at: Places())
    times?.lap(.tasks)
  }

  private mutating func advance(_ environments: VectorEnvironment, at places: Places) {
    let free = rollout.environments + truncatedPlaces.count
    let truncated = outside.rows(free..<outsideRows).advance(
      environments, rollout.actions, rewards: &rollout.rewards, endings: &rollout.endings,
      at: places)
    guard truncated > 0 else { return }
    for copy in 0..<environments.count where rollout.endings[places[copy]] == .truncated {
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

/// A random number per copy, and the action that it drew.
struct ActionDraws {
  var samplers: [RandomStream]
  var units: [Float]
  var actions: [Int32]
  var logProbabilities: [Float]

  init(_ samplers: [RandomStream]) {
    self.samplers = samplers
    units = Array(repeating: 0, count: samplers.count)
    actions = Array(repeating: 0, count: samplers.count)
    logProbabilities = units
  }

  /// Draws an action for the first `heads.rows` copies from the log-probabilities in their rows;
  /// each copy has its own stream.
  mutating func draw(from heads: Matrix) {
    for copy in 0..<heads.rows { units[copy] = Float(samplers[copy].unit()) }
    heads.drawActions(
      heads.columns - 1, units: units, into: &actions, logProbabilities: &logProbabilities)
  }
}
