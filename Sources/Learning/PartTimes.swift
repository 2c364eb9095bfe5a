/// Seconds by part of an update, for those who ask where the time goes. Collector and learner
/// keep none unless they are handed one: reading the clock costs as much as a small step.
public final class PartTimes {
  public enum Part: Int, CaseIterable, Sendable {
    case tasks, forward, sampling, advantages, backward, optimizer
  }

  private var sums = Array(repeating: Duration.zero, count: Part.allCases.count)
  private var last = ContinuousClock.now

  public init() {}

  /// What follows begins now.
  func start() { last = .now }

  /// The time since the last call went into this part.
  func lap(_ part: Part) {
    let now = ContinuousClock.now
    sums[part.rawValue] += last.duration(to: now)
    last = now
  }

  /// Seconds that went into each part, by its name.
  public var seconds: [String: Double] {
    Dictionary(
      uniqueKeysWithValues: Part.allCases.map { ("\($0)", sums[$0.rawValue] / .seconds(1)) })
  }
}
