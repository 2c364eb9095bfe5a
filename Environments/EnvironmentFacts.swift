/// The rules of a task in numbers and words, and the scores that its rules allow.
public struct EnvironmentFacts: Sendable {
  public enum Family: String, Sendable, CaseIterable { case calibration, grid, pong, arcade }

  public var name: String
  public var family: Family
  /// The game that the task is a variant of: tasks whose rules differ only in sizes, speeds, starts
  /// or views. `nil` if the game has no other tasks.
  public var variantOf: String? = nil
  /// Raised with every change to the rules. Results record it.
  public var rulesVersion: Int
  /// The rules in a sentence.
  public var summary: String

  public var observationSize: Int
  public var observationLayout: String
  /// The order of an observation that shows a grid of cells; `nil` for all others.
  public var planes: PlaneLayout? = nil
  /// Whether every number of the observation is 0 or 1.
  public var hasBinaryObservation: Bool
  public var actions: [String]
  /// Steps after which an episode is truncated.
  public var timeLimit: Int
  /// Length of a typical episode in steps; staggered starts are spread over it.
  public var typicalEpisodeLength: Int
  /// Number of reachable states in which an episode is not over; `nil` if not counted.
  public var states: Int?
  /// Contains every possible score (the sum of an episode's rewards).
  public var scoreRange: ClosedRange<Double>
  /// Mean score of uniformly random actions, measured.
  public var randomScore: Double
  /// Best known mean score.
  public var bestScore: Double
  /// What is trained instead of a policy; `nil` for a task that is played.
  public var bowl: Bowl? = nil

  /// The game, which comparisons of tasks count once; the task's own name if it has no variants.
  public var game: String { variantOf ?? name }
}
