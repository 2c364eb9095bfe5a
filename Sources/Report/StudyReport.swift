public import Analysis
public import Records

/// A study or a table of runs to be reported.
public struct ReportedSource: Sendable {
  var name: String
  /// The text of a study's plan; `nil` for a table.
  var plan: String?
  /// All trials of a study with their curves; empty for a table.
  var trials: [TrialRecord]
  var groups: [RunGroup]
  /// Digest of a study's sealed rows, or of a table's bytes; `nil` if the study is not sealed.
  var digest: String?
  /// Number of cells that still have trials to run; `nil` if it is unknown.
  var openCells: Int?
  /// Times of updates on several cores; without them they are assumed.
  var cores: CoreRequest?

  /// Whether a study is sealed and no cell is known to be open. A table is always finished.
  public var isFinished: Bool { digest != nil && (openCells ?? 0) == 0 }

  /// A study.
  public init(
    name: String, plan: String, trials: [TrialRecord], digest: String?, openCells: Int?,
    cores: CoreRequest? = nil
  ) {
    self.name = name
    self.plan = plan
    self.trials = trials
    groups = RunGroup.groups(of: trials)
    self.digest = digest
    self.openCells = openCells
    self.cores = cores
  }

  /// The runs of a table.
  public init(name: String, runs: [RunGroup], digest: String) {
    self.name = name
    trials = []
    groups = runs
    self.digest = digest
    openCells = 0
  }
}

/// Figures and a page about studies and tables. It fits and draws, and trains nothing.
public struct StudyReport: Sendable {
  let sources: [ReportedSource]
  let comparison: Comparison
  let tasks: [TaskReport]

  /// Fits and compares the sources as `batchlab fit` and `batchlab compare` do.
  ///
  /// - Parameters:
  ///   - traits: Traits of the studies' tasks by name.
  ///   - parameters: the number of weights of a fit's network; `nil` if it isn't known.
  ///   - seed: Seed of the bootstrap.
  public init(
    _ sources: [ReportedSource], traits: [String: TaskTraits],
    parameters: (FitReport) -> Int? = { _ in nil }, seed: Int = 1, resamples: Int = 2000
  ) {
    let sources = Self.named(sources)
    self.sources = sources
    let fitted = sources.map { source in
      let fits = fit(source.groups, seed: seed, resamples: resamples)
      return (
        name: source.name,
        fits: zip(fits, source.groups).map {
          $0.timed(with: source.cores).withExpectedCost(of: $1)
        }
      )
    }
    var comparison = Comparison(fitted, traits: traits, seed: seed, resamples: resamples)
    comparison.along = SettingComparison.alongVariants(
      of: fitted, traits: traits, parameters: parameters)
    self.comparison = comparison
    tasks = Self.tasks(comparison.points, sources)
  }

  /// The sources, with a number added to each name that occurs again.
  private static func named(_ sources: [ReportedSource]) -> [ReportedSource] {
    var names = Set(sources.map(\.name))
    var seen: Set<String> = []
    return sources.map { source in
      var source = source
      let name = source.name
      var number = 1
      while !seen.insert(source.name).inserted {
        repeat { number += 1 } while !names.insert("\(name) (\(number))").inserted
        source.name = "\(name) (\(number))"
      }
      return source
    }
  }

  /// What a task report describes: a task with one kind of training in one source.
  private struct TaskKey: Hashable {
    var study: String
    var question: Question
  }

  private static func tasks(
    _ targets: [ComparedTarget], _ sources: [ReportedSource]
  ) -> [TaskReport] {
    func key(_ target: ComparedTarget) -> TaskKey {
      TaskKey(study: target.study, question: target.fit.question.comparisonKey)
    }
    var order: [TaskKey] = []
    for target in targets where !order.contains(key(target)) { order.append(key(target)) }
    let byKey = Dictionary(grouping: targets, by: key)
    // Curves are the largest part of a page, and a large page should still open at once.
    let isLarge = targets.count > 30
    var names: Set<String> = []
    return order.enumerated().compactMap { index, key in
      guard let own = byKey[key], let source = sources.first(where: { $0.name == key.study })
      else { return nil }
      let (task, training) = (key.question.task ?? "", key.question.training?.name)
      // The title says what distinguishes this report from others of the same task or variant.
      let same = order.filter { $0.question.taskVariant == key.question.taskVariant }
      let words =
        [task] + [key.question.variant].compactMap(\.self)
        + (Set(same.map(\.question)).count > 1 ? [training].compactMap { $0 } : [])
        + (Set(same.map(\.study)).count > 1 ? [source.name] : [])
      let trials = source.trials.filter {
        $0.settings.task == task && $0.settings.variant == key.question.variant
      }
      // Different titles may give the same file name.
      let identifier = TaskReport.fileName(words.joined(separator: "-"))
      var number = 1
      while !names.insert(identifier + (number > 1 ? "-\(number)" : "")).inserted { number += 1 }
      return TaskReport(
        study: source.name, question: key.question,
        horizon: own.compactMap { $0.fit.question.horizon }.first, index: index,
        title: words.joined(separator: ", ") + (number > 1 ? " (\(number))" : ""),
        identifier: identifier + (number > 1 ? "-\(number)" : ""),
        targets: own.sorted { $0.fit.question < $1.fit.question }.map {
          TargetReport($0, trials: trials, isFinished: source.isFinished, isLarge: isLarge)
        })
    }
  }

  /// All figures: those of each target, then those that compare variants and tasks.
  public var figures: [Figure] {
    tasks.flatMap { task in task.targets.flatMap { Figure.all(task, $0) } }
      + tasks.compactMap { VariantGroup(beginningWith: $0, among: tasks).map(Figure.variants) }
      + comparison.comparisons.flatMap { training in
        (training.training == nil ? [] : [.prediction(training, tasks)])
          + knownAxes(training).map { .complexity(training, $0, tasks) }
      }
  }

  /// The measures of complexity for which at least one compared target has a value.
  func knownAxes(_ training: TrainingComparison) -> [AxisComparison] {
    let points = tasks.compared(training.training)
    return training.axes.filter { axis in
      points.contains { $0.target.compared[axis.axis] != nil }
    }
  }
}

extension Figure {
  /// The figures of a target, without those that would be empty.
  static func all(_ task: TaskReport, _ target: TargetReport) -> [Figure] {
    var figures: [Figure] = []
    if !target.report.points.isEmpty {
      figures += [.front(task, target), .scaling(task, target)]
    }
    if !target.noise.byUpdates.isEmpty { figures.append(.noise(task, target)) }
    if !target.scores.isEmpty { figures.append(.curves(task, target)) }
    if target.rates.batches.contains(where: { !$0.rates.isEmpty }) {
      figures.append(.rates(task, target))
    }
    if !target.report.points.isEmpty, !task.question.isOfTable {
      figures.append(.cost(task, target))
    }
    if let cores = target.cores { figures.append(.cores(task, target, cores)) }
    return figures
  }
}
