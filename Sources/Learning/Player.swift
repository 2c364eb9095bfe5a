internal import Algebra
public import Environments

/// Plays one copy of a task with a policy, step by step, for somebody who watches.
public struct Player {
  private let network: Network
  private let observation: ObservationRows
  private let activations: Activations
  private var draws: ActionDraws

  /// - Parameter seed: actions are drawn from its stream.
  public init(_ network: Network, seed: Seed) {
    self.network = network
    observation = ObservationRows(network.shape, rows: 1)
    activations = Activations(network.shape, rows: 1)
    draws = ActionDraws([seed.stream(.actions)])
  }

  /// Log-probabilities of the actions for what the copy shows now, and its value behind them.
  public func heads(for copy: VectorEnvironment) -> [Float] {
    observation.observe(copy, at: Places())
    network.forward(observation, into: activations, at: RowSelection(0..<1))
    return activations.heads.values
  }

  /// An action for what the copy shows now, sampled as in training.
  public mutating func action(for copy: VectorEnvironment) -> Int32 {
    _ = heads(for: copy)
    draws.draw(from: activations.heads)
    return draws.actions[0]
  }
}
