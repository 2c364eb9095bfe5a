/// The place of environment `i` in a column: `first + i · stride`.
public struct Places: Sendable {
  public var first: Int
  public var stride: Int

  public init(first: Int = 0, stride: Int = 1) {
    self.first = first
    self.stride = stride
  }

  public subscript(environment: Int) -> Int { first + environment * stride }
}

/// Many copies of one task, stepped in lockstep: resets, time limits and scores are kept here.
///
/// Each copy has its own random stream, split from the seed by the copy's index, so that its
/// episodes are the same at any width. The type of the task is forgotten once per step of all
/// copies, never once per copy.
public final class VectorEnvironment {
  public let facts: EnvironmentFacts
  /// Ones that an observation has at most, if the task tells them as lists (see
  /// `BinaryEnvironment`).
  public let mostActiveFeatures: Int?
  /// Copies that are being stepped.
  public private(set) var count: Int
  /// Random steps that staggered the starts.
  public let staggerSteps: Int
  /// Episodes that have ended so far, and the sums of their scores and of their steps.
  public private(set) var finishedEpisodes = 0
  public private(set) var finishedScores = 0.0
  public private(set) var finishedLengths = 0

  private typealias Observe<Number> = (inout MutableSpan<Number>, Places) -> Void
  private typealias Advance<Number> =
    ([Int32], inout [Float], inout [Ending], Places, inout MutableSpan<Number>) -> Tally
  private let observeAll: Observe<Float>
  private let advanceAll: Advance<Float>
  private let observeActiveAll: Observe<UInt16>?
  private let advanceActiveAll: Advance<UInt16>?
  private let scoreOf: (Int) -> Double
  private let taskOf: (Int) -> any Environment
  private let removeOne: (Int) -> Void
  private let saveAll: () -> [UInt8]
  private let restoreAll: ([UInt8]) -> Bool

  struct Tally {
    var truncated = 0
    var episodes = 0
    var scores = 0.0
    var lengths = 0
  }

  /// - Parameter isStaggered: every copy first takes a uniform random number of random actions
  ///   (up to the typical episode length, at most 500), so that the copies are out of phase.
  convenience init<Task: Environment>(
    _ task: Task.Type, indices: Range<Int>, seed: Seed, isStaggered: Bool
  ) {
    let copies = Copies<Task>(indices: indices, seed: seed)
    self.init(copies, staggerSteps: isStaggered ? copies.stagger(seed: seed) : 0)
  }

  /// The same for a task that tells its observations as lists as well.
  convenience init<Task: BinaryEnvironment>(
    _ task: Task.Type, indices: Range<Int>, seed: Seed, isStaggered: Bool
  ) {
    let copies = Copies<Task>(indices: indices, seed: seed)
    self.init(
      copies, staggerSteps: isStaggered ? copies.stagger(seed: seed) : 0,
      mostActiveFeatures: Task.mostActiveFeatures,
      observeActive: { copies.observeActive(into: &$0, at: $1) },
      advanceActive: { copies.advanceActive($0, rewards: &$1, endings: &$2, at: $3, last: &$4) })
  }

  private init<Task: Environment>(
    _ copies: Copies<Task>, staggerSteps: Int, mostActiveFeatures: Int? = nil,
    observeActive: Observe<UInt16>? = nil, advanceActive: Advance<UInt16>? = nil
  ) {
    facts = Task.facts
    count = copies.lanes.count
    self.staggerSteps = staggerSteps
    self.mostActiveFeatures = mostActiveFeatures
    observeAll = { copies.observe(into: &$0, at: $1) }
    advanceAll = { copies.advance($0, rewards: &$1, endings: &$2, at: $3, last: &$4) }
    observeActiveAll = observeActive
    advanceActiveAll = advanceActive
    scoreOf = { copies.lanes[$0].finishedScore }
    taskOf = { copies.lanes[$0].task }
    removeOne = { copies.remove($0) }
    saveAll = { copies.lanes.savedMemory }
    restoreAll = { copies.lanes.restore(savedMemory: $0) }
  }

  /// Writes the observation of every copy into its row.
  ///
  /// - Parameters:
  ///   - rows: rows of `facts.observationSize` numbers, one after another.
  ///   - places: which row belongs to which copy.
  public func observe(into rows: inout MutableSpan<Float>, at places: Places) {
    observeAll(&rows, places)
  }

  /// Writes the observation of every copy as the list of its ones: rows of
  /// 1 + `mostActiveFeatures` numbers, how many there are and then their indices.
  public func observe(into rows: inout MutableSpan<UInt16>, at places: Places) {
    guard let observeActiveAll else { preconditionFailure("\(facts.name) tells no lists") }
    observeActiveAll(&rows, places)
  }

  /// Steps every copy; a copy whose episode ended starts its next one.
  ///
  /// - Parameters:
  ///   - actions: read at `places`.
  ///   - rewards: written at `places`.
  ///   - endings: written at `places`.
  ///   - last: receives, row after row in the order of the copies, the last observation of
  ///     each episode that was truncated.
  /// - Returns: how many episodes were truncated, that is, rows of `last` that were written.
  public func advance(
    _ actions: [Int32], rewards: inout [Float], endings: inout [Ending], at places: Places,
    last: inout MutableSpan<Float>
  ) -> Int {
    note(advanceAll(actions, &rewards, &endings, places, &last))
  }

  /// The same, with the last observations as lists.
  public func advance(
    _ actions: [Int32], rewards: inout [Float], endings: inout [Ending], at places: Places,
    last: inout MutableSpan<UInt16>
  ) -> Int {
    guard let advanceActiveAll else { preconditionFailure("\(facts.name) tells no lists") }
    return note(advanceActiveAll(actions, &rewards, &endings, places, &last))
  }

