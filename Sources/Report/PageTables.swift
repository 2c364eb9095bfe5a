import Analysis
import Foundation
import Records

extension StudyReport {
  /// A table with a row for each target, which the reader can sort.
  var overview: String {
    guard !tasks.isEmpty else {
      return "<section><h2>Overview</h2><p>No trial is finished yet.</p></section>"
    }
    let targets = tasks.flatMap { task in task.targets.indices.map { (task, $0) } }
    // Tables of runs have neither predictions nor times.
    let columns = Self.columns.filter { column in
      targets.contains { column.cell($0.targets[$1]) != Self.nothing }
    }
    let head = (["task"] + columns.map(\.heading)).map { heading in
      """
      <th scope="col"\(heading == "verdict" ? " class=\"word\"" : "")>\
      <button type="button">\(heading)</button></th>
      """
    }
    let predicted =
      columns.contains { $0.heading == "predicted" }
      ? "“Predicted” is the critical batch that the gradient noise scale predicts, with the interval "
        + "of the noise scale. “Likely” is a 95 % prediction interval for B_crit, based on "
        + "other games of the reference studies. " : ""
    let expected =
      columns.contains { $0.heading == "B_crit of expected cost" }
      ? "B_crit is that of the typical run, with geometric means over seeds; “B_crit of expected "
        + "cost” uses arithmetic means. " : ""
    let rows = targets.map { row($0, $1, columns.map(\.cell)) }
    return """
      <section id="overview"><h2>Overview</h2>
      <p>To reach a target, a run makes S updates, one after another, and takes E observations. \
      S_min is the limit of S at very large batches, E_min that of E at very small ones. At the \
      critical batch B_crit = E_min/S_min, a run takes 2 S_min updates and 2 E_min observations. \
      \(expected)\(predicted)Brackets are 95 % \
      intervals; if the runs don't determine a value, a bound is given. Click a heading to \
      sort.</p>
      <p class="hint further" hidden>Scroll sideways to see the rest of the table.</p>
      <div class="scroll table" tabindex="0" role="region" aria-label="Overview of all targets">
      <table id="targets"><thead><tr>\(head.joined())</tr></thead><tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      <p class="downloads">Download
      <button type="button" data-saves="batches" data-as="batches.csv">batches as CSV</button>
      <button type="button" data-saves="fits" data-as="fits.json">fits and comparison as JSON</button>
      </p></section>
      """
  }

  private func row(
    _ task: TaskReport, _ index: Int, _ cells: [(TargetReport) -> String]
  ) -> String {
    let name = Element.escaped(task.identifier)
    let link = """
      <a href="#task-\(name)" data-place="\(index)">\(Element.escaped(task.title))</a>
      """
    return """
      <tr data-task="\(name)" data-place="\(index)"><th scope="row">\(link)</th>\
      \(cells.map { $0(task.targets[index]) }.joined())</tr>
      """
  }

  /// What the table says of a target, after the task.
  private static let columns: [(heading: String, cell: @Sendable (TargetReport) -> String)] = [
    ("target", { number($0.report.question.target?.value, $0.name) }),
    ("B_crit", { estimate($0.report.criticalBatch) }),
    ("B_crit of expected cost", { estimate($0.report.expected?.criticalBatch) }),
    ("verdict", { "<td class=\"word\">\($0.report.verdict.rawValue)</td>" }),
    ("predicted", { estimate($0.compared.predictedBatch) }),
    ("likely", { band($0.compared.likelyBatch) }),
    ("predicted/B_crit", { number($0.compared.logRatio.map { pow(10, $0) }) }),
    ("S_min", { estimate($0.report.minimumUpdates) }),
    ("E_min", { estimate($0.report.minimumObservations) }),
    ("soonest batch", { count($0.report.advice?.soonest.batch) }),
    ("seconds", { number($0.report.advice?.soonest.seconds) }),
    ("batches", { count($0.report.batches) }),
    ("seeds", { count($0.report.seeds) }),
    ("censored", { count($0.report.censored) }),
  ]

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

  private static let nothing = "<td data-value=\"\">–</td>"

  private static func number(_ value: Double?, _ text: String? = nil) -> String {
    guard let value else {
      return (text ?? "").isEmpty
        ? nothing : "<td data-value=\"\">\(Element.escaped(text ?? ""))</td>"
    }
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

  private static func band(_ band: PredictionBand?) -> String {
    guard let band, let low = band.low else {
      return band == nil ? nothing : number(nil, Format.band(band))
    }
    return "<td data-value=\"\(low)\">\(Element.escaped(Format.band(band)))</td>"
  }

  /// The plans, and where and with which software the trials ran.
  var background: String {
    let plans = sources.enumerated().compactMap { index, source in
      source.plan.map { plan in
        """
        <details><summary>Plan of \(Element.escaped(source.name))</summary>
        <pre id="plan-\(index)" tabindex="0">\(Element.escaped(plan))</pre>
        <p class="downloads"><button type="button" data-saves="plan-\(index)" \
        data-as="plan.yaml">plan as YAML</button></p></details>
        """
      }
    }
    return """
      <section id="background"><h2>\(plans.isEmpty ? "Provenance" : "Plan and provenance")</h2>
      \(plans.joined(separator: "\n"))
      \(sources.map(provenance).joined(separator: "\n"))
      <p>The intervals of S_min, E_min, B_crit and exponents come from the residuals of the fits, those of \
      noise scales from the scatter of batches or of runs, and “likely” ones from the scatter of the reference \
      studies; those of scores, correlations and adaptive batches come from \
      \(Format.grouped(comparison.bootstrap.resamples)) bootstrap resamples with seed \
      \(comparison.bootstrap.seed).</p></section>
      """
  }

  private func provenance(_ source: ReportedSource) -> String {
    var facts: [(String, String)] = []
    if source.plan == nil {
      facts.append(("SHA-256 of the table", source.digest ?? ""))
    } else {
      facts.append(("digest", source.digest ?? "none, because the study is not sealed"))
      facts += machine(source) + cost(source)
    }
    let rows = facts.map { name, value in
      "<tr><th scope=\"row\">\(name)</th><td>\(Element.escaped(value))</td></tr>"
    }
    return """
      <table class="facts"><caption>\(Element.escaped(source.name))</caption><tbody>\
      \(rows.joined())</tbody></table>
      """
  }

  /// With which software, and where, a study's trials ran.
  private func machine(_ study: ReportedSource) -> [(String, String)] {
    let origins = study.trials.flatMap(\.rows).map(\.measured.provenance)
    let columns: [(String, KeyPath<Provenance, String>)] = [
      ("BatchLab", \.version), ("revision", \.revision), ("Swift", \.swift), ("host", \.host),
      ("processor", \.cpu), ("OpenBLAS", \.openblas), ("C library", \.libc),
    ]
    return columns.map { name, column in
      (name, Set(origins.map { $0[keyPath: column] }).sorted().joined(separator: "; "))
    }
  }

  private func cost(_ study: ReportedSource) -> [(String, String)] {
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
