import Records

extension PlanSettings {
  /// The keys of a plan or of one of its tasks, in the order in which they are offered.
  static let keys = [
    "algorithm", "optimizer", "batches", "exchange-rates", "num-steps", "learning-rates", "seeds",
    "budget", "evaluation",
    "hidden", "activation", "trunks", "momentum", "smoothing", "epsilon",
  ]

  private static let keysOfAll = ["gamma", "gae-lambda", "ent-coef", "vf-coef", "norm-adv"]
  private static let keysOfPPO = ["update-epochs", "num-minibatches", "clip-coef", "clip-vloss"]

  /// The keys of an algorithm, with the place where they belong.
  static let algorithmKeys = Dictionary(
    uniqueKeysWithValues: keysOfAll.map { ($0, "'algorithm', such as {pg: {\($0): …}}") }
      + keysOfPPO.map { ($0, "'algorithm', such as {ppo: {\($0): …}}") })

  /// The settings among the fields of a plan or of a task; `learning-rates` is left to the caller.
  init(_ fields: [String: PlanValue]) throws(YAMLFault) {
    self.init()
    if let value = fields["algorithm"] { try readAlgorithm(value) }
    optimizer = try fields["optimizer"]?.choice(OptimizerKind.self)
    batches = try fields["batches"]?.batches()
    exchangeRates = try fields["exchange-rates"]?.exchangeRates()
    numSteps = try fields["num-steps"]?.positive()
    budget = try fields["budget"]?.fields(["observations"])["observations"]?.positive()
    if let seeds = fields["seeds"] {
      let fields = try seeds.fields(["tuning", "measuring"])
      tuningSeeds = try fields["tuning"]?.positive()
      measuringSeeds = try fields["measuring"]?.positive()
    }
    evaluationEpisodes = try fields["evaluation"]?.fields(["episodes"])["episodes"]?.positive()
    if let hidden = fields["hidden"] {
      guard let text = hidden.text, let sizes = LayerSizes(text) else {
        throw hidden.refusal("widths of layers such as 64-64")
      }
      self.hidden = sizes
    }
    activation = try fields["activation"]?.choice(Activation.self)
    trunks = try fields["trunks"]?.choice(Trunks.self)
    let share = "a number from 0 up, below 1"
    momentum = try fields["momentum"]?.number(share) { (0..<1).contains($0) }
    smoothing = try fields["smoothing"]?.number(share) { (0..<1).contains($0) }
    epsilon = try fields["epsilon"]?.number("a number from 0 up") { $0 >= 0 }
  }

  private mutating func readAlgorithm(_ value: PlanValue) throws(YAMLFault) {
    guard value.isMapping else {
      algorithm = try value.choice(Algorithm.self)
      return
    }
    let algorithms = try value.fields(Algorithm.allCases.map(\.rawValue))
    guard let (name, settings) = algorithms.first, algorithms.count == 1,
      let algorithm = Algorithm(rawValue: name)
    else { throw value.refusal("pg, ppo or one of them with its settings") }
    self.algorithm = algorithm
    let fields = try settings.fields(Self.keysOfAll + Self.keysOfPPO)
    if algorithm != .ppo, let key = Self.keysOfPPO.first(where: { fields[$0] != nil }) {
      throw YAMLFault(
        line: fields[key]?.line, reason: "'\(key)' is a setting of ppo, not of \(name)")
    }
    let share = "a number from 0 to 1"
    gamma = try fields["gamma"]?.number(share) { (0...1).contains($0) }
    gaeLambda = try fields["gae-lambda"]?.number(share) { (0...1).contains($0) }
    entCoef = try fields["ent-coef"]?.number("a number from 0 up") { $0 >= 0 }
    vfCoef = try fields["vf-coef"]?.number("a number from 0 up") { $0 >= 0 }
    normAdv = try fields["norm-adv"]?.bool()
    updateEpochs = try fields["update-epochs"]?.positive()
    numMinibatches = try fields["num-minibatches"]?.positive()
    clipVloss = try fields["clip-vloss"]?.bool()
    clipCoef = try fields["clip-coef"]?.number("a positive number") { $0 > 0 }
  }
}

extension PlanValue {
  /// The centre of a search for the learning rate: the task's own, one rate, or ε(B).
  func centre() throws(YAMLFault) -> PlanSettings.Centre {
    if word == "auto" { return .auto }
    guard isMapping else {
      let rate = try number("auto, a positive number or {rate: …, batch: …, exponent: …}") {
        $0 > 0
      }
      return .given(LearningRateCentre(rate: rate))
    }
    let fields = try fields(["rate", "batch", "exponent"])
    func value(_ key: String) throws(YAMLFault) -> PlanValue {
      if let value = fields[key] { return value }
      throw YAMLFault(
        line: line, reason: "'\(path)' lacks '\(key)'; it needs 'rate', 'batch' and 'exponent'")
    }
    return .given(
      LearningRateCentre(
        rate: try value("rate").number("a positive number") { $0 > 0 },
        batch: try value("batch").number("a number from 0 up") { $0 >= 0 },
        exponent: try value("exponent").number("a number from 0 up") { $0 >= 0 }))
  }

  /// A list of different numbers.
  func exchangeRates() throws(YAMLFault) -> [Double] {
    let expected = "a list of different numbers from 1 up such as [500, 2000]"
    var list: [Double] = []
    for item in try items(expected) { list.append(try item.number(expected) { $0 >= 1 }) }
    guard Set(list).count == list.count else { throw refusal(expected, naming: false) }
    return list
  }

  /// A list or a range of batches.
  func batches() throws(YAMLFault) -> PlanSettings.Batches {
    let expected = "a list of different batches such as [16, 64] or {from: 16, to: 1024, factor: 2}"
    guard isMapping else {
      var list: [Int] = []
      for item in try items(expected) { list.append(try item.positive()) }
      guard Set(list).count == list.count else { throw refusal(expected, naming: false) }
      return .list(list)
    }
    let fields = try fields(["from", "to", "factor"])
    guard let from = try fields["from"]?.positive(), let end = fields["to"] else {
      throw YAMLFault(line: line, reason: "'\(path)' needs 'from' and 'to'")
    }
    let to = try end.whole("a whole number, at least 'from'") { $0 >= from }
    let factor =
      try fields["factor"]?.number("a number above 1") { $0 > 1 } ?? PlanReader.batchFactor
    // A factor of almost 1 would make more cells than anyone can run.
    var batch = Double(from)
    for _ in 0..<1000 {
      batch *= factor
      if batch > Double(to) { return .range(from: from, to: to, factor: factor) }
    }
    throw YAMLFault(
      line: line, reason: "'\(path)' makes more than 1000 batches; take a larger factor")
  }
}
