import Analysis
import Records

extension StudyReport {
  /// A comparison of the variants of a task, before the sections of the variants; empty unless the
  /// report is the first of several variants.
  func variants(beginningWith first: TaskReport) -> String {
    guard let group = VariantGroup(beginningWith: first, among: tasks) else { return "" }
    let name = Element.escaped(group.identifier)
    let names = group.variants.map { variant in
      "<li>\(Self.key(variant)) <a href=\"#task-\(Element.escaped(variant.identifier))\">"
        + "\(Element.escaped(VariantGroup.name(variant)))</a></li>"
    }
    return """
      <section class="variants" id="variants-\(name)">
      <h2>Variants of \(Element.escaped(group.task))</h2>
      <ul class="variants">\(names.joined())</ul>
      <div class="figures">
      \(Figure.variants(group).framed)
      </div></section>
      """
  }

  /// The relations along the settings in which variants differ; empty without variants.
  var alongSettings: String {
    let parts = comparison.along.filter { !$0.relations.isEmpty }.map { along in
      let setting = Element.escaped(along.setting)
      let areExponents = along.relations.allSatisfy { $0.value == nil }
      let headings =
        ["quantity"]
        + (areExponents
          ? ["exponent"] : ["value", "over \(along.relations[0].reference ?? "")"])
        + ["series", "games"]
      let rows = along.relations.map { relation in
        let cells =
          (areExponents ? [] : [relation.value ?? ""])
          + [Format.interval(relation.effect), "\(relation.series)", "\(relation.games)"]
        return "<tr><th scope=\"row\">\(Element.escaped(relation.quantity.words))</th>"
          + cells.map { "<td>\(Element.escaped($0))</td>" }.joined() + "</tr>"
      }
      return """
        <div class="scroll" tabindex="0" role="region" aria-label="Along \(setting)">
        <table class="adaptive"><caption>Along \(setting), at equal targets</caption><thead><tr>\
        \(headings.map { "<th scope=\"col\">\(Element.escaped($0))</th>" }.joined())</tr></thead><tbody>
        \(rows.joined(separator: "\n"))
        </tbody></table></div>
        """
    }
    guard !parts.isEmpty else { return "" }
    return """
      <section id="along"><h2>Along settings</h2>
      <p>Questions that differ in only one setting form a series; their task and target are the same. If all \
      values of the setting are positive numbers, as the numbers of weights (“parameters”) are, the table has the \
      exponent a of a quantity ∝ setting<sup>a</sup>; otherwise it has ratios to the value in the heading. Each game \
      counts once, with the mean over its series. Brackets are 95 % intervals of the mean over games; several series \
      of a single game have none.</p>
      \(parts.joined(separator: "\n"))</section>
      """
  }
}
