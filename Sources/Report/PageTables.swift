import Analysis
import Foundation
import Records

extension StudyReport {
  /// One row for each target, sortable by each column.
  var overview: String {
    guard !subjects.isEmpty else {
      return "<section><h2>Overview</h2><p>No trial is finished yet.</p></section>"
    }
    let headings = [
      "task", "target", "B_crit", "verdict", "predicted", "predicted/B_crit", "S_min", "E_min",
      "soonest batch", "seconds", "batches", "seeds", "censored",
    ]
    let head = headings.map {
      "<th scope=\"col\"><button type=\"button\">\($0)</button></th>"
    }
    return """
      <section id="overview"><h2>Overview</h2>
      <p>S: updates to the target, one after another. E: observations to the target. \
      S_min and E_min: the fewest of each. B_crit = E_min/S_min: the critical batch, at which a run \
      takes twice both; predicted: the same by the gradient noise scale. Brackets hold 95 %; a bound \
      stands where the runs determine no more. A button in the heading sorts.</p>
      <p class="hint further" hidden>The table goes on to the right: scroll it sideways.</p>
      <div class="scroll table" tabindex="0" role="region" aria-label="Overview of all targets">
      <table id="targets"><thead><tr>\(head.joined())</tr></thead><tbody>
      \(subjects.flatMap(rows).joined(separator: "\n"))
      </tbody></table></div>
      <p class="downloads">Download
      <button type="button" data-saves="batches" data-as="batches.csv">batches as CSV</button>
      <button type="button" data-saves="fits" data-as="fits.json">fits and comparison as JSON</button>
      </p></section>
      """
  }

  private func rows(_ subject: Subject) -> [String] {
    subject.aims.enumerated().map { index, aim in
      let report = aim.report
      let name = Element.escaped(subject.name)
      let ratio = aim.compared.logRatio.map { pow(10, $0) }
      let link = """
        <a href="#task-\(name)" data-place="\(index)">\(Element.escaped(subject.title))</a>
        """
      let cells = [
        Self.number(aim.report.question.target?.value, aim.target),
        Self.estimate(report.criticalBatch), "<td>\(report.verdict.rawValue)</td>",
        Self.estimate(aim.compared.predictedBatch), Self.number(ratio),
        Self.estimate(report.minimumUpdates), Self.estimate(report.minimumObservations),
        Self.count(aim.report.advice?.soonest.batch),
        Self.number(aim.report.advice?.soonest.seconds), Self.count(report.batches),
        Self.count(report.seeds), Self.count(report.censored),
      ]
      return """
        <tr data-subject="\(name)" data-place="\(index)"><th scope="row">\(link)</th>\
        \(cells.joined())</tr>
        """
    }
  }

  /// Batches that follow the noise scale, against the front of the fixed ones; empty without any.
  static func adaptive(_ report: FitReport) -> String {
    guard !report.adaptive.results.isEmpty else { return "" }
    let headings = [
      "exchange rate", "S updates", "E observations", "reached", "(S/S_min − 1)(E/E_min − 1)",
      "predicted γ",
    ]
    let rows = report.adaptive.results.map { result in
      let cells = [
        Format.interval(result.updates), Format.interval(result.observations),
        "\(result.runs - result.censored)/\(result.runs)"
          + (result.setAside > 0 ? ", \(result.setAside) set aside" : ""),
        Format.interval(result.frontProduct), Format.number(report.adaptive.predictedGain),
      ]
      return "<tr><th scope=\"row\">\(Format.number(result.exchangeRate))</th>"
        + cells.map { "<td>\(Element.escaped($0))</td>" }.joined() + "</tr>"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="Adaptive batches">
      <table class="adaptive"><caption>Batches that follow the noise scale</caption><thead><tr>\
      \(headings.map { "<th scope=\"col\">\($0)</th>" }.joined())</tr></thead><tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      <p>The exchange rate is in observations an update. 1 is the front of fixed batches; less is \
      better than any of them.</p>
      """
  }

  private static func number(_ value: Double?, _ text: String? = nil) -> String {
    guard let value else { return "<td data-value=\"\">–</td>" }
    return "<td data-value=\"\(value)\">\(Element.escaped(text ?? Format.number(value)))</td>"
  }

  private static func count(_ value: Int?) -> String {
    number(value.map(Double.init), value.map { Format.grouped($0) })
  }

  private static func estimate(_ estimate: Estimate?) -> String {
    let value = (estimate?.value ?? estimate?.low ?? estimate?.high).map { "\($0)" } ?? ""
    // A line may break in front of an interval, on paper, and not within.
    let words = Format.interval(estimate).replacing(", ", with: ",\u{A0}")
    return "<td data-value=\"\(value)\">\(Element.escaped(words))</td>"
  }

  /// Plans, and where and with what the trials ran.
  var background: String {
    let plans = studies.enumerated().map { index, study in
      """
      <details><summary>Plan of \(Element.escaped(study.name))</summary>
      <pre id="plan-\(index)" tabindex="0">\(Element.escaped(study.plan))</pre>
      <p class="downloads"><button type="button" data-saves="plan-\(index)" \
      data-as="plan.yaml">plan as YAML</button></p></details>
      """
    }
    return """
      <section id="background"><h2>Plan and provenance</h2>
      \(plans.joined(separator: "\n"))
      \(studies.map(provenance).joined(separator: "\n"))
      <p>Intervals come from \(Format.grouped(comparison.bootstrap.resamples)) resamples of the generator seed \
      \(comparison.bootstrap.seed).</p></section>
      """
  }

  private func provenance(_ study: ReportedStudy) -> String {
    let sources = study.trials.flatMap(\.rows).map(\.measured.provenance)
    let columns: [(String, KeyPath<Provenance, String>)] = [
      ("BatchLab", \.version), ("revision", \.revision), ("Swift", \.swift), ("host", \.host),
      ("processor", \.cpu), ("OpenBLAS", \.openblas), ("C library", \.libc),
    ]
    var facts = [("digest", study.digest ?? "none: not finished")]
    for (name, column) in columns {
      let values = Set(sources.map { $0[keyPath: column] }).sorted()
      facts.append((name, values.joined(separator: "; ")))
    }
    facts += cost(study)
    let rows = facts.map { name, value in
      "<tr><th scope=\"row\">\(name)</th><td>\(Element.escaped(value))</td></tr>"
    }
    return """
      <table class="facts"><caption>\(Element.escaped(study.name))</caption><tbody>\
      \(rows.joined())</tbody></table>
      """
  }

  private func cost(_ study: ReportedStudy) -> [(String, String)] {
    guard let all = StudyCost.costs(of: study.trials).last else { return [] }
    func words(_ part: StudyCost.Part) -> String {
      "\(Format.grouped(part.trials)) trials, "
        + "\(Format.number(Double(part.observations))) observations, "
        + "\(Format.number(part.seconds)) s of one lane"
    }
    return [
      ("search for learning rates", words(all.search)),
      ("measurement", words(all.measurement)),
      ("evaluation of both", words(all.evaluation)),
    ]
  }
}
