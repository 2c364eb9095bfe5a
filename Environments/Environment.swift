/// A task: the rules of one episode after another, as a fixed-size value.
///
/// A task knows its rules and nothing of housekeeping: time limits, automatic resets and scores
/// belong to `VectorEnvironment`. Its state is saved by copying its bytes.
public protocol Environment: BitwiseCopyable, Sendable {
  static var facts: EnvironmentFacts { get }

  /// The first episode.
  init(random: inout some RandomSource)

  /// The next episode. What the rules carry over from the last one stays.
  mutating func restart(random: inout some RandomSource)

  /// One step. `action` lies in `0..<facts.actions.count`.
  mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome

  /// Writes the observation of the present state, `facts.observationSize` numbers, every one
  /// of them; they lie in [−1, 1].
  func observe(into row: inout MutableSpan<Float>)
}

/// What a step brought.
public struct Outcome: Sendable {
  public var reward: Double
  /// The rules ended the episode. Time limits are not rules.
  public var isOver: Bool

  public init(reward: Double = 0, isOver: Bool = false) {
    self.reward = reward
    self.isOver = isOver
  }
}

/// How an episode ended at a step, if it did.
public enum Ending: UInt8, BitwiseCopyable, Sendable {
  case none
  /// By the rules: nothing follows, the value of what follows is 0.
  case terminated
  /// By the time limit: the value of what would have followed still counts.
  case truncated

  /// Where both happen at once, the rules win.
  public init(isOver: Bool, isTimeUp: Bool) {
    self = isOver ? .terminated : isTimeUp ? .truncated : .none
  }
}

/// Where the integers and unit reals of a task's rules come from: the lab's own streams, or
/// another package's generator driving the same rules.
public protocol RandomSource {
  /// Uniform in `0..<bound`; `bound` is positive.
  mutating func integer(below bound: Int32) -> Int32
  /// Uniform in [0, 1).
  mutating func unit() -> Double
}

extension RandomSource {
  /// Uniform in [low, high).
  mutating func real(from low: Double, to high: Double) -> Double {
    low + (high - low) * unit()
  }
}
