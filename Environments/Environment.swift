/// A task: its rules, and the state of the current episode as a value of fixed size.
///
/// A task implements only its rules. Time limits, automatic resets and scores belong to
/// `VectorEnvironment`. The state is saved by copying its bytes.
public protocol Environment: BitwiseCopyable, Sendable {
  static var facts: EnvironmentFacts { get }

  /// Starts the first episode.
  init(random: inout some RandomSource)

  /// Starts the next episode, keeping whatever the rules carry over from the previous one.
  mutating func restart(random: inout some RandomSource)

  /// Takes one step. `action` is in `0..<facts.actions.count`.
  mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome

  /// Writes the observation of the current state: all `facts.observationSize` numbers, each in
  /// [−1, 1].
  func observe(into row: inout MutableSpan<Float>)
}

/// The result of a step.
public struct Outcome: Sendable {
  var reward: Double
  /// Whether the rules ended the episode. A time limit is not one of the rules.
  var isOver: Bool

  init(reward: Double = 0, isOver: Bool = false) {
    self.reward = reward
    self.isOver = isOver
  }
}

/// Whether and how an episode ended at a step.
public enum Ending: UInt8, BitwiseCopyable, Sendable {
  case none
  /// Ended by the rules: the value of the next state is 0.
  case terminated
  /// Cut off by the time limit: the value of the next state still counts.
  case truncated

  /// If both happen at once, the rules take precedence.
  init(isOver: Bool, isTimeUp: Bool) {
    self = isOver ? .terminated : isTimeUp ? .truncated : .none
  }
}

/// The random integers and reals that a task's rules draw, from the lab's own streams or from
/// another package's generator.
public protocol RandomSource {
  /// Returns a uniform integer in `0..<bound`; `bound` is positive.
  mutating func integer(below bound: Int32) -> Int32
  /// Returns a uniform real in [0, 1).
  mutating func unit() -> Double
}

extension RandomSource {
  /// Returns a uniform real in [low, high).
  mutating func real(from low: Double, to high: Double) -> Double {
    low + (high - low) * unit()
  }
}
