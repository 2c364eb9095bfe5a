@testable import Environments

/// A task whose every step is known: it draws a length of 2...7 steps and a label, pays the
/// number of the step, and shows label and step. Its time limit is 5.
struct Clock: Environment {
  var length: Int32
  var label: Float
  var step: Int32 = 0

  init(random: inout some RandomSource) {
    length = 2 + random.integer(below: 6)
    label = Float(random.unit())
  }

  mutating func restart(random: inout some RandomSource) { self = Self(random: &random) }

  mutating func advance(_ action: Int32, random: inout some RandomSource) -> Outcome {
    step += 1
    return Outcome(reward: Double(step), isOver: step == length)
  }

  func observe(into row: inout MutableSpan<Float>) {
    row[0] = label
    row[1] = Float(step)
  }

  static let facts = EnvironmentFacts(
    name: "clock", family: .calibration, rulesVersion: 1, summary: "counts steps",
    observationSize: 2, observationLayout: "label, step", hasBinaryObservation: false,
    actions: ["tick"], timeLimit: 5, typicalEpisodeLength: 5, scoreRange: 0...15,
    randomScore: 10, bestScore: 15)
}
