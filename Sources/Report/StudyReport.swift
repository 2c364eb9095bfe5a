public import Analysis
public import Records

/// A study as it is reported.
public struct ReportedStudy: Sendable {
  public var name: String
  /// The plan as a text for people.
  public var plan: String
  public var rows: [TrialRow]
  public var curves: [CurveRow]
  /// Of the sealed rows; `nil` of a study that is not sealed.
  public var digest: String?
  /// Cells in which trials are still to be run; `nil`: not known.
  public var openCells: Int?

  /// Whether it is sealed, and no cell of it is known to be open.
  var isFinished: Bool { digest != nil && (openCells ?? 0) == 0 }

  public init(
    name: String, plan: String, rows: [TrialRow], curves: [CurveRow], digest: String?,
    openCells: Int?
  ) {
    self.name = name
    self.plan = plan
    self.rows = rows
    self.curves = curves
    self.digest = digest
    self.openCells = openCells
  }
}

/// Figures and a page about studies: draws what their analysis says, and runs nothing.
public struct StudyReport: Sendable {
  let studies: [ReportedStudy]
  /// Every target of every task, in the order of `comparison`.
  let groups: [FittedGroup]
  let comparison: Comparison
  let subjects: [Subject]

  /// Fits and compares what the rows say, as `batchlab fit` and `batchlab compare` do.
  ///
  /// - Parameters:
  ///   - traits: of the tasks by their names.
  ///   - seed: of the bootstrap.
  public init(
    _ studies: [ReportedStudy], traits: [String: TaskTraits], seed: Int = 1, resamples: Int = 2000
  ) {
    let studies = Self.named(studies)
    self.studies = studies
    let fitted = studies.map { study in
      FittedGroup.fits(of: study.rows, study: study.name, seed: seed, resamples: resamples)
    }
    groups = fitted.flatMap { $0 }
    comparison = Comparison(groups, traits: traits, seed: seed, resamples: resamples)
    var targets: [Target] = []
    for (study, own) in zip(studies.indices, fitted) {
      for group in own {
        targets.append(
          Target(study: study, group: group, compared: comparison.points[targets.count]))
      }
    }
    subjects = Self.subjects(targets, studies)
  }

  /// The studies, those with a name that was there already numbered.
  private static func named(_ studies: [ReportedStudy]) -> [ReportedStudy] {
    var names = Set(studies.map(\.name))
    var seen: Set<String> = []
    return studies.map { study in
      var study = study
      let name = study.name
      var number = 1
      while !seen.insert(study.name).inserted {
        repeat { number += 1 } while !names.insert("\(name) (\(number))").inserted
        study.name = "\(name) (\(number))"
      }
      return study
    }
  }

  fileprivate struct Target {
    var study: Int
    var group: FittedGroup
    var compared: ComparedTarget

    var key: [String] {
      ["\(study)", group.report.task ?? "", group.report.algorithm ?? ""]
    }
  }

  private static func subjects(_ targets: [Target], _ studies: [ReportedStudy]) -> [Subject] {
    var order: [[String]] = []
    for target in targets where !order.contains(target.key) { order.append(target.key) }
    let byKey = Dictionary(grouping: targets, by: \.key)
    let rows = studies.map(StudyRows.byTask)
    // Curves are most of a large page, which is to open at once.
    let points = targets.count > 30 ? 16 : 32
    var names: Set<String> = []
    return order.enumerated().compactMap { index, key in
      guard let own = byKey[key], let first = own.first else { return nil }
      let (study, task) = (studies[first.study].name, key[1])
      // What distinguishes it from others of the same task.
      let same = order.filter { $0[1] == task }
      let words =
        [task] + (Set(same.map { $0[2] }).count > 1 ? [key[2]] : [])
        + (Set(same.map { $0[0] }).count > 1 ? [study] : [])
      let taskRows = rows[first.study][task] ?? StudyRows(trials: [], curves: [:])
      let sorted = own.sorted { $0.score < $1.score }
      // Different names may be the same as names of files.
      let name = Subject.fileName(words.joined(separator: "-"))
      var number = 1
      while !names.insert(name + (number > 1 ? "-\(number)" : "")).inserted { number += 1 }
      return Subject(
        study: study, task: task, algorithm: key[2],
        horizon: own.compactMap { $0.group.report.horizon }.first, index: index,
        title: words.joined(separator: ", ") + (number > 1 ? " (\(number))" : ""),
        name: name + (number > 1 ? "-\(number)" : ""),
        aims: sorted.map {
          Aim($0.group, compared: $0.compared, rows: taskRows, points: points)
        })
    }
  }

  /// Every figure: those of each target, then those over tasks.
  public var figures: [Figure] {
    subjects.flatMap { subject in subject.aims.flatMap { Figure.all(subject, $0) } }
      + comparison.comparisons.flatMap { algorithm in
        [.prediction(algorithm, subjects)]
          + knownAxes(algorithm).map { .complexity(algorithm, $0, subjects) }
      }
  }

  /// The measures of complexity that any target in the figures over tasks has a value of.
  func knownAxes(_ algorithm: AlgorithmComparison) -> [AxisComparison] {
    let points = subjects.compared(algorithm.algorithm)
    return algorithm.axes.filter { axis in
      points.contains { $0.aim.compared[axis.axis] != nil }
    }
  }
}

extension StudyReport.Target {
  fileprivate var score: Double { group.report.target.flatMap(Double.init) ?? -.infinity }
}

extension StudyRows {
  fileprivate static func byTask(_ study: ReportedStudy) -> [String: StudyRows] {
    let curves = Dictionary(grouping: study.curves.map(\.determined), by: \.task)
    return Dictionary(grouping: study.rows, by: \.settings.task).mapValues { trials in
      StudyRows(
        trials: trials,
        curves: Dictionary(
          grouping: trials.first.flatMap { curves[$0.settings.task] } ?? [], by: \.trial),
        isFinished: study.isFinished)
    }
  }
}

extension Figure {
  /// The figures of a target for which there is anything to draw.
  static func all(_ subject: Subject, _ aim: Aim) -> [Figure] {
    var figures: [Figure] = []
    if !aim.report.points.isEmpty {
      figures += [.front(subject, aim), .scaling(subject, aim)]
    }
    if !aim.noise.byUpdates.isEmpty { figures.append(.noise(subject, aim)) }
    if !aim.scores.isEmpty { figures.append(.curves(subject, aim)) }
    if !aim.rates.batches.isEmpty { figures.append(.rates(subject, aim)) }
    if !aim.report.points.isEmpty { figures.append(.cost(subject, aim)) }
    return figures
  }
}
