import Records

/// Reads the settings of a plan, or of one of its tasks, by a table of settings.
struct PlanSettingsReader {
  let table: SettingsTable
  /// The plan's own settings, if those of a task are read.
  var plan: PlanSettings?

  private static let algorithms = Algorithm.allCases.map(\.rawValue)

  /// What can be set here, and the keys that lead to it, such as `seeds`, `tuning`.
  private var entries: [(path: [String], setting: any AnySetting)] {
    table.all.flatMap { setting -> [(path: [String], setting: any AnySetting)] in
      guard let key = setting.key, plan == nil || !setting.isShared else { return [] }
      if setting.isOfAlgorithm { return Self.algorithms.map { (["algorithm", $0, key], setting) } }
      return [(setting.path, setting)]
    }
  }

  /// The keys of a plan or a task, or of a mapping in it, in the order in which they are offered.
  func keys(at place: [String] = []) -> [String] {
    var seen: Set<String> = []
    let inside = entries.map(\.path).filter { $0.count > place.count && $0.starts(with: place) }
    return inside.map { $0[place.count] }.filter { seen.insert($0).inserted }
  }

  /// Where keys belong that are misplaced here.
  func homes(at place: [String] = []) -> [String: String] {
    let shared = "the whole plan; all tasks share it"
    var homes = plan == nil || !place.isEmpty ? [:] : ["study": shared]
    for setting in table.all where setting.key != nil {
      if case .algorithms(let own) = setting.owner, place.isEmpty {
        homes[setting.name] = "'algorithm', such as {\(own[0].rawValue): {\(setting.name): …}}"
      } else if plan != nil, setting.isShared, setting.path.starts(with: place),
        let name = setting.path.dropFirst(place.count).first
      {
        homes[name] = shared
      }
    }
    return homes
  }

  /// The settings among the fields of a plan or a task.
  func read(_ fields: [String: PlanValue]) throws(YAMLFault) -> PlanSettings {
    var result = PlanSettings()
    let values = try flattened(fields, at: [])
    for (path, setting) in entries {
      guard let value = values[path] else { continue }
      result[any: setting] = try value.read(setting)
    }
    if let value = fields["algorithm"], value.isMapping {
      let names = try value.fields(Self.algorithms).keys
      guard names.count == 1, let algorithm = names.first.flatMap(Algorithm.init) else {
        throw value.refusal("pg, ppo or one of them with its settings")
      }
      result.algorithm = algorithm
    }
    try settle(values, &result)
    return result
  }

  /// The values by their whole paths.
  private func flattened(
    _ fields: [String: PlanValue], at place: [String]
  ) throws(YAMLFault) -> [[String]: PlanValue] {
    var values: [[String]: PlanValue] = [:]
    for key in keys(at: place) {
      guard let value = fields[key] else { continue }
      let (here, inner) = (place + [key], keys(at: place + [key]))
      if inner.isEmpty || here == ["algorithm"] && !value.isMapping {
        values[here] = value
      } else {
        let inside = try value.fields(inner, elsewhere: homes(at: here))
        values.merge(try flattened(inside, at: here)) { first, _ in first }
      }
    }
    return values
  }

  /// Refuses settings of an algorithm or optimizer that is not in use. Reads the former names of
  /// Adam's constants, which their columns still have, as the current ones.
  private func settle(
    _ values: [[String]: PlanValue], _ result: inout PlanSettings
  ) throws(YAMLFault) {
    let algorithm = result.value(\.algorithm)
    let optimizer = result.optimizer ?? (plan ?? result).value(\.optimizer)
    for (path, setting) in entries {
      guard let value = values[path], let objection = setting.objection(algorithm, optimizer)
      else { continue }
      result[any: setting] = nil
      let heir = entries.map(\.setting).first {
        $0.column == setting.name && $0.belongs(to: algorithm, optimizer)
      }
      guard let heir else {
        throw YAMLFault(line: value.line, reason: "'\(setting.name)' \(objection)")
      }
      guard result[any: heir] == nil else {
        throw YAMLFault(
          line: value.line,
          reason: "'\(setting.name)' is the former name of '\(heir.name)'; give only one")
      }
      result[any: heir] = try value.read(heir)
    }
  }
}

extension AnySetting {
  fileprivate var path: [String] { (key ?? "").split(separator: ".").map(String.init) }
}

// MARK: - Values

/// A value that is more than a word: a list or a mapping.
private protocol StructuredValue: PlainValue {
  init(_ value: PlanValue, form: String) throws(YAMLFault)
}

extension PlanValue {
  /// Reads the value of a setting.
  func read<Entry: AnySetting>(_ setting: Entry) throws(YAMLFault) -> Entry.Value.Plain {
    typealias Plain = Entry.Value.Plain
    if let structured = Plain.self as? any StructuredValue.Type {
      let value = try structured.init(self, form: setting.form)
      guard let plain = value as? Plain, setting.range.contains(plain) else {
        throw refusal(setting.form, naming: false)
      }
      return plain
    }
    // A number or Boolean in quotes is a text.
    let isBare = Plain.self is any Numeric.Type || Plain.self is Bool.Type
    guard let word = isBare ? word : text, let value = setting.read(word) else {
      throw refusal(setting.form)
    }
    return value
  }
}

extension PlanSettings.Centre: StructuredValue {
  /// `auto`, one rate, or a curve ε(B).
  fileprivate init(_ value: PlanValue, form: String) throws(YAMLFault) {
    guard value.isMapping else {
      guard let word = value.word, let centre = Self(word: word), centre.isPositive else {
        throw value.refusal(form)
      }
      self = centre
      return
    }
    let fields = try value.fields(["rate", "batch", "exponent"])
    func number(_ key: String, _ range: ValueRange<Double>) throws(YAMLFault) -> Double {
      guard let field = fields[key] else {
        throw YAMLFault(
          line: value.line,
          reason: "'\(value.path)' has no '\(key)'; it needs 'rate', 'batch' and 'exponent'")
      }
      return try field.number(range)
    }
    self = .given(
      LearningRateCentre(
        rate: try number("rate", .above(0)), batch: try number("batch", .atLeast(0)),
        exponent: try number("exponent", .atLeast(0))))
  }

  private var isPositive: Bool {
    if case .given(let curve) = self { curve.rate > 0 } else { true }
  }
}

extension [Double]: StructuredValue {
  fileprivate init(_ value: PlanValue, form: String) throws(YAMLFault) {
    self = []
    for item in try value.items(form) {
      guard let word = item.word, let number = Double(word: word) else {
        throw item.refusal(form)
      }
      append(number)
    }
  }
}

extension PlanSettings.Batches: StructuredValue {
  /// A list or a range.
  fileprivate init(_ value: PlanValue, form: String) throws(YAMLFault) {
    let size = ValueRange<Int>.from(1, to: Self.largest)
    guard value.isMapping else {
      var list: [Int] = []
      for item in try value.items(form) { list.append(try item.whole(size)) }
      self = .list(list)
      return
    }
    let fields = try value.fields(["from", "to", "factor"])
    guard let from = try fields["from"]?.whole(size), let end = fields["to"] else {
      throw YAMLFault(line: value.line, reason: "'\(value.path)' needs 'from' and 'to'")
    }
    self = .range(
      from: from, to: try end.whole(.from(from, to: Self.largest)),
      factor: try fields["factor"]?.number(.above(1)) ?? Self.usualFactor)
    // A factor of almost 1 would make more cells than anyone can run.
    guard count <= 1_000 else {
      throw YAMLFault(
        line: value.line,
        reason: "'\(value.path)' makes more than 1000 batches; use a larger factor")
    }
  }
}
