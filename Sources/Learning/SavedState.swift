public import Algebra
public import Environments
internal import Foundation
public import Records

/// A saved state is not one of a learner or collector of these settings.
public struct StateMismatch: Error {}

/// What a learner carries from one update to the next. Its matrices are copies that nobody writes.
public struct LearnerState: Codable, @unchecked Sendable {
  var parameters: Matrix
  var mean: Matrix
  var square: Matrix
  var optimizerSteps: Int
  var operations: Operations
  var noise: NoiseMoments?
  var order: Data
  var shuffling: Data
}

extension Learner {
  public var state: LearnerState {
    LearnerState(
      parameters: network.parameters.copy(), mean: optimizer.mean.copy(),
      square: optimizer.square.copy(), optimizerSteps: optimizer.steps, operations: operations,
      noise: noise, order: Data(order.savedMemory), shuffling: Data([shuffling].savedMemory))
  }

  /// Continues, bit for bit, from where a learner of the same settings and build was saved.
  public mutating func restore(_ state: LearnerState) throws(StateMismatch) {
    try takeOver(state)
    noise = state.noise
    var streams = [shuffling]
    guard order.restore(savedMemory: [UInt8](state.order)),
      streams.restore(savedMemory: [UInt8](state.shuffling))
    else { throw StateMismatch() }
    shuffling = streams[0]
  }
}

extension Learner {
  /// Goes on where another one is, at another batch and learning rate. Noise sums begin anew.
  public init(continuing other: borrowing Learner, settings: TrialSettings, seed: Seed) {
    self.init(shape: other.network.shape, settings: settings, seed: seed)
    network.parameters.assign(other.network.parameters)
    optimizer.mean.assign(other.optimizer.mean)
    optimizer.square.assign(other.optimizer.square)
    optimizer.steps = other.optimizer.steps
    operations = other.operations
    (times, probe) = (other.times, other.probe)
  }

  /// Takes parameters, optimizer and the count of operations from a learner of the same network,
  /// whatever its batch and learning rate.
  public mutating func takeOver(_ state: LearnerState) throws(StateMismatch) {
    try network.parameters.restore(state.parameters)
    try optimizer.mean.restore(state.mean)
    try optimizer.square.restore(state.square)
    optimizer.steps = state.optimizerSteps
    operations = state.operations
  }
}

/// What a collector carries from one rollout to the next: tasks and random streams.
public struct CollectorState: Codable {
  struct Group: Codable {
    var environments: Data
    var samplers: Data
  }

  var groups: [Group]
  var operations: Operations
}

extension Collector {
  public var state: CollectorState {
    CollectorState(
      groups: groups.map {
        .init(
          environments: Data($0.environments.savedMemory),
          samplers: Data($0.draws.samplers.savedMemory))
      }, operations: operations)
  }

  /// Continues, bit for bit, from where a collector of the same settings and build was saved.
  public mutating func restore(_ state: CollectorState) throws(StateMismatch) {
    guard state.groups.count == groups.count else { throw StateMismatch() }
    for (index, saved) in state.groups.enumerated() {
      guard groups[index].environments.restore(savedMemory: [UInt8](saved.environments)),
        groups[index].draws.samplers.restore(savedMemory: [UInt8](saved.samplers))
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

/// In a checkpoint: the extents, and the numbers as they lie in memory.
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
