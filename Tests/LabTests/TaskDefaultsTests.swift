import Environments
import Records
import Testing

@testable import Lab

@Suite struct `Defaults of tasks` {
  @Test func `cover the built-in catalogue and nothing else`() {
    #expect(Set(TaskDefaults.listed.keys) == Set(Catalogue.builtIn.map(\.facts.name)))
  }

  @Test(arguments: Array(TaskDefaults.listed.keys))
  func `give every setting with a task default a value in its range`(task: String) throws {
    let settings = try #require(TaskDefaults.listed[task]).settings
    for setting in SettingsTable.standard.all {
      let value = settings[any: setting]
      let isExpected =
        setting.hasTaskDefault || setting.name == "centre"
        || (setting.name == "optimizer" && task == "quadratic")
      #expect((value != nil) == isExpected, "\(setting.name)")
      if let value { #expect(setting.allows(value), "\(setting.name)") }
    }
  }

  @Test(arguments: Catalogue.builtIn)
  func `agree with one another and with the rules`(task: CatalogueEntry) throws {
    let (facts, defaults) = (task.facts, TaskDefaults.of(task.facts.name))
    let targets = defaults.targets
    #expect(targets == Set(targets).sorted())
    #expect(targets.isEmpty == (defaults.outOfReach != nil))
    #expect(targets.allSatisfy { $0 > facts.randomScore && $0 <= facts.bestScore })
    let (batches, budget) = (defaults.batches, try #require(defaults.settings.budget))
    let numSteps = try #require(defaults.settings.numSteps)
    #expect(batches == batches.sorted())
    #expect(batches.allSatisfy { $0.isMultiple(of: numSteps) && $0 <= budget })
    if let effort = defaults.effort {
      #expect(!targets.isEmpty && (1...budget).contains(effort.observations))
      #expect(batches.contains(effort.batch))
    }
  }
}
