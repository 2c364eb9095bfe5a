public import Records

/// One of several processes, often on several machines, that share the cells of a study.
public struct Shard: Hashable, Sendable {
  /// From 0 on.
  public var index: Int
  public var count: Int

  /// `nil` unless 0 ≤ index < count.
  public init?(index: Int, count: Int) {
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

  /// Whether the n-th cell of the plan is this one's: it takes every `count`-th.
  func holds(cell: Int) -> Bool { cell % count == index }

  /// Variables in which schedulers tell a job its index, in the order in which they are asked.
  public static let variables = [
    "SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "PBS_ARRAY_INDEX", "LSB_JOBINDEX",
    "SGE_TASK_ID",
  ]

  /// The index of this process in the array of jobs that a scheduler runs, and the variable that
  /// says so; `nil` if there is none. Slurm's counts from the first one that was submitted, in
  /// steps of the array.
  public static func index(
    in environment: [String: String]
  ) -> (index: Int, variable: String)? {
    func number(_ variable: String) -> Int? { environment[variable].flatMap { Int($0) } }
    for variable in variables {
      // Outside of an array LSF says 0 and Grid Engine "undefined".
      guard let index = number(variable), variable != "LSB_JOBINDEX" || index > 0 else { continue }
      guard variable == "SLURM_ARRAY_TASK_ID" else { return (index, variable) }
      let first = number("SLURM_ARRAY_TASK_MIN") ?? 0
      let (distance, isTooFar) = index.subtractingReportingOverflow(first)
      let step = max(number("SLURM_ARRAY_TASK_STEP") ?? 1, 1)
      return (isTooFar ? -1 : distance / step, variable)
    }
    return nil
  }

  /// The shard of this process among `count`, from the index that a scheduler gave it. Arrays of
  /// PBS, LSF and Grid Engine may count from 1: their last index, `count`, is shard 0.
  ///
  /// - Returns: `nil` if the index is none of so many.
  public init?(index: Int, from variable: String, count: Int) {
    let mayCountFromOne = Self.variables.dropFirst(2).contains(variable)
    self.init(index: mayCountFromOne && index == count ? 0 : index, count: count)
  }
}

extension StudyPlan {
  /// Indices of the cells (each task at each batch and exchange rate, in the plan's
  /// order) of some tasks and of one
  /// shard; `nil`: of all.
  public func cellIndices(tasks selection: Set<String>? = nil, shard: Shard? = nil) -> [Int] {
    let names = tasks.flatMap { task in task.cells.map { _ in task.task } }
    return names.indices.filter { index in
      selection?.contains(names[index]) != false && shard?.holds(cell: index) != false
    }
  }
}
