internal import Environments
internal import Records

/// The facts of a task under the names of the archive and of the flags.
struct TaskFacts: Encodable {
  var task, family, summary: String
  /// Of a public package, where the task follows one.
  @Nullable var source: String?
  var rules_version, observation_size: Int
  var observation_layout: String
  var binary_observation: Bool
  var actions: [String]
  var time_limit, typical_episode_length: Int
  /// `nil` where they were not counted.
  @Nullable var states: Int?
  var score_range: [Double]
  var random_score, best_score: Double
  var targets: [Double]
  /// The reason and the evidence, where the task has no targets.
  @Nullable var out_of_reach: String?
  var budget, num_steps: Int
  var batches: [Int]
  var gamma, gae_lambda, ent_coef, vf_coef: Double
  var learning_rate: LearningRate
  var evaluation_episodes: Int
  /// What the hardest target took at a batch near the critical one, if it was measured.
  @Nullable var effort: Effort?

  struct LearningRate: Encodable {
    var centre, batch, exponent: Double
  }

  struct Effort: Codable, Hashable {
    var observations, batch: Int
  }

  init(_ entry: CatalogueEntry) {
    let facts = entry.facts
    task = facts.name
    family = facts.family.rawValue
    summary = facts.summary
    source = entry.original.map { "\($0.package.rawValue), \($0.id)" }
    rules_version = facts.rulesVersion
    observation_size = facts.observationSize
    observation_layout = facts.observationLayout
    binary_observation = facts.hasBinaryObservation
    actions = facts.actions
    time_limit = facts.timeLimit
    typical_episode_length = facts.typicalEpisodeLength
    states = facts.states
    score_range = [facts.scoreRange.lowerBound, facts.scoreRange.upperBound]
    random_score = facts.randomScore
    best_score = facts.bestScore
    targets = facts.targets
    out_of_reach = facts.outOfReach
    budget = facts.budget
    num_steps = facts.horizon
    batches = facts.batches
    gamma = facts.gamma
    gae_lambda = facts.gaeLambda
    ent_coef = facts.entropyCoefficient
    vf_coef = facts.valueCoefficient
    learning_rate = LearningRate(
      centre: facts.learningRate.rate, batch: facts.learningRate.batch,
      exponent: facts.learningRate.exponent)
    evaluation_episodes = facts.evaluationEpisodes
    effort = facts.effort.map { Effort(observations: $0.observations, batch: $0.batch) }
  }
}
