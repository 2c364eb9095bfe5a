extension SettingsTable {
  /// Every setting as a row of a Markdown table.
  public var reference: String {
    let head = ["plan", "option", "column", "value", "default", "of", "meaning"]
    let rows = all.map { setting in
      [
        setting.path.map(code) ?? "–", setting.commands == .none ? "–" : code(setting.flag),
        setting.column.isEmpty ? "–" : code(setting.column), setting.form,
        setting.standardWords.isEmpty ? "none" : setting.standardWords,
        setting.owners.isEmpty ? "all" : setting.owners,
        setting.sentence,
      ]
    }
    return ([head, head.map { _ in "---" }] + rows)
      .map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }
}

extension AnySetting {
  /// Its path in a plan, such as `algorithm.ppo.clip-coef`, with `NAME` if it belongs to every
  /// algorithm; `nil` if plans can't set it.
  fileprivate var path: String? {
    guard isOfAlgorithm else { return key }
    return key.map { "algorithm.\(owners.isEmpty ? "NAME" : owners).\($0)" }
  }
}

private func code(_ text: String) -> String { "`\(text)`" }
