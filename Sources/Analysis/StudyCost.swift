public import Records

/// What the trials of a study cost: the search for learning rates, the measurement, and the
/// evaluations of both.
public struct StudyCost: Codable, Hashable, Sendable {
  /// One kind of work.
  public struct Part: Codable, Hashable, Sendable {
    public var trials = 0
    /// Environment steps, of training or of evaluation.
    public var observations = 0
    /// Seconds on a single core.
    public var seconds = 0.0

    mutating func add(_ other: Part) {
      trials += other.trials
      observations = observations.adding(other.observations)
      seconds += other.seconds
    }
  }

  /// The name of a task; `nil` for all tasks together.
  @Nullable public var task: String?
  /// The name of its variant; `nil` if it has none.
  @Nullable public var variant: String?
  /// Training of the tuning trials.
  public var search = Part()
  /// Training of the measuring trials.
  public var measurement = Part()
  /// Evaluations of both.
  public var evaluation = Part()

  /// The task and its variant; `nil` for all tasks together.
  public var name: TaskVariant? { task.map { TaskVariant($0, variant) } }

  /// Training and evaluation together.
  var total: Part {
    var sum = search
    sum.add(measurement)
    sum.observations = sum.observations.adding(evaluation.observations)
    sum.seconds += evaluation.seconds
    return sum
  }

  /// The cost of each task and variant, by name; if there are several, also that of all together.
  ///
  /// Every trial counts once, however many targets it has. Single runs don't count, nor do the
  /// random steps that stagger the starts.
  public static func costs(of trials: some Sequence<TrialRecord>) -> [StudyCost] {
    var tasks: [TaskVariant: StudyCost] = [:]
    for trial in trials where trial.settings.role != .single {
      let name = trial.settings.taskVariant
      tasks[name, default: StudyCost(task: name.task, variant: name.variant)].add(trial)
    }
    let costs = tasks.sorted { $0.key < $1.key }.map(\.value)
    guard costs.count > 1 else { return costs }
    return costs
      + [
        costs.reduce(into: StudyCost()) { sum, cost in
          sum.search.add(cost.search)
          sum.measurement.add(cost.measurement)
          sum.evaluation.add(cost.evaluation)
        }
      ]
  }

  private mutating func add(_ trial: TrialRecord) {
    // All rows of a trial have the same totals.
    guard let row = trial.rows.first else { return }
    let (result, measured) = (row.result, row.measured)
    let training = Part(
      trials: 1, observations: result.totalObservations.value,
      seconds: measured.trainingCoreSeconds)
    if trial.settings.role == .tuning { search.add(training) } else { measurement.add(training) }
    evaluation.add(
      Part(
        trials: 1, observations: result.evaluationObservations.value,
        seconds: measured.evaluationSeconds))
  }
}
