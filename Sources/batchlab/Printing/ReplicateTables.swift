internal import Analysis
internal import Records

/// Prints how replicates of a study agree.
enum ReplicateTables {
  static func show(_ all: [Replicates]) {
    for replicates in all { show(replicates) }
  }

  private static func show(_ replicates: Replicates) {
    let (first, second) = (replicates.first, replicates.second)
    standardOutput(
      "\nReplicates: 1 is \(words(first)), 2 is \(words(second))\(note(first, second))")
    guard !replicates.targets.isEmpty else {
      standardOutput("no target is fitted in both")
      return showChanges(replicates)
    }
    Table.show(
      [
        "task", "target", "algorithm", "B_crit of 1", "B_crit of 2", "1/2", "z", "1 in 2", "2 in 1",
      ],
      replicates.targets.map { target in
        [
          target.question.taskVariant?.description ?? "", target.question.target?.text ?? "",
          target.question.algorithm?.rawValue ?? "", Format.interval(target.first),
          Format.interval(target.second), Format.number(ratio(target)), Format.number(target.z),
          target.isFirstInSecond ? "yes" : "no", target.isSecondInFirst ? "yes" : "no",
        ]
      }, left: [0, 1, 2])
    if let share = replicates.insideShare, let expected = replicates.expectedShare,
      let deviation = replicates.rootMeanSquare,
      let expectedDeviation = replicates.expectedRootMeanSquare
    {
      standardOutput(
        "\(replicates.inside) of \(2 * replicates.targets.count) values (\(percent(share))) lie inside"
          + " the other study's 95 % interval; \(percent(expected)) are expected if the intervals are"
          + " correct. The rms of z is \(Format.number(deviation)); \(Format.number(expectedDeviation)) is expected"
      )
    }
    showChanges(replicates)
  }

  private static func showChanges(_ replicates: Replicates) {
    let flips = replicates.flips
    standardOutput(
      "fitted in one and rejected in the other: \(flips.count) of"
        + " \(Format.counted(replicates.questions, "target"))\(list(flips))")
    let others = replicates.changes.filter { !$0.isFlip }
    guard !others.isEmpty else { return }
    standardOutput("other differences in verdict: \(others.count)\(list(others))")
  }

  /// Names the targets with both verdicts.
  private static func list(_ changes: [VerdictChange]) -> String {
    let names = changes.map { change in
      let question = [change.question.taskVariant?.description, change.question.target?.text]
        .compactMap(\.self)
      return "\(question.joined(separator: " to ").cleanLine)"
        + " (\(change.first.rawValue), \(change.second.rawValue))"
    }
    return names.isEmpty ? "" : ": \(names.joined(separator: ", "))"
  }

  private static func words(_ side: Replicates.Side) -> String {
    "\(side.study.cleanLine) (seed \(side.seed))"
  }

  private static func note(_ first: Replicates.Side, _ second: Replicates.Side) -> String {
    first.numerics == second.numerics
      ? ""
      : ". They were measured with versions \(first.numerics) and \(second.numerics) of the numerics,"
        + " so differences may come from either the seed or the numerics"
  }

  private static func ratio(_ target: ReplicatedTarget) -> Double? {
    target.first.value.flatMap { first in target.second.value.map { first / $0 } }
  }

  private static func percent(_ share: Double) -> String {
    "\(Format.shortest((100 * share).rounded())) %"
  }
}
