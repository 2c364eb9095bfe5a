/// One step of a trace: the bytes it adds to the stream, and totals so far.
public struct TraceStep: Sendable {
  public var bytes: [UInt8] = []
  /// Number of steps including this one; 0 for the bytes before the first step.
  public var count = 0
  public var episodes = 0
  /// Sum of all rewards.
  public var returnSum = 0.0
}

/// The layout of a trace's byte stream.
///
/// Every stream starts with the first observation. Numbers are little-endian. Each step then adds
/// the observation that it leads to, followed by
///
/// * lab: the reward as float64 and the raw byte of its `Ending`; an observation is the network's
///   dense input row, as float32;
/// * MinAtar: the reward as int32 and a byte that is 1 at the end of an episode;
/// * minigrid: the reward as float64 and two bytes, terminated and truncated, which may both be 1;
/// * bsuite: the reward as float64 and a byte: 0 for an episode's first observation, 2 for its
///   last one, 1 for those in between.
///
/// After the end of an episode comes the first observation of the next one. In bsuite that is a
/// separate step, which draws an action and ignores it.
enum TraceLayout {
  case lab, bsuite, minAtar, miniGrid

  init(_ package: Original.Package) {
    switch package {
    case .bsuite: self = .bsuite
    case .minAtar: self = .minAtar
    case .miniGrid: self = .miniGrid
    }
  }

  /// The lab and minigrid have time limits; the tasks of the other packages have none.
  var hasTimeLimit: Bool { self == .lab || self == .miniGrid }

  func append(_ reward: Double, isOver: Bool, isTimeUp: Bool, to bytes: inout [UInt8]) {
    if self == .minAtar {
      append(UInt32(bitPattern: Int32(reward)), to: &bytes)
    } else {
      append(reward.bitPattern, to: &bytes)
    }
    switch self {
    case .lab: bytes.append(Ending(isOver: isOver, isTimeUp: isTimeUp).rawValue)
    case .bsuite: bytes.append(isOver ? 2 : 1)
    case .minAtar: bytes.append(isOver ? 1 : 0)
    case .miniGrid: bytes += [isOver ? 1 : 0, isTimeUp ? 1 : 0]
    }
  }

  func append(_ word: some FixedWidthInteger & UnsignedInteger, to bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: word.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }
}

/// A task played with actions from a linear congruential generator: x → 1664525·x + 1013904223
/// mod 2³², starting at x = seed; the action is x >> 16 modulo the number of actions.
///
/// The task is driven as in training, through `init`, `restart` and `advance`.
struct Trace<Task: Environment, Random: RandomSource> {
  let layout: TraceLayout
  let observe: (Task, inout [UInt8]) -> Void
  var random: Random
  var task: Task
  var actionState: UInt32
  var age = 0
  /// Whether the episode ended in the last step and the next one has not started yet.
  var isPaused = false
  var step = TraceStep()

  init(
    layout: TraceLayout, seed: UInt32, random: Random,
    observe: @escaping (Task, inout [UInt8]) -> Void
  ) {
    self.layout = layout
    self.observe = observe
    self.random = random
    task = Task(random: &self.random)
    actionState = seed
    observe(task, &step.bytes)
  }

  /// Takes `steps` steps. `receive` is called with the bytes before the first step, then with those
  /// of each step.
  mutating func run(steps: Int, _ receive: (TraceStep) -> Void) {
    receive(step)
    for _ in 0..<steps {
      step.bytes.removeAll(keepingCapacity: true)
      step.count += 1
      advance()
      receive(step)
    }
  }

  private mutating func advance() {
    actionState = 1_664_525 &* actionState &+ 1_013_904_223
    let action = Int32((actionState >> 16) % UInt32(Task.facts.actions.count))
    if isPaused {
      restart()
      layout.append(0.0.bitPattern, to: &step.bytes)
      step.bytes.append(0)
      return
    }
    let outcome = task.advance(action, random: &random)
    age += 1
    let isTimeUp = layout.hasTimeLimit && age == Task.facts.timeLimit
    observe(task, &step.bytes)
    layout.append(outcome.reward, isOver: outcome.isOver, isTimeUp: isTimeUp, to: &step.bytes)
    step.returnSum += outcome.reward
    guard outcome.isOver || isTimeUp else { return }
    step.episodes += 1
    if layout == .bsuite { isPaused = true } else { restart() }
  }

  private mutating func restart() {
    task.restart(random: &random)
    age = 0
    isPaused = false
    observe(task, &step.bytes)
  }
}

extension Environment {
  /// Traces this task with the lab's own generator, in the lab's own layout.
  static func labTrace(seed: UInt32, steps: Int, _ receive: (TraceStep) -> Void) {
    let random = Seed(Int(seed)).stream(.environment, 0)
    var row = [Float](repeating: .nan, count: facts.observationSize)
    var trace = Trace<Self, RandomStream>(layout: .lab, seed: seed, random: random) {
      var span = row.mutableSpan
      $0.observe(into: &span)
      for number in row { TraceLayout.lab.append(number.bitPattern, to: &$1) }
    }
    trace.run(steps: steps, receive)
  }
}

extension PublicTask {
  /// Traces this task with the package's generator, in the package's layout.
  static func originalTrace(seed: UInt32, steps: Int, _ receive: (TraceStep) -> Void) {
    var trace = Trace<Self, OriginalRandom>(
      layout: TraceLayout(original.package), seed: seed, random: OriginalRandom(seed: seed)
    ) { $0.appendOriginal(to: &$1) }
    trace.run(steps: steps, receive)
  }
}
