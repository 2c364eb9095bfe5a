import Foundation
import Records

/// Two kinds of runs, fast and slow, that one law can't describe: for example seeds that get stuck.
///
/// ln S of a run is a centre of its batch, plus δ if it is slow, plus normal scatter. Batches have
/// centres of their own, so that only differences within a batch count; in a batch the slow runs
/// are its slowest ones. Classification likelihood decides between one kind and two: with N runs
/// in k batches, squared scatter Q₁ without groups and Q₂ with them, and the entropy H of their
/// shares,
///
/// ΔBIC = N ln(Q₁/Q₂) − 2NH − 2 ln N (Biernacki, Celeux and Govaert 2000).
///
/// With few runs per batch, the fitted centres make Q₂ too small. Evidence is enough if it also
/// holds with N − k in place of the first N. Otherwise it must be rare among runs of one kind: at
/// most 2 % of simulated studies, with as many runs and the same normal scatter, may show as much.
///
/// A censored run counts as if it had arrived at its limit, if that is beyond the median of its
/// batch; otherwise it is ignored. The fast kind must be more than a few runs of the batches that
/// have slow ones: otherwise those few are odd, and the others are not slow.
struct RunGroups: Hashable {
  /// More evidence than this, a factor of at least this between the kinds, and a smaller kind with
  /// more than this share of the runs and at least two.
  static let evidence = 10.0
  static let smallestFactor = 2.5
  static let smallestShare = 0.05
  /// The number of simulated studies of one kind, and how many of them may show as much evidence.
  static let simulatedStudies = 400
  static let chanceStudies = 8

  /// How many times as many updates the slow runs take.
  var factor: Double
  /// By batch, from slow to fast.
  var slow: [Run]
  var fast: Int

  /// - Parameter batches: the runs of each batch.
  /// - Returns: `nil` if the runs are of one kind.
  init?(_ batches: [[Run]]) {
    // Where no run reached the target, nothing is known of kinds.
    let batches = batches.filter { $0.contains { !$0.isCensored } }
    let counted = batches.map { runs -> [Run] in
      let middle = median(runs.filter { !$0.isCensored }.map { log($0.updates) })
      return runs.filter { !$0.isCensored || log($0.updates) > middle }
        .sorted { $0.updates > $1.updates }
    }.filter { $0.count > 1 }
    let cells = counted.map { SortedRuns($0.map { log($0.updates) }) }
    guard let split = Split(cells), split.evidence > Self.evidence, !split.isChance(cells) else {
      return nil
    }
    factor = exp(split.shift)
    let slowCounts = cells.map { $0.split(split.shift).slow }
    slow = zip(counted, slowCounts).flatMap { $0.prefix($1) }
    let all = batches.joined().count
    fast = all - slow.count
    let fastBesideSlow = zip(cells, slowCounts).reduce(0) {
      $0 + ($1.1 > 0 ? $1.0.count - $1.1 : 0)
    }
    let smaller = min(slow.count, fastBesideSlow)
    guard factor >= Self.smallestFactor, smaller > 1,
      Double(smaller) > Self.smallestShare * Double(all)
    else { return nil }
  }

  /// What was found, and the slow runs.
  var sentence: String {
    let unfinished = slow.count { $0.isCensored }
    return """
      \(Format.grouped(slow.count)) of \(Format.grouped(slow.count + fast)) runs \
      \(unfinished > 0 ? "(\(unfinished) of them never reached the target) " : "")took about \
      \(Format.brief(factor)) times as many updates as the others: there are two kinds of runs, and \
      one law can't describe both; the slow ones: \(names)
      """
  }

  /// The slow runs of the first batches that have some.
  private var names: String {
    let (shownBatches, shownSeeds) = (4, 4)
    let batches = Dictionary(grouping: slow, by: \.batch).sorted { $0.key < $1.key }
    let names = batches.prefix(shownBatches).map { batch, runs in
      let seeds = runs.compactMap(\.seed).sorted()
      let words =
        seeds.count < runs.count || seeds.count > shownSeeds
        ? Format.counted(runs.count, "run")
        : "seed\(seeds.count == 1 ? "" : "s") \(seeds.map(String.init).joined(separator: ", "))"
      return "batch \(Format.grouped(batch)) (\(words))"
    }
    let others = batches.count - names.count
    return names.joined(separator: ", ")
      + (others > 0 ? " and \(others) more \(others == 1 ? "batch" : "batches")" : "")
  }
}

