internal import Analysis
internal import Records

/// What a plan lacks for a verdict, which can be told before it runs.
enum SweepDoubts {
  /// One sentence for each lack, with all tasks that have it.
  static func sentences(about plan: StudyPlan) -> [String] {
    var tasks: [(sentence: String, names: [TaskVariant])] = []
    for task in plan.tasks {
      for sentence in sentences(about: task, in: plan) {
        if let index = tasks.firstIndex(where: { $0.sentence == sentence }) {
          tasks[index].names.append(task.name)
        } else {
          tasks.append((sentence, [task.name]))
        }
      }
    }
    return tasks.map { "\($0.names.map(\.description).joined(separator: "; ")): \($0.sentence)" }
  }

  private static func sentences(about task: TaskPlan, in plan: StudyPlan) -> [String] {
    var sentences: [String] = []
    // Smaller batches shorten the horizon and are never fitted.
    let fitted = task.batches.filter { $0 >= task.horizon }
    let range = Double(fitted.max() ?? 1) / Double(fitted.min() ?? 1)
    if fitted.count < FitLimits.fewestBatches {
      sentences.append(
        "\(fitted.count) fitted \(fitted.count == 1 ? "batch" : "batches") can give no verdict; it"
          + " takes at least \(FitLimits.fewestBatches)")
    } else if range < FitLimits.smallestRange {
      sentences.append(
        "batches within a factor of \(Format.number(range)) can give no verdict; it takes a factor"
          + " of at least \(Format.shortest(FitLimits.smallestRange))")
    }
    if let rate = task.fixedRate {
      sentences.append(
        "the learning rate is fixed at \(Format.shortest(rate)) and not tuned, so the critical batch"
          + " holds only for this rate")
    }
    if plan.seeds(of: task, .measuring) == 1 {
      sentences.append("with 1 measuring seed a batch, intervals are wide")
    }
    return sentences
  }
}
