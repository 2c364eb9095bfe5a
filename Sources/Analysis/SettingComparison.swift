/// Critical batches and noise scales along a setting, at equal scores.
///
/// A series is made of questions that differ in nothing else: they are of one task and target, and
/// all other settings are the same.
///
/// Its JSON is `along` in the document of `batchlab compare --json`; every key is always present.
public struct SettingComparison: Encodable, Hashable, Sendable {
  public var setting: String
  /// Series after series, each along the setting.
  public var points: [SettingPoint]
  /// The exponents of each series; empty unless all values are positive numbers.
  public var exponents: [SeriesExponent]
  public var relations: [SettingRelation]

  /// - Parameters:
  ///   - sources: studies with their fits, as for a `Comparison`.
  ///   - parameters: the number of weights of a fit's network; `nil` if it isn't known.
  public init(
    _ axis: SettingAxis, of sources: [(name: String, fits: [FitReport])],
    traits: [String: TaskTraits], parameters: (FitReport) -> Int?
  ) {
    setting = axis.name
    var series: [SettingSeries] = []
    for (study, fits) in sources {
      for fit in fits {
        let weights = parameters(fit)
        guard !fit.isUntuned, fit.batches > 0,
          let value = axis.value(of: fit, parameters: weights)
        else { continue }
        let key = SettingSeries.Key(
          task: fit.question.task, target: fit.question.target, others: axis.others(of: fit))
        let point = SettingPoint(fit, of: study, value, parameters: weights)
        if let index = series.firstIndex(where: { $0.key == key }) {
          series[index].points.append(point)
        } else {
          let game = fit.question.task.map { traits[$0]?.game ?? $0 } ?? study
          series.append(SettingSeries(key: key, game: game, points: [point]))
        }
      }
    }
    // One value alone compares nothing.
    series = series.filter { Set($0.points.map(\.value)).count > 1 }
    series.nameDifferences()
    let numbers = series.flatMap(\.points).map(\.number)
    let areNumbers = numbers.allSatisfy { $0.map { $0 > 0 } ?? false }
    for index in series.indices where areNumbers {
      series[index].points.sort { ($0.number ?? 0, $0.study) < ($1.number ?? 0, $1.study) }
    }
    points = series.flatMap(\.points)
    exponents = areNumbers ? series.compactMap(SeriesExponent.init) : []
    let reference = series.reference
    relations = SettingQuantity.allCases.flatMap { quantity in
      areNumbers
        ? [SettingRelation(exponentOf: quantity, over: series)].compactMap(\.self)
        : reference.map { SettingRelation.ratios(of: quantity, to: $0, over: series) } ?? []
    }
  }
}

extension SettingComparison {
  /// Along all settings in which tasks with variants differ; none without variants.
  public static func alongVariants(
    of sources: [(name: String, fits: [FitReport])], traits: [String: TaskTraits],
    parameters: (FitReport) -> Int?
  ) -> [SettingComparison] {
    let varied = sources.map { source in
      let tasks = Set(source.fits.filter { $0.question.variant != nil }.map(\.question.task))
      return (source.name, source.fits.filter { tasks.contains($0.question.task) })
    }
    guard varied.contains(where: { !$0.1.isEmpty }) else { return [] }
    var seen: Set<SettingAxis> = []
    return SettingAxis.names.compactMap(SettingAxis.init).filter { seen.insert($0).inserted }
      .map { SettingComparison($0, of: varied, traits: traits, parameters: parameters) }
      .filter { !$0.points.isEmpty && !$0.isOfActivations }
  }

  /// Whether networks differ only in their activation, which is an axis of its own.
  private var isOfActivations: Bool {
    setting == SettingAxis.network.name
      && Set(points.map { $0.value.split(separator: " ").first }).count == 1
  }
}

/// What is compared along a setting. All are positive, and their logarithms are compared.
public enum SettingQuantity: String, CaseIterable, Codable, Sendable {
  case criticalBatch = "critical_batch"
  case noiseScale = "noise_scale"
  /// The prediction over what was measured.
  case quotient = "noise_scale_over_critical_batch"
  case minimumUpdates = "minimum_updates"
  case minimumObservations = "minimum_observations"

  public var words: String {
    switch self {
    case .criticalBatch: "B_crit"
    case .noiseScale: "noise scale"
    case .quotient: "noise scale/B_crit"
    case .minimumUpdates: "S_min"
    case .minimumObservations: "E_min"
    }
  }
}
