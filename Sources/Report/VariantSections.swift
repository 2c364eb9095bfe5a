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
          ? ["exponent"] : ["value", "over \(along.relations[0].reference ?? "the first")"])
        + ["targets", "games"]
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
      <p>Variants that differ in one setting only, at equal targets. Of a setting that is a number, and of \
      the number of weights (“parameters”), the table has the exponent a of a quantity ∝ setting<sup>a</sup>; of \
      other settings, the ratio to the first value. Each game counts once, with the mean over its targets; \
      brackets are 95 % intervals over games, and a single game has none.</p>
      \(parts.joined(separator: "\n"))</section>
      """
  }
}
