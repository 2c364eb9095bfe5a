/// Seconds by part of an update. Collector and learner measure none unless they are given one:
/// reading the clock costs as much as a small step.
public final class PartTimes {
  enum Part: Int, CaseIterable, Sendable {
    case tasks, forward, sampling, advantages, backward, optimizer
  }

  private var sums = Array(repeating: Duration.zero, count: Part.allCases.count)
  private var last = ContinuousClock.now

  public init() {}

  /// Starts the time of the next part.
  func start() { last = .now }

  /// Adds the time since the last call to a part.
  func lap(_ part: Part) {
    let now = ContinuousClock.now
    sums[part.rawValue] += last.duration(to: now)
    last = now
  }

  /// Seconds of each part, by its name.
  public var seconds: [String: Double] {
    Dictionary(
      uniqueKeysWithValues: Part.allCases.map { ("\($0)", sums[$0.rawValue] / .seconds(1)) })
  }
}
