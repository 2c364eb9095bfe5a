public import Records

/// What a fit answers: how the updates to a target depend on the batch, for one task that is
/// trained in one way.
///
/// This type alone says what distinguishes one question from another. Runs are grouped by it, and
/// reports, figures and comparisons are matched by it. To distinguish runs by another setting, add
/// it here. If a table names neither task nor target, all of its runs belong to the question
/// without properties.
public struct Question: Hashable, Sendable {
  public var task: String?
  /// The name of the task's variant; `nil` if the study has no variants of it.
  public var variant: String?
  public var target: Target?
  /// The algorithm and the optimizer; `nil` for the runs of a table.
  public var training: Training?
  /// Steps per environment and rollout.
  public var horizon: Int?
  /// Minibatches of a rollout; more than one only for PPO.
  public var minibatches: Int

  init(
    task: String? = nil, variant: String? = nil, target: Target? = nil, algorithm: Algorithm? = nil,
    optimizer: OptimizerKind = .adam, horizon: Int? = nil, minibatches: Int = 1
  ) {
    (self.task, self.variant) = (task, variant)
    self.target = target
    training = algorithm.map { Training($0, optimizer) }
    self.horizon = horizon
    self.minibatches = minibatches
  }

  /// The question that a row of a study answers.
  init(_ row: TrialRow) {
    let settings = row.settings
    self.init(
      task: settings.task, variant: settings.variant, target: Target(row.result.target),
      algorithm: settings.hyperparameters.algorithm,
      optimizer: settings.hyperparameters.optimizer, horizon: settings.numSteps,
      minibatches: settings.hyperparameters.numMinibatches)
  }

  public var algorithm: Algorithm? { training?.algorithm }
  public var taskVariant: TaskVariant? { task.map { TaskVariant($0, variant) } }

  /// Whether the runs are those of a table, which names no algorithm.
  public var isOfTable: Bool { training == nil }

  /// The question without its horizon, which is shortened for batches below it.
  var atAnyHorizon: Question {
    var copy = self
    copy.horizon = nil
    return copy
  }

  /// How a task is trained, whatever the target.
  public var atAnyTarget: Question {
    var copy = self
    copy.target = nil
    return copy
  }

  /// The question without the name of a variant.
  var atAnyVariant: Question {
    var copy = self
    copy.variant = nil
    return copy
  }

  /// What a comparison counts as one: a variant of a task, trained by one algorithm and optimizer,
  /// whatever the target.
  public var comparisonKey: Question {
    var key = Question(task: task, variant: variant)
    key.training = training
    return key
  }
}

extension Question: Comparable {
  /// By task and variant, then target, training, horizon and minibatches.
  public static func < (left: Question, right: Question) -> Bool { left.order < right.order }

  private var order: (TaskVariant, Target, Int, Int, Int) {
    (
      TaskVariant(task ?? "", variant), target ?? Target(""),
      training.flatMap(Training.all.firstIndex) ?? -1,
      horizon ?? 0, minibatches
    )
  }
}

extension Question: Encodable {
  private enum CodingKeys: String, CodingKey {
    case task, variant, target, algorithm, optimizer, horizon
  }

  /// Adds its keys to the object that is being encoded; unknown ones are `null`.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(task, forKey: .task)
    try keys.encode(variant, forKey: .variant)
    try keys.encode(target?.text, forKey: .target)
    try keys.encode(algorithm, forKey: .algorithm)
    try keys.encode(training?.optimizer, forKey: .optimizer)
    try keys.encode(horizon, forKey: .horizon)
  }
}

/// A target: a number, or any text.
///
/// Targets are compared as numbers, so 0.9 and 0.90 are the same. Targets that are not numbers are
/// compared as text.
public struct Target: Sendable {
  /// A number in its shortest form, so that tables which write 0 and 0.0 name it alike.
  public let text: String
  /// `nil` if the text is not a finite number.
  public let value: Double?

  init(_ text: String) { self.init(text, value: WrittenNumber(text)?.value) }

  init(_ text: String, value: Double?) {
    self.text = value.map(Format.shortest) ?? text
    self.value = value
  }

  init(_ value: Double) {
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

  /// Targets that are not numbers come first.
  public static func < (left: Target, right: Target) -> Bool {
    switch (left.value, right.value) {
    case (let left?, let right?): left < right
    case (nil, nil): left.text < right.text
    case (let value, _): value == nil
    }
  }
}
