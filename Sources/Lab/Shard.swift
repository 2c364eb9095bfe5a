public import Records

/// One of several processes that share the cells of a study, often on several machines.
public struct Shard: Hashable, Sendable {
  /// From 0.
  public var index: Int
  var count: Int

  /// `nil` unless 0 ≤ index < count.
  init?(index: Int, count: Int) {
    guard index >= 0, index < count else { return nil }
    self.index = index
    self.count = count
  }

  /// Reads `i/n`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1] else { return nil }
    self.init(index: index, count: count)
  }

  /// Whether this shard runs the n-th cell of the plan: it runs every `count`-th.
  func holds(cell: Int) -> Bool { cell % count == index }

  /// Environment variables with a job's index in its array, in the order of precedence.
  public static let variables = [
    "SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "PBS_ARRAY_INDEX", "LSB_JOBINDEX",
    "SGE_TASK_ID",
  ]

  /// The index of this process in a scheduler's array of jobs, and the variable that holds it;
  /// `nil` if there is none. Slurm's index is counted from the first one submitted, in steps of the
  /// array.
  public static func index(
    in environment: [String: String]
  ) -> (index: Int, variable: String)? {
    func number(_ variable: String) -> Int? { environment[variable].flatMap { Int($0) } }
    for variable in variables {
      // Outside an array, LSF sets 0 and Grid Engine "undefined".
      guard let index = number(variable), variable != "LSB_JOBINDEX" || index > 0 else { continue }
      guard variable == "SLURM_ARRAY_TASK_ID" else { return (index, variable) }
      let first = number("SLURM_ARRAY_TASK_MIN") ?? 0
      let (distance, isTooFar) = index.subtractingReportingOverflow(first)
      let step = max(number("SLURM_ARRAY_TASK_STEP") ?? 1, 1)
      return (isTooFar ? -1 : distance / step, variable)
    }
    return nil
  }

  /// The shard of this process among `count`, from its index in a scheduler's array. Arrays of PBS,
  /// LSF and Grid Engine may count from 1: their last index, `count`, is shard 0.
  ///
  /// - Returns: `nil` if the index is out of range.
  public init?(index: Int, from variable: String, count: Int) {
    let mayCountFromOne = Self.variables.dropFirst(2).contains(variable)
    self.init(index: mayCountFromOne && index == count ? 0 : index, count: count)
  }
}

extension StudyPlan {
  /// Indices of the cells of some tasks and one shard; `nil` stands for all tasks, or all shards.
  /// Cells are each task at each batch and exchange rate, in the plan's order.
  public func cellIndices(tasks selection: Set<String>? = nil, shard: Shard? = nil) -> [Int] {
    let names = tasks.flatMap { task in task.cells.map { _ in task.task } }
    return names.indices.filter { index in
      selection?.contains(names[index]) != false && shard?.holds(cell: index) != false
    }
  }
}
