internal import ArgumentParser
internal import Environments

/// `batchlab tasks`
struct Tasks: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the tasks with their facts.")

  @Flag(help: "One JSON document on standard output.")
  var json = false

  func run() throws {
    if json { return try printJSON(catalogue.map { TaskFacts($0.facts) }) }
    for family in EnvironmentFacts.Family.allCases {
      let facts = catalogue.map(\.facts).filter { $0.family == family }
      if facts.isEmpty { continue }
      print("\(family.rawValue)")
      print(
        Text.table(
          ["task", "rules", "inputs", "actions", "limit", "horizon", "targets", "random", "what"],
          facts.map {
            [
              $0.name, "v\($0.rulesVersion)", "\($0.observationSize)", "\($0.actions.count)",
              Text.grouped($0.timeLimit), "\($0.horizon)",
              $0.targets.map(short).joined(separator: " "), Text.number($0.randomScore), $0.summary,
            ]
          }, left: [0, 6, 8]))
      print("")
    }
  }
}

/// The facts of a task under the names of the archive and of the flags.
private struct TaskFacts: Encodable {
  var task, family, summary: String
  var rules_version, observation_size: Int
  var observation_layout: String
  var binary_observation: Bool
  var actions: [String]
  var time_limit, typical_episode_length: Int
  var score_range: [Double]
  var random_score, best_score: Double
  var targets: [Double]
  var budget, num_steps: Int
  var batches: [Int]
  var gamma, gae_lambda, ent_coef, vf_coef: Double
  var learning_rate: LearningRate
  var evaluation_episodes: Int

  struct LearningRate: Encodable {
    var centre, batch, exponent: Double
  }

  init(_ facts: EnvironmentFacts) {
    task = facts.name
    family = facts.family.rawValue
    summary = facts.summary
    rules_version = facts.rulesVersion
    observation_size = facts.observationSize
    observation_layout = facts.observationLayout
    binary_observation = facts.hasBinaryObservation
    actions = facts.actions
    time_limit = facts.timeLimit
    typical_episode_length = facts.typicalEpisodeLength
    score_range = [facts.scoreRange.lowerBound, facts.scoreRange.upperBound]
    random_score = facts.randomScore
    best_score = facts.bestScore
    targets = facts.targets
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
  }
}
