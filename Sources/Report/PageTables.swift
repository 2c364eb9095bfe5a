import Analysis
import Foundation
import Records

extension StudyReport {
  /// A table with a row for each target, which the reader can sort.
  var overview: String {
    guard !tasks.isEmpty else {
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
      <p>To reach a target, a run makes S updates, one after another, and takes E observations. \
      S_min is the limit of S at very large batches, E_min that of E at very small ones. At the \
      critical batch B_crit = E_min/S_min, a run takes 2 S_min updates and 2 E_min observations. \
      “Predicted” is the critical batch that the gradient noise scale predicts. Brackets are 95 % \
      intervals; if the runs don't determine a value, a bound is given. Click a heading to \
      sort.</p>
      <p class="hint further" hidden>Scroll sideways to see the rest of the table.</p>
      <div class="scroll table" tabindex="0" role="region" aria-label="Overview of all targets">
      <table id="targets"><thead><tr>\(head.joined())</tr></thead><tbody>
      \(tasks.flatMap(rows).joined(separator: "\n"))
      </tbody></table></div>
      <p class="downloads">Download
      <button type="button" data-saves="batches" data-as="batches.csv">batches as CSV</button>
      <button type="button" data-saves="fits" data-as="fits.json">fits and comparison as JSON</button>
      </p></section>
      """
  }

  private func rows(_ task: TaskReport) -> [String] {
    task.targets.enumerated().map { index, target in
      let report = target.report
      let name = Element.escaped(task.identifier)
      let ratio = target.compared.logRatio.map { pow(10, $0) }
      let link = """
        <a href="#task-\(name)" data-place="\(index)">\(Element.escaped(task.title))</a>
        """
      let cells = [
        Self.number(report.question.target?.value, target.name),
        Self.estimate(report.criticalBatch), "<td>\(report.verdict.rawValue)</td>",
        Self.estimate(target.compared.predictedBatch), Self.number(ratio),
        Self.estimate(report.minimumUpdates), Self.estimate(report.minimumObservations),
        Self.count(report.advice?.soonest.batch),
        Self.number(report.advice?.soonest.seconds), Self.count(report.batches),
        Self.count(report.seeds), Self.count(report.censored),
      ]
      return """
        <tr data-task="\(name)" data-place="\(index)"><th scope="row">\(link)</th>\
        \(cells.joined())</tr>
        """
    }
  }

  /// A table of the batches that follow the noise scale; empty if there are none.
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
      <p>The exchange rate is the number of observations that an update is worth. Every fixed \
      batch has (S/S_min − 1)(E/E_min − 1) = 1; a smaller value beats all of them.</p>
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
    // On paper, a line may break before an interval, but not within it.
    let words = Format.interval(estimate).replacing(", ", with: ",\u{A0}")
    return "<td data-value=\"\(value)\">\(Element.escaped(words))</td>"
  }

  /// The plans, and where and with which software the trials ran.
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
      <p>Intervals come from \(Format.grouped(comparison.bootstrap.resamples)) bootstrap resamples \
      with seed \(comparison.bootstrap.seed).</p></section>
      """
  }

  private func provenance(_ study: ReportedStudy) -> String {
    let sources = study.trials.flatMap(\.rows).map(\.measured.provenance)
    let columns: [(String, KeyPath<Provenance, String>)] = [
      ("BatchLab", \.version), ("revision", \.revision), ("Swift", \.swift), ("host", \.host),
      ("processor", \.cpu), ("OpenBLAS", \.openblas), ("C library", \.libc),
    ]
    var facts = [("digest", study.digest ?? "none, because the study is not sealed")]
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
      "\(Format.counted(part.trials, "trial")), "
        + "\(Format.number(Double(part.observations))) observations, "
        + "\(Format.number(part.seconds)) s, summed over trials"
    }
    return [
      ("learning-rate search", words(all.search)),
      ("measurement", words(all.measurement)),
      ("evaluation of both", words(all.evaluation)),
    ]
  }
}
