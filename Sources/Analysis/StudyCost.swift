public import Records

/// What the trials of a study cost: the search for learning rates, the measurement, and apart
/// from them the evaluations of both.
public struct StudyCost: Codable, Hashable, Sendable {
  /// One kind of work.
  public struct Part: Codable, Hashable, Sendable {
    public var trials = 0
    /// Environment steps: of training, or of evaluation.
    public var observations = 0
    /// Of one lane.
    public var seconds = 0.0

    mutating func add(_ other: Part) {
      trials += other.trials
      observations += other.observations
      seconds += other.seconds
    }
  }

  /// The name of a task; `nil`: all of them.
  @Nullable public var task: String?
  /// Training of the tuning trials.
  public var search = Part()
  /// Training of the measuring trials.
  public var measurement = Part()
  /// Evaluations of both.
  public var evaluation = Part()

  /// Training and evaluation together; every trial once.
  public var total: Part {
    var sum = search
    sum.add(measurement)
    sum.observations += evaluation.observations
    sum.seconds += evaluation.seconds
    return sum
  }

  /// The cost of each task in the order of their names and, if there are several, of all of them.
  ///
  /// Every trial counts once, whatever its targets; runs outside of a search don't count. The
  /// random steps that stagger the starts are not in it.
  public static func costs(of trials: some Sequence<TrialRecord>) -> [StudyCost] {
    var tasks: [String: StudyCost] = [:]
    for trial in trials where trial.settings.role != .single {
      let name = trial.settings.task
      tasks[name, default: StudyCost(task: name)].add(trial)
    }
    let costs = tasks.values.sorted { ($0.task ?? "") < ($1.task ?? "") }
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
    // What is said of the whole trial is the same in all of its rows.
    guard let row = trial.rows.first else { return }
    let (result, measured) = (row.result, row.measured)
    let training = Part(
      trials: 1, observations: result.totalObservations.value,
      seconds: measured.totalSeconds - measured.evaluationSeconds)
    if trial.settings.role == .tuning { search.add(training) } else { measurement.add(training) }
    evaluation.add(
      Part(
        trials: 1, observations: result.evaluationObservations.value,
        seconds: measured.evaluationSeconds))
  }
}