  private func note(_ tally: Tally) -> Int {
    finishedEpisodes += tally.episodes
    finishedScores += tally.scores
    finishedLengths += tally.lengths
    return tally.truncated
  }

  /// The score of the episode that a copy finished last.
  public func score(of copy: Int) -> Double { scoreOf(copy) }

  /// The present state of a copy, for those who look at it. It costs an allocation.
  public func task(of copy: Int) -> any Environment { taskOf(copy) }

  /// Everything that the further course of the copies depends on, for a checkpoint; the tally
  /// of finished episodes is not part of it.
  public var savedMemory: [UInt8] { saveAll() }

  /// Continues from where as many copies of the same task were saved.
  ///
  /// - Returns: `false` if they were not as many; nothing is changed then.
  public func restore(savedMemory: [UInt8]) -> Bool { restoreAll(savedMemory) }

  /// Stops stepping a copy. The last copy takes its index.
  public func remove(_ copy: Int) {
    removeOne(copy)
    count -= 1
  }
}

/// One copy of a task and its housekeeping.
private struct Lane<Task: Environment>: BitwiseCopyable {
  var task: Task
  var random: RandomStream
  var age: Int32 = 0
  var score = 0.0
  var finishedScore = 0.0

  init(random: RandomStream) {
    self.random = random
    task = Task(random: &self.random)
  }

  /// One step without the reset that an ending asks for.
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

/// The copies of one type of task; the compiler specialises it per task of the catalogue.
private final class Copies<Task: Environment> {
  var lanes: [Lane<Task>]
  let indices: Range<Int>
  let width = Task.facts.observationSize
  let limit = Int32(Task.facts.timeLimit)

  init(indices: Range<Int>, seed: Seed) {
    self.indices = indices
    lanes = indices.map { Lane(random: seed.stream(.environment, $0)) }
  }

  func stagger(seed: Seed) -> Int {
    let longest = min(Task.facts.typicalEpisodeLength, 500)
    let actions = Int32(Task.facts.actions.count)
    var steps = 0
    for index in lanes.indices {
      var random = seed.stream(.stagger, indices.lowerBound + index)
      let own = Int(random.integer(below: Int32(longest + 1)))
      for _ in 0..<own {
        let (_, ending) = lanes[index].step(random.integer(below: actions), limit: limit)
        if ending != .none { lanes[index].restart() }
      }
      steps += own
    }
    return steps
  }

  func observe(into rows: inout MutableSpan<Float>, at places: Places) {
    observe(into: &rows, width: width, at: places) { $0.observe(into: &$1) }
  }

  func advance(
    _ actions: [Int32], rewards: inout [Float], endings: inout [Ending], at places: Places,
    last: inout MutableSpan<Float>
  ) -> VectorEnvironment.Tally {
    advance(
      actions, rewards: &rewards, endings: &endings, at: places, last: &last, width: width
    ) { $0.observe(into: &$1) }
  }

  @inline(__always)
  func observe<Number>(
    into rows: inout MutableSpan<Number>, width: Int, at places: Places,
    write: (Task, inout MutableSpan<Number>) -> Void
  ) {
    let lanes = self.lanes
    for index in lanes.indices {
      let start = places[index] * width
      var row = rows._mutatingExtracting(start..<start + width)
      write(lanes[index].task, &row)
    }
  }

  @inline(__always)
  func advance<Number>(
    _ actions: [Int32], rewards: inout [Float], endings: inout [Ending], at places: Places,
    last: inout MutableSpan<Number>, width: Int,
    write: (Task, inout MutableSpan<Number>) -> Void
  ) -> VectorEnvironment.Tally {
    var tally = VectorEnvironment.Tally()
    var lanes = self.lanes.mutableSpan
    var rewards = rewards.mutableSpan
    var endings = endings.mutableSpan
    for index in lanes.indices {
      let place = places[index]
      let (reward, ending) = lanes[index].step(actions[place], limit: limit)
      rewards[place] = Float(reward)
      endings[place] = ending
      if ending == .none { continue }
      if ending == .truncated {
        let start = tally.truncated * width
        var row = last._mutatingExtracting(start..<start + width)
        write(lanes[index].task, &row)
        tally.truncated += 1
      }
      tally.lengths += Int(lanes[index].age)
      lanes[index].restart()
      tally.episodes += 1
      tally.scores += lanes[index].finishedScore
    }
    return tally
  }

  func remove(_ index: Int) {
    lanes.swapAt(index, lanes.count - 1)
    lanes.removeLast()
  }
}

extension Copies where Task: BinaryEnvironment {
  func observeActive(into rows: inout MutableSpan<UInt16>, at places: Places) {
    observe(into: &rows, width: 1 + Task.mostActiveFeatures, at: places) { $0.list(into: &$1) }
  }

  func advanceActive(
    _ actions: [Int32], rewards: inout [Float], endings: inout [Ending], at places: Places,
    last: inout MutableSpan<UInt16>
  ) -> VectorEnvironment.Tally {
    advance(
      actions, rewards: &rewards, endings: &endings, at: places, last: &last,
      width: 1 + Task.mostActiveFeatures
    ) { $0.list(into: &$1) }
  }
}

extension BinaryEnvironment {
  /// Writes how many ones the observation has, and then their indices.
  func list(into row: inout MutableSpan<UInt16>) {
    var count = 0
    forEachActiveFeature { feature in
      count += 1
      row[count] = UInt16(truncatingIfNeeded: feature)
    }
    row[0] = UInt16(truncatingIfNeeded: count)
  }
}
