@testable import Environments

/// Copies of a task with their own columns, rows side by side in the order of the copies.
struct Arena {
  let copies: VectorEnvironment
  var rewards: [Float]
  var endings: [Ending]
  /// Rows of `last` that the latest step wrote.
  private(set) var lastRows: [[Float]] = []
  private var width: Int { copies.facts.observationSize }

  init(_ copies: VectorEnvironment) {
    self.copies = copies
    rewards = Array(repeating: .nan, count: copies.count)
    endings = Array(repeating: .none, count: copies.count)
  }

  /// Fresh observations, written over NaN.
  func rows() -> [[Float]] {
    var numbers = [Float](repeating: .nan, count: copies.count * width)
    var span = numbers.mutableSpan
    copies.observe(into: &span, at: StridedIndices())
    return split(numbers, rows: copies.count)
  }

  mutating func step(_ actions: [Int32]) {
    var last = [Float](repeating: .nan, count: copies.count * width)
    var span = last.mutableSpan
    let truncated = copies.advance(
      actions, rewards: &rewards, endings: &endings, at: StridedIndices(), last: &span)
    lastRows = split(last, rows: truncated)
  }

  private func split(_ numbers: [Float], rows: Int) -> [[Float]] {
    (0..<rows).map { Array(numbers[$0 * width..<($0 + 1) * width]) }
  }
}

extension Environment {
  /// A fresh observation of this state, written over NaN.
  func observation() -> [Float] {
    var row = [Float](repeating: .nan, count: Self.facts.observationSize)
    var span = row.mutableSpan
    observe(into: &span)
    return row
  }
}

extension Environment {
  /// Takes the scripted action of a step; gives reward, end and what is then seen.
  mutating func play(_ step: Int, random: inout RandomStream) -> [Float] {
    let action = scriptedAction(copy: 0, step: step, of: Self.facts.actions.count)
    let outcome = advance(action, random: &random)
    if outcome.isOver { restart(random: &random) }
    return [Float(outcome.reward), outcome.isOver ? 1 : 0] + observation()
  }
}

/// An action that is as good as random, for a copy at a step.
func scriptedAction(copy: Int, step: Int, of actions: Int) -> Int32 {
  var stream = Seed(99).child(.actions, copy).stream(.actions, step)
  return stream.integer(below: Int32(actions))
}

/// Σ (seen − expected)²/expected in units of its deviation from its mean, for equal chances.
func chiSquareDeviation(_ counts: some Collection<Int>) -> Double {
  let expected = Double(counts.reduce(0, +)) / Double(counts.count)
  let sum = counts.reduce(0.0) { total, seen in
    total + (Double(seen) - expected) * (Double(seen) - expected) / expected
  }
  let freedom = Double(counts.count - 1)
  return (sum - freedom) / (2 * freedom).squareRoot()
}

/// Mean and standard error.
func summary(of numbers: [Double]) -> (mean: Double, error: Double) {
  let count = Double(numbers.count)
  let mean = numbers.reduce(0, +) / count
  let square = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, (square / (count - 1) / count).squareRoot())
}
