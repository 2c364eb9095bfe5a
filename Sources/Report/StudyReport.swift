public import Analysis
public import Records

/// A study as it is reported.
public struct ReportedStudy: Sendable {
  public var name: String
  /// The plan as a text for people.
  public var plan: String
  /// With their curves.
  public var trials: [TrialRecord]
  /// Of the sealed rows; `nil` of a study that is not sealed.
  public var digest: String?
  /// Cells in which trials are still to be run; `nil`: not known.
  public var openCells: Int?

  /// Whether it is sealed, and no cell of it is known to be open.
  var isFinished: Bool { digest != nil && (openCells ?? 0) == 0 }

  public init(
    name: String, plan: String, trials: [TrialRecord], digest: String?, openCells: Int?
  ) {
    self.name = name
    self.plan = plan
    self.trials = trials
    self.digest = digest
    self.openCells = openCells
  }
}

/// Figures and a page about studies: draws what their analysis says, and runs nothing.
public struct StudyReport: Sendable {
  let studies: [ReportedStudy]
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
    comparison = Comparison(
      studies.map { ($0.name, fits(of: $0.trials, seed: seed, resamples: resamples)) },
      traits: traits, seed: seed, resamples: resamples)
    subjects = Self.subjects(comparison.points, studies)
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

  /// A task as one algorithm trained it in one study.
  private struct SubjectKey: Hashable {
    var study: String
    var question: Question
  }

  private static func subjects(
    _ targets: [ComparedTarget], _ studies: [ReportedStudy]
  ) -> [Subject] {
    func key(_ target: ComparedTarget) -> SubjectKey {
      SubjectKey(study: target.study, question: target.fit.question.comparisonKey)
    }
    var order: [SubjectKey] = []
    for target in targets where !order.contains(key(target)) { order.append(key(target)) }
    let byKey = Dictionary(grouping: targets, by: key)
    // Curves are most of a large page, which is to open at once.
    let points = targets.count > 30 ? 16 : 32
    var names: Set<String> = []
    return order.enumerated().compactMap { index, key in
      guard let own = byKey[key], let study = studies.first(where: { $0.name == key.study }) else {
        return nil
      }
      let (task, algorithm) = (
        key.question.task ?? "", key.question.algorithm.map(\.rawValue) ?? ""
      )
      // What distinguishes it from others of the same task.
      let same = order.filter { $0.question.task == key.question.task }
      let words =
        [task] + (Set(same.map(\.question)).count > 1 ? [algorithm] : [])
        + (Set(same.map(\.study)).count > 1 ? [study.name] : [])
      let trials = study.trials.filter { $0.settings.task == task }
      // Different names may be the same as names of files.
      let name = Subject.fileName(words.joined(separator: "-"))
      var number = 1
      while !names.insert(name + (number > 1 ? "-\(number)" : "")).inserted { number += 1 }
      return Subject(
        study: study.name, question: key.question,
        horizon: own.compactMap { $0.fit.question.horizon }.first, index: index,
        title: words.joined(separator: ", ") + (number > 1 ? " (\(number))" : ""),
        name: name + (number > 1 ? "-\(number)" : ""),
        aims: own.sorted { $0.fit.question < $1.fit.question }.map {
          Aim($0, trials: trials, isFinished: study.isFinished, points: points)
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
