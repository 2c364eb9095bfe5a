internal import Records

/// What a column of a table of runs can hold. The raw value is its name in a header.
enum RunColumn: String, CaseIterable {
  /// Observations per update.
  case batch
  /// Updates to the target, or of the whole run if it is censored.
  case updates
  /// Observations of those updates.
  case observations
  case task
  case target
  /// What tells runs of one batch apart.
  case seed
  /// Whether the run ended before it reached the target.
  case censored
  /// Of the value, in updates or observations, whichever the table has; refused if it has both.
  case standardError = "standard_error"
  /// Of the value's natural logarithm.
  case logStandardError = "log_standard_error"
  /// Updates and observations of a run that never reached its target.
  case totalUpdates = "total_updates"
  case totalObservations = "total_observations"
  /// Environments and steps of each per update. Their product is the batch.
  case numEnvs = "num_envs"
  case numSteps = "num_steps"

  /// Other names that can mean nothing else.
  var otherNames: [String] {
    switch self {
    case .batch: ["batch_size"]
    case .task: ["env_id", "env", "environment"]
    case .observations: ["samples", "examples", "frames", "timesteps"]
    case .target: ["goal"]
    case .seed: ["trial", "run"]
    case .totalUpdates: ["last_update"]
    case .totalObservations: ["last_observation", "total_samples", "total_timesteps"]
    default: []
    }
  }

  /// Names that may mean updates or observations. They are never guessed.
  static let unclearNames: Set<String> = [
    "steps", "step", "total_steps", "iterations", "iteration", "iters", "iter", "global_step",
    "global_steps",
  ]
  /// Further names of how far a run got, in updates or in observations.
  static let unclearLimits: Set<String> = ["last", "limit", "budget", "max_steps"]

  /// The column that a name means; `nil` if it is none.
  init?(named name: String) {
    let name = Self.normal(name)
    let column = Self.allCases.first { $0.rawValue == name || $0.otherNames.contains(name) }
    guard let column else { return nil }
    self = column
  }

  /// A name with small letters, and `_` for spaces and hyphens.
  static func normal(_ name: String) -> String {
    String(name.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
  }
}

/// Which columns of a table mean what, where their names don't say so: `batch=bs,updates=iter`.
public struct RunColumnNames: Sendable {
  /// Why a list of names can't be used.
  public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
  }

  var names: [RunColumn: String] = [:]
  /// The table's own names, in order.
  public var titles: [String] { names.values.sorted() }
  /// Whether they are meant for several tables, each of which may lack some of the columns.
  public var isForSeveralTables = false

  /// All columns have names that are known.
  public init() {}

  /// Reads pairs of a known name and the table's own, separated by commas.
  public init(_ text: String) throws(Problem) {
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { $0.drop { $0 == " " }.description }
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw Problem(description: "must be pairs such as batch=bs,updates=iter, not '\(text)'")
      }
      guard let column = RunColumn(named: parts[0]) else {
        let all = RunColumn.allCases.map(\.rawValue)
        let offer =
          Records.nearest(parts[0], among: all).map { "did you mean '\($0)'?" }
          ?? "the names are \(all.joined(separator: ", "))"
        throw Problem(description: "'\(parts[0])' is not a known column; \(offer)")
      }
      if names.values.contains(parts[1]) {
        throw Problem(description: "the column '\(parts[1])' can't mean two things")
      }
      guard names.updateValue(parts[1], forKey: column) == nil else {
        throw Problem(description: "\(column.rawValue) is given twice")
      }
    }
  }
}
