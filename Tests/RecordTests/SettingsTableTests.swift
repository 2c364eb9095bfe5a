import Foundation
import Testing

@testable import Records

@Suite struct `The table of settings` {
  private let table = SettingsTable.standard

  @Test func `holds every member of Settings, each with its own name and key`() {
    #expect(table.all.count == Mirror(reflecting: Settings.declared).children.count)
    #expect(Set(table.all.map(\.name)).count == table.all.count)
    let keys = table.all.compactMap(\.key)
    #expect(Set(keys).count == keys.count)
    for setting in table.all {
      #expect(setting.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" })
      #expect(setting.sentence.hasSuffix("."))
    }
  }

  @Test func `spells a hyper-parameter the same everywhere`() {
    for setting in table.hyperparameters {
      if let key = setting.key { #expect(key == setting.name) }
      guard !["beta1", "beta2"].contains(setting.name) else { continue }
      #expect(setting.column == setting.name.replacingOccurrences(of: "-", with: "_"))
    }
  }

  @Test func `has defaults in the range of each setting`() {
    for setting in table.hyperparameters {
      for algorithm in Algorithm.allCases {
        for optimizer in OptimizerKind.allCases where setting.belongs(to: algorithm, optimizer) {
          if let value = setting.standard(algorithm, optimizer) { #expect(setting.allows(value)) }
        }
      }
    }
  }

  /// The columns of settings in rows of schema 2, which old ids and digests are made of.
  @Test func `writes the columns of old rows whatever their values`() throws {
    let columns = [
      "activation", "algorithm", "clip_coef", "clip_vloss", "ent_coef", "epsilon", "gae_lambda",
      "gamma", "hidden", "max_grad_norm", "momentum", "norm_adv", "num_minibatches", "optimizer",
      "smoothing", "target_kl", "trunks", "update_epochs", "vf_coef",
    ]
    for algorithm in Algorithm.allCases {
      let data = try JSONEncoder().encode(Hyperparameters(algorithm))
      let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(Set(object.keys).isSuperset(of: columns))
    }
  }

  @Test func `gives Adam's constants and momentum one column`() {
    var hyperparameters = Hyperparameters()
    (hyperparameters.beta1, hyperparameters.beta2) = (0.5, 0.25)
    #expect(hyperparameters.momentum == 0.5 && hyperparameters.smoothing == 0.25)
    let sgd = Hyperparameters(optimizer: .sgd)
    #expect(sgd.momentum == 0 && sgd.smoothing == 0 && sgd.epsilon == 0)
  }

  @Test(arguments: [
    ("16...64", "16...64:2"), ("16...64:1.5", "16...64:1.5"), ("16,64", "16,64"),
    ("1,024...8k:2", "1024...8000:2"), ("1e3,2_000", "1000,2000"),
    ("10,240", "10,240"),
  ])
  func `reads batches as a command line has them`(text: String, word: String) {
    #expect(PlanSettings.Batches(word: text)?.word == word)
    #expect(Settings.declared.batches.read(text) != nil)
  }

  @Test(arguments: [
    "", "16..", "16...8", "16,16", "0,16", "16...64:1", "16...64:1.0001", "1...2:", "a", "-4...8",
    "1,024", "64,1,000",
  ])
  func `refuses batches that are not a list`(text: String) {
    #expect(Settings.declared.batches.read(text) == nil)
  }

  @Test(arguments: [
    ("1_000", 1_000), ("1__0", nil), ("_1", nil), ("1_", nil), ("1e3", 1_000), ("", nil),
  ])
  func `reads whole numbers with underscores between digits`(text: String, value: Int?) {
    #expect(Settings.declared.numSteps.read(text) == value)
  }

  @Test(arguments: [("1e-3", 0.001), (".5", 0.5), ("nan", nil), ("inf", nil), ("0x1", nil)])
  func `reads only decimal numbers`(text: String, value: Double?) {
    #expect(Settings.declared.gamma.read(text) == value)
  }
}
