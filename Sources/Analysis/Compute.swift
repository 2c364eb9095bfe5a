public import Records

/// Operations of a run up to a target, interpolated in the same way as its updates (see
/// `Operations`).
struct OperationsToTarget: Codable, Hashable, Sendable {
  var conventional: Double
  var executed: Double
}

/// Counted operations to a target (OpenAI, "AI and Compute", 2018).
///
/// Operations per observation hardly depend on the batch. So compute to the target is E times the
/// mean operations per observation of the fitted runs, and its minimum C_min is E_min times that.
/// Evaluation is not included.
public struct ComputeToTarget: Codable, Hashable, Sendable {
  /// Of training: Σ operations/Σ observations over the runs that reached the target.
  public var operationsPerObservation: Double
  public var executedPerObservation: Double
  /// C_min by the convention, with the interval of E_min; a bound if E_min is one.
  @Nullable public var minimumOperations: Estimate?
  /// The same in petaflop/s-days.
  @Nullable public var minimumPetaflopDays: Estimate?

  private enum CodingKeys: String, CodingKey {
    case operationsPerObservation = "operations_per_observation"
    case executedPerObservation = "operations_executed_per_observation"
    case minimumOperations = "minimum_operations"
    case minimumPetaflopDays = "minimum_petaflop_s_days"
  }

  /// `nil` if no run counted its operations.
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

/// The computation of all trials of a cell, tuning and measuring.
public struct CellCompute: Hashable, Sendable {
  public var task: String
  /// The name of the task's variant; `nil` if it has none.
  public var variant: String?
  public var size: CellSize
  public var observations = 0
  public var training = Operations()
  public var evaluation = Operations()
  /// Seconds of training.
  public var seconds = 0.0
  /// Names of the processors that the trials ran on.
  public var processors: Set<String> = []

  /// By task and variant, exchange rate and batch. Every trial counts once, however many targets it has.
  public static func cells(of trials: some Sequence<TrialRecord>) -> [CellCompute] {
    var cells: [TaskVariant: [CellSize: CellCompute]] = [:]
    for trial in trials where trial.settings.role != .single {
      let (name, size) = (trial.settings.taskVariant, trial.settings.size)
      let empty = CellCompute(task: name.task, variant: name.variant, size: size)
      cells[name, default: [:]][size, default: empty].add(trial)
    }
    return cells.values.flatMap(\.values).sorted {
      ($0.task, $0.variant ?? "", $0.size.exchangeRate ?? 0, $0.size.batch)
        < ($1.task, $1.variant ?? "", $1.size.exchangeRate ?? 0, $1.size.batch)
    }
  }

  private mutating func add(_ trial: TrialRecord) {
    // All rows of a trial have the same totals.
    guard let row = trial.rows.first else { return }
    let (result, measured) = (row.result, row.measured)
    observations = observations.adding(result.totalObservations.value)
    training += Operations(
      conventional: result.totalOperations, executed: result.totalOperationsExecuted)
    evaluation += Operations(
      conventional: result.evaluationOperations, executed: result.evaluationOperationsExecuted)
    seconds += measured.trainingCoreSeconds
    processors.insert(measured.provenance.cpu)
  }

  /// Compute from time: seconds × cores × peak × utilization.
  ///
  /// - Parameters:
  ///   - peak: operations per second of a core in matrix products alone.
  ///   - utilization: the share of the peak that training reaches.
  public func operations(peak: Double, utilization: Double) -> Double {
    seconds * peak * utilization
  }
}