/// The split of all runs into fast and slow ones that has the most evidence.
private struct Split {
  /// δ, how much slower the slow runs are in ln S.
  var shift = 0.0
  var slow = 0
  /// ΔBIC with N, and with N − k.
  var evidence = -Double.infinity
  var strictEvidence = -Double.infinity

  /// `nil` if no two runs of a batch are far enough apart.
  init?(_ cells: [SortedRuns]) {
    let runs = cells.reduce(0) { $0 + $1.count }
    let spread = cells.map(\.spread).max() ?? 0
    guard spread >= log(RunGroups.smallestFactor), spread.isFinite else { return nil }
    let single = cells.reduce(0) { $0 + $1.squares }
    // A run without scatter counts as one of 1e-3, so that exact tables stay finite.
    let floor = 1e-6 * Double(runs)
    // Smaller shifts are tried as well: if a smaller factor fits best, the runs are of one kind.
    for step in 1...Int((spread / 0.05).rounded(.up)) {
      let shift = 0.05 * Double(step)
      var (squaresWithin, slow) = (0.0, 0)
      for cell in cells {
        let split = cell.split(shift)
        squaresWithin += split.squares
        slow += split.slow
      }
      guard slow > 0, slow < runs else { continue }
      let share = Double(slow) / Double(runs)
      let entropy = -share * log(share) - (1 - share) * log(1 - share)
      let gain = log((single + floor) / (squaresWithin + floor))
      let penalty = 2 * Double(runs) * entropy + 2 * log(Double(runs))
      let found = Double(runs) * gain - penalty
      if found > evidence {
        (self.shift, self.slow, evidence) = (shift, slow, found)
        strictEvidence = Double(runs - cells.count) * gain - penalty
      }
    }
  }

  /// Whether runs of one kind often look like this.
  func isChance(_ cells: [SortedRuns]) -> Bool {
    if strictEvidence > RunGroups.evidence { return false }
    let freedom = cells.reduce(0) { $0 + $1.count - 1 }
    let deviation = (cells.reduce(0) { $0 + $1.squares } / Double(freedom)).squareRoot()
    var random = SplitMix(seed: 1)
    var chances = 0
    for _ in 0..<RunGroups.simulatedStudies where chances <= RunGroups.chanceStudies {
      let drawn = cells.map { cell in
        SortedRuns((0..<cell.count).map { _ in deviation * random.normal() })
      }
      if let split = Split(drawn), split.evidence >= evidence { chances += 1 }
    }
    return chances > RunGroups.chanceStudies
  }
}

/// The runs of one batch from fast to slow, with sums that make every split of them cheap.
private struct SortedRuns {
  let count: Int
  let spread: Double
  /// Σ(x − mean)².
  let squares: Double
  /// Sums of the first 0, 1, … values about their mean.
  private let sums: [Double]

  init(_ values: [Double]) {
    let sorted = values.sorted()
    let centre = mean(sorted)
    var sums = [0.0]
    for value in sorted { sums.append(sums[sums.count - 1] + value - centre) }
    (count, self.sums) = (sorted.count, sums)
    spread = (sorted.last ?? 0) - (sorted.first ?? 0)
    squares = sorted.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
  }

  /// Σ(x − mean)² once the slowest runs are faster by a shift.
  func squares(slow: Int, shift: Double) -> Double {
    let (number, moved) = (Double(count), Double(slow) * shift)
    let sumOfSlow = sums[count] - sums[count - slow]
    let sum = sums[count] - moved
    return max(squares - 2 * shift * sumOfSlow + moved * shift - sum * sum / number, 0)
  }

  /// The number of slow runs, from none to all but one, that leaves the least scatter.
  func split(_ shift: Double) -> (slow: Int, squares: Double) {
    var best = (slow: 0, squares: squares(slow: 0, shift: shift))
    for slow in 1..<count {
      let scatter = squares(slow: slow, shift: shift)
      if scatter < best.squares { best = (slow, scatter) }
    }
    return best
  }
}

/// The sum of squared distances from the mean.
func squares(_ values: [Double]) -> Double {
  let centre = mean(values)
  return values.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
}
