import Foundation
public import Records

/// An update that was timed on one machine.
public struct TimedUpdate: Codable, Hashable, Sendable {
  /// In observations.
  public var batch: Int
  public var threads: Int
  public var seconds: Double

  public init(batch: Int, threads: Int, seconds: Double) {
    (self.batch, self.threads, self.seconds) = (batch, threads, seconds)
  }
}

/// The time of an update on several cores, from its time on one.
///
/// t(B, N) = t(B, 1) (f + (1 − f)/m) + o for N > 1, in seconds. An update has P equal parts that
/// cores can work on at the same time. N cores work through them in ⌈P/N⌉ rounds, so m = P/⌈P/N⌉:
/// N if it divides P, and P if there are more cores than parts. It does not say how much slower a
/// core is while the others are busy.
public struct UpdateModel: Codable, Hashable, Sendable {
  /// f: the share of an update that one core does alone.
  public var serialShare: Double
  /// o: seconds of each update that handing out its parts takes.
  public var overheadSeconds: Double
  /// Root mean square of 1 − modelled/timed over the timed updates; `nil` if f and o are assumed.
  @Nullable public var misfit: Double?

  private enum CodingKeys: String, CodingKey {
    case misfit
    case serialShare = "serial_share"
    case overheadSeconds = "overhead_seconds"
  }

  public init(serialShare: Double, overheadSeconds: Double, misfit: Double? = nil) {
    (self.serialShare, self.overheadSeconds) = (serialShare, overheadSeconds)
    self.misfit = misfit
  }

  /// What is assumed where no update was timed on several cores: a twentieth of an update is
  /// serial, and its parts are handed out twice, for 10 µs each.
  public static let assumed = UpdateModel(serialShare: 0.05, overheadSeconds: 20e-6)

  public var isAssumed: Bool { misfit == nil }

  /// m: how many parts are worked on at the same time, on average over the rounds.
  public static func partsAtOnce(of parts: Int, cores: Int) -> Double {
    let (parts, cores) = (max(parts, 1), max(cores, 1))
    let rounds = parts / cores + (parts.isMultiple(of: cores) ? 0 : 1)
    return Double(parts) / Double(rounds)
  }

  /// t(B, N) in seconds.
  ///
  /// - Parameter oneCore: t(B, 1) in seconds.
  public func seconds(oneCore: Double, parts: Int, cores: Int) -> Double {
    guard cores > 1 else { return oneCore }
    let atOnce = Self.partsAtOnce(of: parts, cores: cores)
    return oneCore * (serialShare + (1 - serialShare) / atOnce) + overheadSeconds
  }

  /// f from 0 to 1 and o ≥ 0 with the least squares of 1 − modelled/timed. Updates of a single part
  /// only determine o. Those of one batch on one number of cores can't tell f from o; they count as
  /// f as far as an f of at most 1 explains them.
  ///
  /// - Parameter parts: P of a batch.
  /// - Returns: `nil` unless an update of several parts was timed on one core and on several.
  public init?(_ timed: [TimedUpdate], parts: (_ batch: Int) -> Int) {
    let oneCore = timed.oneThread
    var equations: [Equation] = []
    for update in timed where update.threads > 1 && update.seconds > 0 {
      guard let alone = oneCore[update.batch] else { continue }
      let atOnce = Self.partsAtOnce(of: parts(update.batch), cores: update.threads)
      // f (1 − 1/m) t(B, 1) + o = t(B, N) − t(B, 1)/m, in units of t(B, N).
      equations.append(
        Equation(
          share: alone * (1 - 1 / atOnce) / update.seconds, overhead: 1 / update.seconds,
          value: 1 - alone / atOnce / update.seconds))
    }
    guard equations.contains(where: { $0.share > 0 }) else { return nil }
    let (share, overhead) = Self.solution(of: equations)
    let squares = equations.map { $0.square(share, overhead) }
    self.init(
      serialShare: share, overheadSeconds: overhead, misfit: mean(squares).squareRoot())
  }
}

extension [TimedUpdate] {
  /// Seconds with one thread, by batch.
  var oneThread: [Int: Double] {
    var seconds: [Int: Double] = [:]
    for update in self where update.threads == 1 && update.seconds > 0 {
      seconds[update.batch] = update.seconds
    }
    return seconds
  }
}

extension UpdateModel {
  /// share · f + overhead · o = value.
  private struct Equation {
    var share: Double
    var overhead: Double
    var value: Double

    func square(_ f: Double, _ o: Double) -> Double {
      let residual = share * f + overhead * o - value
      return residual * residual
    }
  }

  /// Least squares over 0 ≤ f ≤ 1 and o ≥ 0. They are convex, so the solution is the free one if
  /// that is inside, and otherwise the best of the three edges.
  private static func solution(of equations: [Equation]) -> (share: Double, overhead: Double) {
    func sum(_ term: (Equation) -> Double) -> Double { equations.reduce(0) { $0 + term($1) } }
    let (ss, oo) = (sum { $0.share * $0.share }, sum { $0.overhead * $0.overhead })
    let (so, sv) = (sum { $0.share * $0.overhead }, sum { $0.share * $0.value })
    let ov = sum { $0.overhead * $0.value }
    func overhead(at share: Double) -> Double { max((ov - share * so) / oo, 0) }
    let determinant = ss * oo - so * so
    if determinant > 1e-9 * ss * oo {
      let free = ((oo * sv - so * ov) / determinant, (ss * ov - so * sv) / determinant)
      if (0...1).contains(free.0), free.1 >= 0 { return free }
    }
    let edges = [(min(max(sv / ss, 0), 1), 0.0), (0, overhead(at: 0)), (1, overhead(at: 1))]
    func squares(_ edge: (Double, Double)) -> Double { sum { $0.square(edge.0, edge.1) } }
    return edges.min { squares($0) < squares($1) } ?? edges[0]
  }
}
