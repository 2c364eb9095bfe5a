/// Seconds by part of an update, for those who ask where the time goes. Collector and learner
/// keep none unless they are handed one: reading the clock costs as much as a small step.
public final class PartTimes {
  public enum Part: String, CaseIterable, Sendable {
    case tasks, forward, sampling, advantages, backward, optimizer
  }

  public private(set) var seconds: [Part: Double] = [:]
  private var last = ContinuousClock.now

  public init() {}

  /// What follows begins now.
  func start() { last = .now }

  /// The time since the last call went into this part.
  func lap(_ part: Part) {
    let now = ContinuousClock.now
    let (whole, fraction) = last.duration(to: now).components
    seconds[part, default: 0] += Double(whole) + Double(fraction) * 1e-18
    last = now
  }
}
