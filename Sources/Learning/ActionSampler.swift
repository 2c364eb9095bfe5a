internal import Algebra
internal import Environments

/// Draws an action for each of many copies, each from its own random stream.
struct ActionSampler {
  var streams: [RandomStream]
  private(set) var actions: [Int32]
  private(set) var logProbabilities: [Float]
  private var units: [Float]

  init(_ streams: [RandomStream]) {
    self.streams = streams
    actions = Array(repeating: 0, count: streams.count)
    logProbabilities = Array(repeating: 0, count: streams.count)
    units = logProbabilities
  }

  /// Draws the actions of the first `heads.rows` copies from the log-probabilities in their rows.
  mutating func draw(from heads: Matrix) {
    for copy in 0..<heads.rows { units[copy] = Float(streams[copy].unit()) }
    heads.drawActions(
      heads.columns - 1, units: units, into: &actions, logProbabilities: &logProbabilities)
  }
}
