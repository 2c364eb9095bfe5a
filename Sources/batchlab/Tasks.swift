internal import ArgumentParser
internal import Environments
internal import Lab
internal import Records

/// `batchlab tasks`
struct Tasks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the tasks, or show all facts about one.",
    discussion: "Example: batchlab tasks pong")

  @Argument(help: "A task. Default: list all tasks.")
  var task: String?
  @Flag(help: "Print one JSON document with all facts to standard output.")
  var json = false

  func run() throws {
    let chosen = try task.map { try BatchLab.catalogue.task(named: $0) }
    if json {
      if let chosen { return try printJSON(TaskFacts(entry: chosen)) }
      return try printJSON(BatchLab.catalogue.map { TaskFacts(entry: $0) })
    }
    if let chosen { return describe(chosen) }
    for family in EnvironmentFacts.Family.allCases {
      let facts = BatchLab.catalogue.map(\.facts).filter { $0.family == family }
      if facts.isEmpty { continue }
      standardOutput("\(family.rawValue)")
      show(facts)
      standardOutput("")
    }
    standardOutput("for all facts about a task: batchlab tasks TASK")
  }

  private func show(_ tasks: [EnvironmentFacts]) {
    let header = [
      "task", "inputs", "actions", "limit", "random", "best", "targets", "budget", "summary",
    ]
    let rows = tasks.map { facts in
      let defaults = TaskDefaults.of(facts.name)
      return [
        facts.name, "\(facts.observationSize)", "\(facts.actions.count)",
        Format.grouped(facts.timeLimit), Format.number(facts.randomScore),
        Format.number(facts.bestScore),
        defaults.outOfReach == nil
          ? defaults.targets.map(Format.shortest).joined(separator: " ") : "out of reach",
        Format.number(Double(defaults.settings.value(\.budget))), facts.summary,
      ]
    }
    Table.show(header, rows, left: [0, 6, 8])
  }

  private func describe(_ entry: CatalogueEntry) {
    let facts = entry.facts
    let defaults = TaskDefaults.of(facts.name)
    let source = entry.original.map { "\($0.package.rawValue), \($0.id), byte for byte" }
    let rate = defaults.learningRate
    let lines: [(String, String)] = [
      ("summary", facts.summary),
      ("family", facts.family.rawValue),
      ("game", facts.game),
      ("rules", "version \(facts.rulesVersion)"),
      ("source", source ?? "the lab's own"),
      (
        "observation",
        "\(facts.observationSize) numbers\(facts.hasBinaryObservation ? ", all 0 or 1" : "")"
      ),
      ("layout", facts.observationLayout),
      ("grid", facts.planes?.words ?? "none, so no convolutions"),
      ("actions", facts.actions.joined(separator: " · ")),
      ("time limit", "\(Format.grouped(facts.timeLimit)) steps"),
      ("typical episode", "\(Format.grouped(facts.typicalEpisodeLength)) steps"),
      (
        "scores",
        "\(Format.shortest(facts.scoreRange.lowerBound)) … \(Format.shortest(facts.scoreRange.upperBound)), random"
          + " \(Format.number(facts.randomScore)), best known \(Format.number(facts.bestScore))"
      ),
      (
        defaults.outOfReach == nil ? "targets" : "out of reach",
        defaults.outOfReach ?? defaults.targets.map(Format.shortest).joined(separator: "  ")
      ),
      ("budget", "\(Format.grouped(defaults.settings.value(\.budget))) observations"),
      ("batches", defaults.batches.map(Format.grouped).joined(separator: "  ")),
      (
        "learning rate",
        "\(Format.shortest(rate.rate)) / (1 + batch/\(Format.shortest(rate.batch)))^\(Format.shortest(rate.exponent))"
      ),
      (
        "settings",
        (["optimizer \(defaults.settings.value(\.optimizer).rawValue)"]
          + defaults.learning.map { "\($0.setting.name) \($0.value.word)" })
          .joined(separator: ", ")
      ),
      (
        "evaluation",
        "at most \(defaults.settings.value(\.evaluationEpisodes)) episodes per evaluation,"
          + " four times as many late in training"
      ),
    ]
    standardOutput(facts.name)
    for (name, value) in lines { standardOutput("  " + name.padding(to: 17) + value) }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
