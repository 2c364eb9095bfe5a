internal import Analysis
internal import Environments
internal import Lab
internal import Learning
internal import Records

/// Prints what is compared along a setting.
enum SettingTables {
  static func show(_ comparison: SettingComparison) {
    let setting = comparison.setting
    guard !comparison.points.isEmpty else {
      return standardOutput(
        "\nAlong \(setting): no target was measured at two values with all other settings"
          + " the same")
    }
    standardOutput("\nAlong \(setting), at equal targets")
    let weights = Dictionary(grouping: comparison.points, by: \.question.task).values
    let namesWeights =
      setting != SettingAxis.parameters.name
      && weights.contains { Set($0.map(\.parameters)).count > 1 }
    let namesOthers = comparison.points.contains { $0.others != nil }
    Table.show(
      ["task", "target"] + (namesOthers ? ["other settings"] : []) + [setting]
        + (namesWeights ? ["weights"] : [])
        + ["verdict", "B_crit", "noise scale", "noise scale/B_crit", "S_min", "E_min"],
      comparison.points.map { point in
        let start: [any TableCell] = [
          point.question.task ?? "", point.question.target?.text ?? "",
        ]
        let end: [any TableCell] = [
          point.verdict, Format.interval(point.criticalBatch), Format.interval(point.noiseScale),
          Format.number(point.quotient), Format.interval(point.minimumUpdates),
          Format.interval(point.minimumObservations),
        ]
        return start + (namesOthers ? [point.others ?? ""] : []) + [point.value]
          + (namesWeights ? [point.parameters.map(Format.grouped) ?? "–"] : []) + end
      }, left: namesOthers ? [0, 1, 2, 3] : [0, 1, 2])
    showExponents(comparison)
    showRelations(comparison)
  }

  private static func showExponents(_ comparison: SettingComparison) {
    guard !comparison.exponents.isEmpty else { return }
    standardOutput("\nExponents a of \(comparison.setting)^a")
    let namesOthers = comparison.exponents.contains { $0.others != nil }
    Table.show(
      ["task", "target"] + (namesOthers ? ["other settings"] : []) + ["B_crit", "noise scale"],
      comparison.exponents.map { series in
        [series.question.task ?? "", series.question.target?.text ?? ""]
          + (namesOthers ? [series.others ?? ""] : [])
          + [Format.interval(series.criticalBatch), Format.interval(series.noiseScale)]
      }, left: namesOthers ? [0, 1, 2] : [0, 1])
  }

  private static func showRelations(_ comparison: SettingComparison) {
    let relations = comparison.relations
    guard !relations.isEmpty else { return }
    let areExponents = relations.allSatisfy { $0.value == nil }
    standardOutput(
      areExponents
        ? "\nMean exponent over games"
        : "\nMean ratio over games, each value over \(relations[0].reference ?? "")")
    Table.show(
      ["quantity"] + (areExponents ? ["exponent"] : [comparison.setting, "ratio"])
        + ["series", "games"],
      relations.map { relation in
        [relation.quantity.words] + (areExponents ? [] : [relation.value ?? ""])
          + [Format.interval(relation.effect), "\(relation.series)", "\(relation.games)"]
      }, left: areExponents ? [0] : [0, 1])
    if relations.contains(where: { $0.games == 1 && $0.series > 1 }) {
      standardOutput("Several series of one game have no interval, because it needs two games")
    }
  }
}

extension FitReport {
  /// The number of weights of the network that a study trained; `nil` if it isn't known.
  var parameters: Int? {
    guard let task = question.task, let hyperparameters,
      let entry = BatchLab.catalogue[task],
      // An archive from elsewhere may hold layers that make no network.
      entry.facts.objection(to: hyperparameters.layers) == nil
    else { return nil }
    return NetworkShape(hyperparameters, for: entry).parameterCount
  }
}
