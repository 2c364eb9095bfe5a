internal import Algebra
public import Environments

/// Plays one copy of a task with a policy, step by step.
public struct Player {
  private let network: Network
  private let observation: InputRows
  private let activations: Activations
  private var sampler: ActionSampler

  /// - Parameter seed: actions are drawn from its stream.
  public init(_ network: Network, seed: Seed) {
    self.network = network
    observation = InputRows(network.shape, rows: 1)
    activations = Activations(network.shape, rows: 1)
    sampler = ActionSampler([seed.stream(.actions)])
  }

  /// Log-probabilities of the actions in the copy's current state, followed by its value.
  public func heads(for copy: VectorEnvironment) -> [Float] {
    observation.observe(copy, at: StridedIndices())
    network.forward(observation, into: activations, at: RowSelection(0..<1))
    return activations.heads.values
  }

  /// An action in the copy's current state, sampled as in training.
  public mutating func action(for copy: VectorEnvironment) -> Int32 {
    _ = heads(for: copy)
    sampler.draw(from: activations.heads)
    return sampler.actions[0]
  }
}
