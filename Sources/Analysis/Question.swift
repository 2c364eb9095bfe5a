public import Records

/// What a fit answers: how the updates to one target of one task go with the batch, trained in
/// one way.
///
/// Whatever tells two questions apart is a property of this type and stands nowhere else: runs are
/// grouped by it, and reports, figures and comparisons are matched by it. Runs of a table that
/// names neither task nor target are all about one question, the one without any property.
public struct Question: Hashable, Sendable {
  public var task: String?
  public var target: Target?
  /// `nil` for runs of a table.
  public var algorithm: Algorithm?
  /// Steps per environment and rollout.
  public var horizon: Int?
  /// Minibatches of a rollout; more than one for PPO alone.
  public var minibatches: Int

  public init(
    task: String? = nil, target: Target? = nil, algorithm: Algorithm? = nil, horizon: Int? = nil,
    minibatches: Int = 1
  ) {
    self.task = task
    self.target = target
    self.algorithm = algorithm
    self.horizon = horizon
    self.minibatches = minibatches
  }

  /// The question that a row of a study is an answer to.
  public init(_ row: TrialRow) {
    let settings = row.settings
    self.init(
      task: settings.task, target: Target(row.result.target),
      algorithm: settings.hyperparameters.algorithm, horizon: settings.numSteps,
      minibatches: settings.hyperparameters.numMinibatches)
  }

  /// The same question at whatever horizon: a batch that is smaller than the horizon shortens it.
  var atAnyHorizon: Question {
    var copy = self
    copy.horizon = nil
    return copy
  }

  /// What a comparison counts once: the task as an algorithm trained it, whatever the target.
  public var comparisonKey: Question { Question(task: task, algorithm: algorithm) }
}

extension Question: Comparable {
  /// By task, then target, algorithm, horizon and minibatches.
  public static func < (left: Question, right: Question) -> Bool { left.order < right.order }

  private var order: (String, Target, Int, Int, Int) {
    (
      task ?? "", target ?? Target(""), Algorithm.allCases.firstIndex { $0 == algorithm } ?? -1,
      horizon ?? 0, minibatches
    )
  }
}

extension Question: Encodable {
  private enum CodingKeys: String, CodingKey { case task, target, algorithm, horizon }

  /// As keys of the object that is being encoded; those that are not known are `null`.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(task, forKey: .task)
    try keys.encode(target?.text, forKey: .target)
    try keys.encode(algorithm, forKey: .algorithm)
    try keys.encode(horizon, forKey: .horizon)
  }
}

/// A target as a number, with the text in which its source wrote it.
///
/// Two targets are the same if their numbers are, however they are written: 0.9 and 0.90. Only what
/// is not a number is told apart by its text.
public struct Target: Sendable {
  public let text: String
  /// `nil` where the text is not a finite number.
  public let value: Double?

  public init(_ text: String) {
    self.text = text
    value = Double(text).flatMap { $0.isFinite ? $0 : nil }
  }

  public init(_ value: Double) {
    text = Format.shortest(value)
    self.value = value
  }
}

extension Target: Hashable, Comparable {
  public static func == (left: Target, right: Target) -> Bool {
    left.value == nil && right.value == nil ? left.text == right.text : left.value == right.value
  }

  public func hash(into hasher: inout Hasher) {
    if let value { hasher.combine(value) } else { hasher.combine(text) }
  }

  /// What is not a number comes first.
  public static func < (left: Target, right: Target) -> Bool {
    switch (left.value, right.value) {
    case (let left?, let right?): left < right
    case (nil, nil): left.text < right.text
    case (let value, _): value == nil
    }
  }
}
