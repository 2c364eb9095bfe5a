/// The rules of a task in numbers and words, and the scores that its rules allow.
public struct EnvironmentFacts: Sendable {
  public enum Family: String, Sendable, CaseIterable { case calibration, grid, pong, arcade }

  public var name: String
  public var family: Family
  /// Raised by every change of the rules; results name it.
  public var rulesVersion: Int
  /// The rules in a sentence.
  public var summary: String

  public var observationSize: Int
  public var observationLayout: String
  /// Every number of the observation is 0 or 1.
  public var hasBinaryObservation: Bool
  public var actions: [String]
  /// Steps after which an episode is truncated.
  public var timeLimit: Int
  /// Length of a typical episode in steps; staggered starts are spread over it.
  public var typicalEpisodeLength: Int
  /// States that an episode goes through before it is over; `nil` where they were not counted.
  public var states: Int?
  /// Every score (sum of rewards of an episode) lies in it.
  public var scoreRange: ClosedRange<Double>
  /// Mean score of uniformly random actions, measured.
  public var randomScore: Double
  /// Best known mean score.
  public var bestScore: Double
}
