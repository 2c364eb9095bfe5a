import Records

/// Reads the variants of a plan or of a task, by the names of settings: all combinations of some
/// values, as in `{network: [16-16, 64-64], optimizer: [adam, sgd]}`, or a list, as in
/// `[{optimizer: adam}, {optimizer: sgd, momentum: 0.9}]`.
struct PlanVariants {
  struct Variant {
    /// The name that follows from its settings.
    var name: String
    var settings: PlanSettings
    /// The variant, or all of them if they are combinations.
    var value: PlanValue
  }

  private(set) var variants: [Variant] = []
  private let table: SettingsTable

  private static let most = 1_000
  private static let form =
    "a mapping of settings to lists of values, such as {optimizer: [adam, sgd]}, or a list such as"
    + " [{optimizer: adam}, {optimizer: sgd, momentum: 0.9}]"

  init(_ value: PlanValue, _ table: SettingsTable) throws(YAMLFault) {
    self.table = table
    if value.isMapping {
      for settings in try combinations(value) { try add(settings, value) }
    } else {
      for item in try value.items(Self.form) { try add(try settings(item), item) }
    }
  }

  private var known: [any AnySetting] { table.all.filter(\.isOfVariant) }

  /// The settings of a mapping, each with its value, in the order of the table.
  private func fields(
    _ value: PlanValue
  ) throws(YAMLFault) -> [(setting: any AnySetting, value: PlanValue)] {
    let shared = table.all.filter(\.isShared).map {
      ($0.name, "the whole plan; all tasks share it")
    }
    let fields = try value.fields(
      known.map(\.name), elsewhere: Dictionary(uniqueKeysWithValues: shared))
    return known.compactMap { setting in fields[setting.name].map { (setting, $0) } }
  }

  private func settings(_ item: PlanValue) throws(YAMLFault) -> PlanSettings {
    var result = PlanSettings()
    for (setting, value) in try fields(item) { result[any: setting] = try value.read(setting) }
    return result
  }

  private func combinations(_ value: PlanValue) throws(YAMLFault) -> [PlanSettings] {
    var all = [PlanSettings()]
    for (setting, list) in try fields(value) {
      let items = try list.items("a list of values")
      guard all.count * items.count <= Self.most else {
        throw YAMLFault(
          line: value.line, reason: "'\(value.path)' makes more than \(Self.most) variants")
      }
      var longer: [PlanSettings] = []
      for settings in all {
        for item in items {
          var settings = settings
          settings[any: setting] = try item.read(setting)
          longer.append(settings)
        }
      }
      all = longer
    }
    return all
  }

  private mutating func add(_ settings: PlanSettings, _ value: PlanValue) throws(YAMLFault) {
    guard let name = TaskVariant.name(of: settings, table) else {
      throw YAMLFault(
        line: value.line,
        reason:
          "'\(value.path)' must have a setting that affects training, such as network or optimizer")
    }
    guard TaskVariant.isName(name) else {
      throw YAMLFault(
        line: value.line,
        reason: "'\(value.path)' has too many settings for one name; list the variants as tasks and"
          + " name each one with 'variant'")
    }
    guard !variants.contains(where: { $0.name == name }) else {
      throw YAMLFault(line: value.line, reason: "the variant '\(name)' is listed twice")
    }
    variants.append(Variant(name: name, settings: settings, value: value))
  }

  /// The requests for each variant of a task.
  func requests(
    for task: Plan.TaskRequest, of plan: PlanSettings
  ) throws(YAMLFault) -> [Plan.TaskRequest] {
    var requests: [Plan.TaskRequest] = []
    for variant in variants {
      var request = task
      request.variant = variant.name
      request.variation = .init(variant.settings, path: variant.value.path)
      request.settings = variant.settings.varying(task.settings, of: plan, table)
      let whole = request.settings.completed(by: plan, table)
      let (algorithm, optimizer) = (whole.value(\.algorithm), whole.value(\.optimizer))
      for setting in known where variant.settings[any: setting] != nil {
        if let objection = setting.objection(algorithm, optimizer) {
          throw YAMLFault(
            line: variant.value.line,
            reason: "variant '\(variant.name)' of '\(task.task)': '\(setting.name)' \(objection)")
        }
      }
      requests.append(request)
    }
    return requests
  }
}

extension PlanSettings {
  /// These settings, completed by those of a task of a plan, whose algorithm and optimizer may be
  /// the plan's.
  fileprivate func varying(
    _ task: PlanSettings, of plan: PlanSettings, _ table: SettingsTable
  ) -> PlanSettings {
    var task = task
    let whole = task.completed(by: plan, table)
    (task.algorithm, task.optimizer) = (whole.algorithm, whole.optimizer)
    // Of a fixed rate and a centre of the search, a variant's takes the place of the task's.
    if self.learningRateCentre != nil { task.fixedRate = nil }
    if self.fixedRate != nil { task.learningRateCentre = nil }
    return completed(by: task, table)
  }
}
