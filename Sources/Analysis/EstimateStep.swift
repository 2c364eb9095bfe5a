internal import Foundation
internal import Records

/// What an estimate of a critical batch does next.
public enum EstimateStep: Hashable, Sendable {
  /// Measures these batches, old and new, with this many seeds each.
  case measure(batches: [Int], seeds: Int, EstimatePurpose)
  case end(EstimateEnd)
}

/// The purpose of a step.
public enum EstimatePurpose: String, Codable, Hashable, Sendable {
  /// Measures the noise scale, which decides where the other batches go.
  case pilot
  /// A batch far below B_crit, where observations are nearly E_min.
  case small
  /// A batch far above B_crit, where updates are nearly S_min.
  case large
  /// A batch near B_crit, to check the law.
  case check
  /// A fourth batch, because three deviate significantly from the law.
  case doubt
  /// Whatever narrows the interval most per observation.
  case narrow
}

/// Why an estimate ends.
public enum EstimateEnd: Hashable, Sendable {
  /// B_crit is known as precisely as requested.
  case within
  /// The budget has no room for the next step, which is expected to take this many observations; or
  /// it ended within a step, then `nil`.
  case budget(next: Double?)
  /// Neither more seeds nor more batches would help.
  case exhausted
  /// None of the first batches gave a measurement.
  case unmeasured
  /// With four or more batches, the fit says that the law doesn't describe the runs.
  case verdict(Verdict)
}

/// The goal of an estimate.
public struct EstimateGoal: Hashable, Sendable {
  /// The ends of B_crit's interval must be within this factor of the value; above 1.
  public var within: Double
  /// Training observations, all trials together: a step begins only if it is expected to fit.
  public var budget: Double

  public init(within: Double, budget: Double) { (self.within, self.budget) = (within, budget) }
}

extension EstimateState {
  /// Measuring seeds of the first steps.
  public static let firstSeeds = 3
  /// No step multiplies the seeds by more than this, because few seeds don't determine σ well.
  static let mostSeedsFactor = 3
  static let mostSeeds = 1000
  /// Steps that are expected to narrow the interval by less, in ln, are skipped.
  static let leastGain = 0.05
  /// Batches that are tried as pilots until one gives a measurement.
  static let mostPilots = 3

  /// The next step. It depends only on this state and the goal.
  public func next(_ goal: EstimateGoal) -> EstimateStep {
    guard !usable.isEmpty else { return pilotStep(goal) }
    if usable.count < FitLimits.fewestBatches - 1, let (batch, purpose) = openPlace {
      return step(adding: [batch], seeds: usualSeeds, purpose, goal)
    }
    if [.rejected, .grouped].contains(report.verdict) { return .end(.verdict(report.verdict)) }
    let isDoubtful = usable.count < FitLimits.fewestBatches && law?.missesLaw == true
    if isDoubtful, let best = bestAddition(to: usable) {
      return step(adding: [best], seeds: usualSeeds, .doubt, goal)
    }
    if report.criticalBatch?.isWithin(goal.within) == true { return .end(.within) }
    return narrowingStep(goal)
  }

  /// The pilot, or after a failure the batches next to it, larger ones first.
  private func pilotStep(_ goal: EstimateGoal) -> EstimateStep {
    guard batches.count < Self.mostPilots else { return .end(.unmeasured) }
    let tried = Set(batches)
    guard let batch = candidates.filter({ !tried.contains($0) }).min(by: nearer(Double(pilot)))
    else { return .end(.unmeasured) }
    return step(adding: [batch], seeds: usualSeeds, .pilot, goal)
  }

  /// The seeds of a step that adds batches. A study that a sweep began may have fewer.
  private var usualSeeds: Int { max(seeds, Self.firstSeeds) }

  /// The next of the three positions that no batch fills yet: far below the likely B_crit, far
  /// above it, and near it. `nil` if all are filled, as far as the candidates allow.
  ///
  /// Far above is 5 B_crit: if searches and seeds cost in proportion to E, the large one of three
  /// batches (with B_crit and B_crit/30) gives the least variance of ln B_crit for its cost at 3 to
  /// 4 B_crit, and a prediction that is too low costs more than one that is too high.
  private var openPlace: (batch: Int, EstimatePurpose)? {
    guard let likely = likelyLaw else { return nil }
    let critical = exp(likely.logCritical)
    let places: [(wanted: Double, isTaken: (Double) -> Bool, purpose: EstimatePurpose)] = [
      (critical / 30, { $0 <= critical / 10 }, .small),
      (critical * 5, { $0 >= critical * 2 }, .large),
      (critical, { (critical / 10...critical * 2).contains($0) }, .check),
    ]
    let open = usable + untried(besides: usable)
    for place in places where !usable.contains(where: { place.isTaken(Double($0)) }) {
      guard let batch = open.min(by: nearer(place.wanted)) else { continue }
      if !usable.contains(batch) { return (batch, place.purpose) }
    }
    // If the candidates do not reach far enough, the third batch that narrows the interval most for
    // its cost checks the law.
    let present = expectedHalf(batches: usable, seeds: usualSeeds)
    func gainPerCost(_ batch: Int) -> Double {
      let half = expectedHalf(batches: usable + [batch], seeds: usualSeeds)
      let cost = expectedCost(adding: [batch], seeds: usualSeeds)
      return log(min(present, 100) / half) / max(cost, 1)
    }
    return untried(besides: usable).map { ($0, gainPerCost($0)) }.max { $0.1 < $1.1 }.map {
      ($0.0, .check)
    }
  }

