/// Copies of a task of this module.
///
/// A method of a generic class runs unspecialized when it is called through the base class, and a
/// step then takes three times as long. So the loops over the copies are closures made in `init`,
/// where the compiler knows the task.
class TaskCopies<Task: Environment>: VectorEnvironment {
  fileprivate typealias Observe<Number> =
    ([TaskCopy<Task>], inout MutableSpan<Number>, StridedIndices) -> Void
  fileprivate typealias Advance<Number> =
    (
      TaskCopies<Task>, [Int32], inout [Float], inout [Ending], StridedIndices,
      inout MutableSpan<Number>
    ) -> Int

  fileprivate var copies: [TaskCopy<Task>]
  private let observeAll: Observe<Float>
  private let advanceAll: Advance<Float>

  /// - Parameters:
  ///   - indices: the copies' indices, which select their streams of the seed.
  ///   - isStaggered: every copy first takes a uniform random number of random actions (up to the
  ///     typical episode length, at most 500), so that the copies are out of phase.
  @inline(__always)
  init(
    _ task: Task.Type, indices: Range<Int>, seed: Seed, isStaggered: Bool, maxNonzeros: Int? = nil
  ) {
    let facts = Task.facts
    let (width, limit) = (facts.observationSize, Int32(facts.timeLimit))
    copies = indices.map { TaskCopy(random: seed.stream(.environment, $0)) }
    observeAll = { copies, rows, indices in
      Self.observe(copies, into: &rows, width, at: indices) { $0.observe(into: &$1) }
    }
    advanceAll = { all, actions, rewards, endings, indices, last in
      all.advance(actions, &rewards, &endings, at: indices, limit, last: &last, width) {
        $0.observe(into: &$1)
      }
    }
    super.init(facts, count: indices.count, maxNonzeros: maxNonzeros)
    if isStaggered { stagger(indices, seed: seed, limit: limit) }
  }

  @inline(__always)
  private func stagger(_ indices: Range<Int>, seed: Seed, limit: Int32) {
    let longest = min(facts.typicalEpisodeLength, 500)
    let actions = Int32(facts.actions.count)
    for (copy, index) in zip(copies.indices, indices) {
      var random = seed.stream(.stagger, index)
      let steps = Int(random.integer(below: Int32(longest + 1)))
      for _ in 0..<steps {
        let (_, ending) = copies[copy].step(random.integer(below: actions), limit: limit)
        if ending != .none { copies[copy].restart() }
      }
      staggerSteps += steps
    }
  }

  override func observe(into rows: inout MutableSpan<Float>, at indices: StridedIndices) {
    observeAll(copies, &rows, indices)
  }

  override func advance(
    _ actions: [Int32], rewards: inout [Float], endings: inout [Ending],
    at indices: StridedIndices, last: inout MutableSpan<Float>
  ) -> Int {
    advanceAll(self, actions, &rewards, &endings, indices, &last)
  }

  override func score(of copy: Int) -> Double { copies[copy].finishedScore }

  override func task(of copy: Int) -> (any Environment)? { copies[copy].task }

  override func remove(_ copy: Int) {
    copies.swapAt(copy, copies.count - 1)
    copies.removeLast()
    count -= 1
  }

  override var savedMemory: [UInt8] { copies.savedMemory }

  override func restore(savedMemory: [UInt8]) -> Bool { copies.restore(savedMemory: savedMemory) }

  @inline(__always)
  fileprivate static func observe<Number>(
    _ copies: [TaskCopy<Task>], into rows: inout MutableSpan<Number>, _ width: Int,
    at indices: StridedIndices, write: (Task, inout MutableSpan<Number>) -> Void
  ) {
    for copy in copies.indices {
      let start = indices[copy] * width
      var row = rows._mutatingExtracting(start..<start + width)
      write(copies[copy].task, &row)
    }
  }

  @inline(__always)
  fileprivate func advance<Number>(
    _ actions: [Int32], _ rewards: inout [Float], _ endings: inout [Ending],
    at indices: StridedIndices, _ limit: Int32, last: inout MutableSpan<Number>, _ width: Int,
    write: (Task, inout MutableSpan<Number>) -> Void
  ) -> Int {
    var (truncated, episodes, scores, lengths) = (0, 0, 0.0, 0)
    var copies = copies.mutableSpan
    var rewards = rewards.mutableSpan
    var endings = endings.mutableSpan
    for copy in copies.indices {
      let index = indices[copy]
      let (reward, ending) = copies[copy].step(actions[index], limit: limit)
      rewards[index] = Float(reward)
      endings[index] = ending
      if ending == .none { continue }
      if ending == .truncated {
        let start = truncated * width
        var row = last._mutatingExtracting(start..<start + width)
        write(copies[copy].task, &row)
        truncated += 1
      }
      lengths += Int(copies[copy].age)
      copies[copy].restart()
      episodes += 1
      scores += copies[copy].finishedScore
    }
    guard episodes > 0 else { return truncated }
    finishedEpisodes += episodes
    finishedScores += scores
    finishedLengths += lengths
    return truncated
  }
}

/// Copies of a task that can also list the nonzeros of its observations.
final class BinaryTaskCopies<Task: BinaryEnvironment>: TaskCopies<Task> {
  private let observeLists: Observe<UInt16>
  private let advanceLists: Advance<UInt16>

  @inline(__always)
  init(_ task: Task.Type, indices: Range<Int>, seed: Seed, isStaggered: Bool) {
    let (width, limit) = (1 + Task.maxNonzeros, Int32(Task.facts.timeLimit))
    observeLists = { copies, rows, indices in
      Self.observe(copies, into: &rows, width, at: indices) { $0.list(into: &$1) }
    }
    advanceLists = { all, actions, rewards, endings, indices, last in
      all.advance(actions, &rewards, &endings, at: indices, limit, last: &last, width) {
        $0.list(into: &$1)
      }
    }
    super.init(
      task, indices: indices, seed: seed, isStaggered: isStaggered, maxNonzeros: Task.maxNonzeros)
  }

  override func observe(into rows: inout MutableSpan<UInt16>, at indices: StridedIndices) {
    observeLists(copies, &rows, indices)
  }

  override func advance(
    _ actions: [Int32], rewards: inout [Float], endings: inout [Ending],
    at indices: StridedIndices, last: inout MutableSpan<UInt16>
  ) -> Int {
    advanceLists(self, actions, &rewards, &endings, indices, &last)
  }
}

/// One copy of a task with its random stream, age and score.
private struct TaskCopy<Task: Environment>: BitwiseCopyable {
  var task: Task
  var random: RandomStream
  var age: Int32 = 0
  var score = 0.0
  var finishedScore = 0.0

  init(random: RandomStream) {
    self.random = random
    task = Task(random: &self.random)
  }

  /// Takes one step. The caller restarts the copy if the episode has ended.
  mutating func step(_ action: Int32, limit: Int32) -> (reward: Double, ending: Ending) {
    let outcome = task.advance(action, random: &random)
    age += 1
    score += outcome.reward
    return (outcome.reward, Ending(isOver: outcome.isOver, isTimeUp: age == limit))
  }

  mutating func restart() {
    finishedScore = score
    score = 0
    age = 0
    task.restart(random: &random)
  }
}

extension BinaryEnvironment {
  /// Writes the number of nonzeros of the observation, and then their indices.
  fileprivate func list(into row: inout MutableSpan<UInt16>) {
    var count = 0
    forEachNonzero { feature in
      count += 1
      row[count] = UInt16(truncatingIfNeeded: feature)
    }
    row[0] = UInt16(truncatingIfNeeded: count)
  }
}
