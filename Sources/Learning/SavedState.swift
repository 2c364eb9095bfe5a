public import Algebra
internal import Environments
internal import Foundation
internal import Records

/// A saved state that belongs to other settings.
public struct StateMismatch: Error {}

/// What a trainer carries from one update to the next.
public struct TrainerState: Codable {
  var updates: Updates
  var observations: Observations
  var sizes: [Trainer.Size]
  var learner: LearnerState
  var collector: CollectorState
}

extension TrainerState {
  /// Whether all its counts are numbers that a run can come to. A file may hold any.
  public var isPlausible: Bool {
    let counts = 0...Int.largestCount
    return counts.contains(learner.optimizerSteps) && counts.contains(learner.noise?.updates ?? 0)
      && (learner.partMoments?.arePlausible ?? true)
      && learner.operations.arePlausible && collector.operations.arePlausible
  }
}

extension Trainer {
  public var state: TrainerState {
    TrainerState(
      updates: updates, observations: observations, sizes: sizes, learner: learner.state,
      collector: collector.state)
  }

  /// The learner's part of the state, from which trainers of other sizes can start.
  public var learnerState: LearnerState { learner.state }

  /// Continues, bit for bit, from the state of a trainer with the same settings, seed and build.
  /// Only a new trainer can do this.
  public mutating func restore(_ state: TrainerState) throws(StateMismatch) {
    for size in state.sizes { resize(to: size) }
    try learner.restore(state.learner)
    try collector.restore(state.collector)
    (updates, observations) = (state.updates, state.observations)
  }

  /// Continues with the parameters and the optimizer of a learner of the same network, whatever its
  /// batch and learning rate.
  public mutating func adopt(_ state: LearnerState) throws(StateMismatch) {
    try learner.adopt(state)
  }
}

/// What a learner carries from one update to the next. Its matrices are read-only copies.
public struct LearnerState: Codable, @unchecked Sendable {
  public let parameters: Matrix
  var firstMoment: Matrix
  var secondMoment: Matrix
  var optimizerSteps: Int
  var operations: Operations
  var noise: NoiseMoments?
  var partMoments: PartMoments?
  var rule: [Data]
}

extension Learner {
  var state: LearnerState {
    LearnerState(
      parameters: network.parameters.copy(), firstMoment: optimizer.firstMoment.copy(),
      secondMoment: optimizer.secondMoment.copy(), optimizerSteps: optimizer.steps,
      operations: operations, noise: noise, partMoments: partMoments, rule: rule.state)
  }

  mutating func restore(_ state: LearnerState) throws(StateMismatch) {
    try adopt(state)
    (noise, partMoments) = (state.noise, state.partMoments)
    try rule.restore(state.rule)
  }

  mutating func adopt(_ state: LearnerState) throws(StateMismatch) {
    try network.parameters.restore(state.parameters)
    try optimizer.firstMoment.restore(state.firstMoment)
    try optimizer.secondMoment.restore(state.secondMoment)
    optimizer.steps = state.optimizerSteps
    operations = state.operations
  }

  /// Continues another learner at another batch and learning rate. Noise sums start over.
  init(continuing other: borrowing Learner, settings: TrialSettings, seed: Seed) {
    self.init(shape: other.network.shape, settings: settings, seed: seed)
    network.parameters.assign(other.network.parameters)
    optimizer.firstMoment.assign(other.optimizer.firstMoment)
    optimizer.secondMoment.assign(other.optimizer.secondMoment)
    optimizer.steps = other.optimizer.steps
    operations = other.operations
    (times, probe, threads) = (other.times, other.probe, other.threads)
  }
}

/// What a collector carries from one rollout to the next: tasks and random streams.
struct CollectorState: Codable {
  struct Group: Codable {
    var environments: Data
    var streams: Data
  }

  var groups: [Group]
  var operations: Operations
}

extension Collector {
  var state: CollectorState {
    CollectorState(
      groups: groups.map {
        .init(
          environments: Data($0.environments.savedMemory),
          streams: Data($0.sampler.streams.savedMemory))
      }, operations: operations)
  }

  mutating func restore(_ state: CollectorState) throws(StateMismatch) {
    guard state.groups.count == groups.count else { throw StateMismatch() }
    for (group, saved) in zip(groups, state.groups) {
      guard group.environments.restore(savedMemory: [UInt8](saved.environments)),
        group.sampler.streams.restore(savedMemory: [UInt8](saved.streams))
      else { throw StateMismatch() }
    }
    operations = state.operations
  }
}

extension Matrix {
  fileprivate func restore(_ saved: Matrix) throws(StateMismatch) {
    guard saved.rows == rows, saved.columns == columns else { throw StateMismatch() }
    assign(saved)
  }
}

/// In a checkpoint, a matrix is its shape and its numbers as raw memory.
extension Matrix: Codable {
  private enum CodingKeys: CodingKey { case rows, columns, numbers }

  public init(from decoder: any Decoder) throws {
    let parts = try decoder.container(keyedBy: CodingKeys.self)
    let rows = try parts.decode(Int.self, forKey: .rows)
    let columns = try parts.decode(Int.self, forKey: .columns)
    let numbers = [UInt8](try parts.decode(Data.self, forKey: .numbers))
    let (count, isTooLarge) = rows.multipliedReportingOverflow(by: columns)
    var values = [Float](repeating: 0, count: numbers.count / MemoryLayout<Float>.stride)
    guard rows >= 0, columns >= 0, !isTooLarge, count == values.count,
      values.restore(savedMemory: numbers)
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .numbers, in: parts, debugDescription: "not \(rows) × \(columns) numbers")
    }
    self.init(rows: rows, columns: columns)
    self.values = values
  }

  public func encode(to encoder: any Encoder) throws {
    var parts = encoder.container(keyedBy: CodingKeys.self)
    try parts.encode(rows, forKey: .rows)
    try parts.encode(columns, forKey: .columns)
    try parts.encode(Data(values.savedMemory), forKey: .numbers)
  }
}