  /// Of the options that the budget allows, the additional seeds or batches that narrow the
  /// interval most for their cost. Narrowing beyond the goal doesn't count.
  private func narrowingStep(_ goal: EstimateGoal) -> EstimateStep {
    // Aims a little below the goal; otherwise every second estimate would miss it.
    let goalHalf = 0.95 * log(goal.within)
    let present = expectedHalf(batches: usable, seeds: seeds)
    // How much the interval differs from what was expected of these batches and seeds.
    let factor = half.isFinite && present.isFinite ? half / present : 1
    func isAffordable(_ option: Option) -> Bool {
      spent + expectedCost(adding: option.added, seeds: option.seeds) <= goal.budget
    }
    let more = seedOptions(to: goalHalf / factor)
    let seedOption = more.first(where: isAffordable) ?? more.last
    let options = (batchOptions + [seedOption].compactMap { $0 }).map { option in
      let expected = factor * expectedHalf(batches: usable + option.added, seeds: option.seeds)
      let cost = expectedCost(adding: option.added, seeds: option.seeds)
      return (option, gain: log(min(half, 100)) - log(max(expected, goalHalf)), cost: cost)
    }.filter { $0.gain > Self.leastGain }
    guard let least = options.map(\.cost).min() else { return .end(.exhausted) }
    let best = options.filter { isAffordable($0.0) }.max {
      $0.gain / max($0.cost, 1) < $1.gain / max($1.cost, 1)
    }
    guard let chosen = best?.0 else { return .end(.budget(next: least)) }
    return step(adding: chosen.added, seeds: chosen.seeds, .narrow, goal)
  }

  private struct Option {
    var added: [Int] = []
    var seeds: Int
  }

  /// The number of seeds that is expected to reach the goal, but not too many at once; and half as
  /// many additional ones, in case the budget is short.
  private func seedOptions(to goalHalf: Double) -> [Option] {
    let most = min(seeds * Self.mostSeedsFactor, Self.mostSeeds)
    guard seeds < most else { return [] }
    let enough = (seeds + 1...most).first {
      expectedHalf(batches: usable, seeds: $0) <= goalHalf
    }
    let wanted = enough ?? most
    let fewer = seeds + (wanted - seeds + 1) / 2
    return Set([wanted, fewer]).sorted(by: >).map { Option(seeds: $0) }
  }

  /// The best additional batch, the best two, and so on.
  private var batchOptions: [Option] {
    var added: [Int] = []
    var options: [Option] = []
    while let batch = bestAddition(to: usable + added) {
      added.append(batch)
      options.append(Option(added: added, seeds: usualSeeds))
    }
    return options
  }

  /// The untried candidate that is expected to narrow the interval most.
  private func bestAddition(to present: [Int]) -> Int? {
    let untried = untried(besides: present)
    let halves = untried.map { expectedHalf(batches: present + [$0], seeds: usualSeeds) }
    return zip(untried, halves).min { $0.1 < $1.1 }?.0
  }

  /// Candidates beyond a batch that never reached the target wouldn't reach it either.
  private func untried(besides present: [Int]) -> [Int] {
    let failed = Set(batches).subtracting(usable).subtracting(edges)
    let tooSmall = failed.filter { $0 < usable.first ?? 0 }.max() ?? 0
    let tooLarge = failed.filter { $0 > usable.last ?? .max }.min() ?? .max
    return candidates.filter {
      !present.contains($0) && !batches.contains($0) && $0 > tooSmall && $0 < tooLarge
    }
  }

  private func step(
    adding added: [Int], seeds: Int, _ purpose: EstimatePurpose, _ goal: EstimateGoal
  ) -> EstimateStep {
    let cost = expectedCost(adding: added, seeds: seeds)
    guard spent + cost <= goal.budget else { return .end(.budget(next: cost)) }
    return .measure(batches: (batches + added).sorted(), seeds: seeds, purpose)
  }

  /// Orders batches by their distance from one, as factors; of two at the same distance, the larger
  /// one comes first.
  private func nearer(_ wanted: Double) -> (Int, Int) -> Bool {
    func distance(_ batch: Int) -> Double { log(Double(batch) / wanted).magnitude }
    return { (distance($0), -$0) < (distance($1), -$1) }
  }
}

extension EstimateEnd {
  /// In words.
  public func sentence(_ goal: EstimateGoal, _ state: EstimateState) -> String {
    switch self {
    case .within: "B_crit is known to within a factor of \(Format.brief(goal.within))"
    case .budget(let next?):
      """
      the budget of \(Format.number(goal.budget)) observations ends here: the next step would take \
      about \(Format.number(next)) more; a larger --budget continues
      """
    case .budget(nil):
      """
      the budget of \(Format.number(goal.budget)) observations ended within a step, whose trials are \
      kept but not in the fit; a larger --budget continues
      """
    case .exhausted: "neither more seeds nor more batches would narrow the interval by much"
    case .unmeasured:
      "the first batches gave no measurement: \(state.failureWords ?? "none was tried")"
    case .verdict: "the law does not describe these runs"
    }
  }
}
