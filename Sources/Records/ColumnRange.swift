/// What a column of a row can hold. Every reader of rows refuses anything else, so that later steps
/// need not doubt a number. `docs/archive.md` has the same list.
///
/// The ranges are far beyond any real run, and narrow enough that sums and products of a study's
/// numbers stay finite.
public enum ColumnRange: Sendable {
  /// Texts and truth values, which their types restrict.
  case anything
  /// A column of the seal, which other rows leave empty.
  case nothing
  case whole(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case setting(any AnySetting)
  /// The name of a variant.
  case variant

  /// The columns of `trials.jsonl.zst`, by name.
  public static let trial = common.merging(settings.merging(result) { $1 }) { $1 }
  /// The columns of `curves.jsonl.zst`, by name.
  public static let point = common.merging(curve) { $1 }

  /// What the column must be, as in "a whole number from 0 to 5"; empty if its type says it all.
  public var form: String {
    switch self {
    case .anything: ""
    case .nothing: "null"
    case .whole(let range):
      "a whole number from \(Format.grouped(range.lowerBound)) to"
        + " \(Format.grouped(range.upperBound))"
    case .number(let range) where range.lowerBound == .leastNonzeroMagnitude:
      "a number above 0 and at most \(Format.grouped(range.upperBound))"
    case .number(let range):
      "a number from \(Format.grouped(range.lowerBound)) to \(Format.grouped(range.upperBound))"
    case .setting(let setting): setting.form
    case .variant: TaskVariant.nameForm
    }
  }

  public func contains(_ number: Double) -> Bool {
    switch self {
    // Of a text, a number is left to the decoder.
    case .anything, .variant: true
    case .nothing: false
    case .whole(let range): Int(exactly: number).map(range.contains) ?? false
    case .number(let range): range.contains(number)
    case .setting(let setting): setting.allows(number: number)
    }
  }

  public func contains(_ whole: Int) -> Bool {
    if case .whole(let range) = self { range.contains(whole) } else { contains(Double(whole)) }
  }

  public func contains(_ word: String) -> Bool {
    switch self {
    case .setting(let setting): setting.allows(word: word)
    case .variant: TaskVariant.isName(word)
    case .nothing: false
    default: true
    }
  }
}

extension ColumnRange {
  private static let common: [String: ColumnRange] = [
    "kind": .anything, "schema": .anything, "rows": .nothing, "trials": .nothing,
    "digest": .nothing, "frames_digest": .nothing, "trial": .anything, "task": .anything,
    "batch": part, "score": score, "score_error": error, "seconds": seconds,
  ]

  private static let settings: [String: ColumnRange] = {
    var columns: [String: ColumnRange] = [
      "rules_version": count, "numerics": count, "study_seed": count, "seed": count,
      "num_envs": part, "num_steps": .whole(1...1_000_000),
      "exchange_rate": .number(1...0x1p40),
      "learning_rate": .number(.leastNonzeroMagnitude...1e30),
      "limit_observations": count, "evaluation_episodes_limit": count,
    ]
    for name in ["role", "shortened_horizon", "minibatch_unit", "targets", "limit_is_pruning"] {
      columns[name] = .anything
    }
    columns["variant"] = .variant
    for column in SettingsTable.standard.columns { columns[column.name] = .setting(column.setting) }
    return columns
  }()

  private static let result: [String: ColumnRange] = {
    var columns: [String: ColumnRange] = [
      "target": score, "updates": place, "observations": place, "optimizer_steps": place,
      "serial_steps": .number(0...1e22), "operations": .number(0...1e18),
      "operations_executed": .number(0...1e18), "noise_scale": moment, "noise_numerator": moment,
      "noise_denominator": moment, "noise_root": square, "total_seconds": seconds,
      "evaluation_seconds": seconds, "threads": .number(1...1e6),
    ]
    for name in [
      "bracket_low", "bracket_high", "score_episodes", "total_updates", "total_observations",
      "total_optimizer_steps", "stagger_observations", "evaluation_observations",
      "evaluation_episodes",
    ] { columns[name] = count }
    for name in ["total_operations", "evaluation_operations"] {
      columns[name] = .whole(0...Int.mostOperations)
      columns[name + "_executed"] = columns[name]
    }
    columns["noise_interval"] = part
    for name in ["policy", "value", "preconditioned"] {
      columns["\(name)_noise_numerator"] = moment
      columns["\(name)_noise_denominator"] = moment
    }
    for name in [
      "status", "ending", "rate_verdict", "version", "revision", "swift", "host", "cpu", "openblas",
      "libc",
    ] { columns[name] = .anything }
    return columns
  }()

  private static let curve: [String: ColumnRange] = [
    "updates": count, "observations": count, "optimizer_steps": count, "score_episodes": count,
    "noise_updates": count, "noise_shard_size": part, "noise_shard_squares": square,
    "noise_batch_squares": square,
  ]

  private static let count = whole(0...Int.largestCount)
  /// A count that divides another.
  private static let part = whole(1...Int.largestCount)
  /// Updates or observations up to a crossing, which are interpolated.
  private static let place = number(0...0x1p53)
  private static let score = number(-1e100...1e100)
  private static let error = number(0...1e100)
  private static let square = number(0...1e150)
  private static let moment = number(-1e150...1e150)
  private static let seconds = number(0...1e12)
}

extension AnySetting {
  /// Whether a stored number is a value of this setting. Settings of other types allow every number.
  fileprivate func allows(number: Double) -> Bool {
    if Value.Plain.self == Double.self { return allows(number) }
    if Value.Plain.self == Int.self { return Int(exactly: number).map { allows($0) } ?? false }
    return true
  }

  fileprivate func allows(word: String) -> Bool {
    Value.Plain.self == Double.self || Value.Plain.self == Int.self || read(word) != nil
  }
}

extension TrialRow {
  /// Which columns contradict each other, in words; `nil` if none do.
  public var contradiction: String? {
    let isReached = result.status == .reached
    if isReached != (result.updates != nil) || isReached != (result.observations != nil) {
      return
        "'updates' and 'observations' must be numbers if the target was reached, and null if not"
    }
    if result.bracketLow > result.bracketHigh || result.bracketHigh > result.totalUpdates {
      return "'bracket_low', 'bracket_high' and 'total_updates' must be in ascending order"
    }
    // Interpolated numbers may be beyond the end of the bracket by rounding.
    let slack = 1 + 1e-9
    if let updates = result.updates,
      updates * slack < Double(result.bracketLow.value)
        || updates > Double(result.bracketHigh.value) * slack
    {
      return "'updates' must lie between 'bracket_low' and 'bracket_high'"
    }
    if let observations = result.observations,
      observations > Double(result.totalObservations.value) * slack
    {
      return "'observations' must be at most 'total_observations'"
    }
    return parts?.contradiction
  }
}
