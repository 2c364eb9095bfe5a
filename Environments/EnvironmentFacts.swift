/// What is known of a task, by its rules or by measurement.
public struct EnvironmentFacts: Sendable {
  public enum Family: String, Sendable, CaseIterable { case calibration, grid, pong, arcade }

  /// Where the search for the learning rate begins: ε(B) = rate / (1 + batch/B)^exponent.
  public struct LearningRate: Sendable {
    public var rate: Double
    public var batch: Double
    public var exponent: Double
  }

  /// Observations to the hardest target at a batch near the critical one, geometric mean over a
  /// few seeds.
  public struct Effort: Sendable {
    public var observations: Int
    public var batch: Int
  }

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

  /// Scores to reach, easiest first; none if the task is out of reach.
  public var targets: [Double]
  /// Why the lab's learner doesn't solve the task within its budget, with the evidence. Such a
  /// task has no targets and can still be played and traced.
  public var outOfReach: String?
  /// Observations after which a run that has not reached its target is censored.
  public var budget: Int
  /// Steps per environment and rollout.
  public var horizon: Int
  /// Batches of a typical sweep, in observations, ascending; whole environments.
  public var batches: [Int]
  public var gamma: Double
  public var gaeLambda: Double
  public var entropyCoefficient: Double
  /// Weight of the value loss.
  public var valueCoefficient: Double
  public var learningRate: LearningRate
  /// What the hardest target took, measured; `nil` where nobody has.
  public var effort: Effort?
  /// Episodes that make the standard error of a score small against its distance to a target.
  public var evaluationEpisodes: Int

  /// The facts of a task whose hardest target, if it has one, took that many observations at a
  /// batch.
  func taking(_ observations: Int, at batch: Int) -> Self {
    var facts = self
    facts.effort = targets.isEmpty ? nil : Effort(observations: observations, batch: batch)
    return facts
  }
}
