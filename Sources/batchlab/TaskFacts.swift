internal import Environments
internal import Lab
internal import Records

/// A task's facts and defaults, under the names of the archive and of the options.
struct TaskFacts: Encodable {
  let entry: CatalogueEntry
  var facts: EnvironmentFacts { entry.facts }
  var defaults: TaskDefaults { .of(facts.name) }

  func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(facts.name, forKey: "task")
    try fields.encode(facts.family.rawValue, forKey: "family")
    try fields.encode(facts.game, forKey: "game")
    try fields.encode(facts.summary, forKey: "summary")
    try fields.encode(
      entry.original.map { "\($0.package.rawValue), \($0.id)" }, forKey: "source")
    try fields.encode(facts.rulesVersion, forKey: "rules_version")
    try fields.encode(facts.observationSize, forKey: "observation_size")
    try fields.encode(facts.observationLayout, forKey: "observation_layout")
    try fields.encode(facts.planes.map(Planes.init), forKey: "planes")
    try fields.encode(facts.hasBinaryObservation, forKey: "binary_observation")
    try fields.encode(facts.actions, forKey: "actions")
    try fields.encode(facts.timeLimit, forKey: "time_limit")
    try fields.encode(facts.typicalEpisodeLength, forKey: "typical_episode_length")
    try fields.encode(facts.states, forKey: "states")
    try fields.encode(
      [facts.scoreRange.lowerBound, facts.scoreRange.upperBound], forKey: "score_range")
    try fields.encode(facts.randomScore, forKey: "random_score")
    try fields.encode(facts.bestScore, forKey: "best_score")
    try fields.encode(defaults.targets, forKey: "targets")
    try fields.encode(defaults.outOfReach, forKey: "out_of_reach")
    try fields.encode(
      defaults.effort.map { ["observations": $0.observations, "batch": $0.batch] },
      forKey: "effort")
    try fields.encode(defaults.batches, forKey: "batches")
    let rate = defaults.learningRate
    try fields.encode(
      ["centre": rate.rate, "batch": rate.batch, "exponent": rate.exponent],
      forKey: "learning_rate")
    try fields.encode(defaults.settings.value(\.budget), forKey: "budget")
    try fields.encode(
      defaults.settings.value(\.evaluationEpisodes), forKey: "evaluation_episodes")
    try fields.encode(defaults.settings.value(\.optimizer), forKey: "optimizer")
    for (setting, value) in defaults.learning {
      try fields.encode(value, forKey: Field(stringLiteral: setting.column))
    }
  }

  /// The order of an observation that shows a grid of cells.
  private struct Planes: Encodable {
    var height: Int
    var width: Int
    var channels: Int
    var order: String
    var uniform: Int

    init(_ layout: PlaneLayout) {
      (height, width, channels) = (layout.height, layout.width, layout.channels)
      (order, uniform) = (layout.order.words, layout.uniform)
    }
  }

  private struct Field: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringLiteral name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension PlaneLayout {
  /// As in "10 × 10 cells, 4 channels, [y][x][channel]".
  var words: String {
    let grid = "\(height) × \(width) cells, \(Format.counted(channels, "channel")), \(order.words)"
    return uniform == 0 ? grid : "\(grid), then \(uniform) numbers for all cells"
  }
}

extension PlaneLayout.Order {
  var words: String {
    switch self {
    case .cells: "[y][x][channel]"
    case .planes: "[channel][y][x]"
    }
  }
}

extension TaskDefaults {
  /// The learning settings whose default depends on the task, with their values.
  var learning: [(setting: any AnySetting, value: any PlainValue)] {
    SettingsTable.standard.all.compactMap { setting in
      guard setting.hasTaskDefault, setting.role == .hyperparameter || setting.name == "num-steps",
        let value = settings[any: setting]
      else { return nil }
      return (setting, value)
    }
  }
}
