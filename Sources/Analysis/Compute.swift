public import Records

/// Operations of a run up to a target, interpolated as its updates are (see `Operations`).
public struct OperationsToTarget: Codable, Hashable, Sendable {
  public var conventional: Double
  public var executed: Double

  public init(conventional: Double, executed: Double) {
    self.conventional = conventional
    self.executed = executed
  }
}

/// What a target costs in operations, by counting them (OpenAI, "AI and Compute", 2018).
///
/// An observation takes about as many at every batch, so compute to the target is E times what the
/// fitted runs took per observation, and the least of it C_min = E_min times that. Evaluation
/// stands apart.
public struct ComputeToTarget: Codable, Hashable, Sendable {
  /// Of training, per observation: Σ operations/Σ observations of the runs that reached it.
  public var operationsPerObservation: Double
  public var executedPerObservation: Double
  /// C_min by the convention, with the interval of E_min; a bound where that is one.
  @Nullable public var minimumOperations: Estimate?
  /// The same in petaflop/s-days.
  @Nullable public var minimumPetaflopDays: Estimate?

  private enum CodingKeys: String, CodingKey {
    case operationsPerObservation = "operations_per_observation"
    case executedPerObservation = "operations_executed_per_observation"
    case minimumOperations = "minimum_operations"
    case minimumPetaflopDays = "minimum_petaflop_s_days"
  }

  /// `nil` where no run counted its operations.
  init?(_ runs: [Run], minimumObservations: Estimate?) {
    var (observations, sum) = (0.0, OperationsToTarget(conventional: 0, executed: 0))
    for run in runs where !run.isCensored {
      guard let operations = run.operations else { continue }
      observations += run.updates * run.batch
      sum.conventional += operations.conventional
      sum.executed += operations.executed
    }
    guard observations > 0, sum.conventional > 0 else { return nil }
    operationsPerObservation = sum.conventional / observations
    executedPerObservation = sum.executed / observations
    minimumOperations = minimumObservations?.times(operationsPerObservation)
    minimumPetaflopDays = minimumOperations?.times(1 / operationsPerPetaflopDay)
  }
}

/// What the trials of a cell computed, whatever they were for.
public struct CellCompute: Hashable, Sendable {
  public var task: String
  public var size: CellSize
  public var observations = 0
  public var training = Operations()
  public var evaluation = Operations()
  /// Of training.
  public var seconds = 0.0
  /// Names of the processors that were at work.
  public var processors: Set<String> = []

  /// By task, batch and exchange rate; every trial counts once, whatever its targets.
  public static func cells(of trials: some Sequence<TrialRecord>) -> [CellCompute] {
    var cells: [String: [CellSize: CellCompute]] = [:]
    for trial in trials where trial.settings.role != .single {
      let (task, size) = (trial.settings.task, trial.settings.size)
      cells[task, default: [:]][size, default: CellCompute(task: task, size: size)].add(trial)
    }
    return cells.values.flatMap(\.values).sorted {
      ($0.task, $0.size.exchangeRate ?? 0, $0.size.batch)
        < ($1.task, $1.size.exchangeRate ?? 0, $1.size.batch)
    }
  }

  private mutating func add(_ trial: TrialRecord) {
    // What is said of the whole trial is the same in all of its rows.
    guard let row = trial.rows.first else { return }
    let (result, measured) = (row.result, row.measured)
    observations += result.totalObservations.value
    training += Operations(
      conventional: result.totalOperations, executed: result.totalOperationsExecuted)
    evaluation += Operations(
      conventional: result.evaluationOperations, executed: result.evaluationOperationsExecuted)
    seconds += measured.totalSeconds - measured.evaluationSeconds
    processors.insert(measured.provenance.cpu)
  }

  /// Compute by the other method: seconds × cores × peak × utilization; a trial has one core.
  ///
  /// - Parameters:
  ///   - peak: operations per second that a core reaches in products alone.
  ///   - utilization: the share of it that training reaches.
  public func operations(peak: Double, utilization: Double) -> Double {
    seconds * peak * utilization
  }
}
