public import Records

/// How tasks are trained. Critical batches are only comparable under the same algorithm and
/// optimizer: with another optimizer, B_crit changes, but the noise scale hardly does.
public struct Training: Codable, Hashable, Sendable {
  public var algorithm: Algorithm
  public var optimizer: OptimizerKind

  public init(_ algorithm: Algorithm, _ optimizer: OptimizerKind) {
    self.algorithm = algorithm
    self.optimizer = optimizer
  }

  static let all = Algorithm.allCases.flatMap { algorithm in
    OptimizerKind.allCases.map { Training(algorithm, $0) }
  }

  /// In titles and file names. Adam, the usual optimizer, is left out.
  public var name: String {
    algorithm.rawValue + (optimizer == .adam ? "" : "-" + optimizer.rawValue)
  }

  /// In sentences.
  public var words: String { "\(algorithm.rawValue) with \(optimizer.rawValue)" }
}
