import Analysis
import Records

extension StudyReport {
  /// A task: its slider, and for each target what is known in words and the figures.
  func section(_ subject: Subject) -> String {
    let (name, title) = (Element.escaped(subject.name), Element.escaped(subject.title))
    let aims = subject.aims.enumerated().map { index, aim in
      let figures = Figure.all(subject, aim).map(\.framed).joined(separator: "\n")
      return """
        <div class="target" data-place="\(index)" data-target="\(Element.escaped(aim.target))"\
        \(index == subject.first ? "" : " hidden")>
        <p class="verdict">\(Element.escaped(subject.sentence(aim)))</p>
        <div class="figures">
        \(figures)
        </div>
        \(Self.adaptive(aim.report))
        </div>
        """
    }
    return """
      <section class="task" id="task-\(name)" data-subject="\(name)">
      <h2>\(Self.key(subject)) \(title)</h2>
      \(slider(subject))
      \(aims.joined(separator: "\n"))
      </section>
      """
  }

  private func slider(_ subject: Subject) -> String {
    let name = Element.escaped(subject.name)
    let target = Element.escaped(subject.aims[subject.first].target)
    guard subject.aims.count > 1 else { return "<p>Target \(target)</p>" }
    return """
      <p class="slider"><label for="slider-\(name)">Target</label>
      <input type="range" id="slider-\(name)" min="0" max="\(subject.aims.count - 1)" step="1" \
      value="\(subject.first)" aria-valuetext="\(target)">
      <output for="slider-\(name)">\(target)</output></p>
      """
  }

  private static let choice =
    "<p class=\"hint\">The sliders choose which target of each task stands out here; numbers and lines stay.</p>"

  /// The figures over tasks.
  var acrossTasks: String {
    guard !comparison.comparisons.isEmpty else { return "" }
    let parts = comparison.comparisons.map { algorithm in
      let name = Element.escaped(Subject.fileName(algorithm.name))
      let axes = knownAxes(algorithm)
      let options = axes.map {
        "<option value=\"\($0.axis.rawValue)\">\(Element.escaped($0.axis.words))</option>"
      }
      let figures = axes.enumerated().map { index, axis in
        """
        <div class="axis" data-place="\(axis.axis.rawValue)"\(index == 0 ? "" : " hidden")>\
        \(Figure.complexity(algorithm, axis, subjects).framed)</div>
        """
      }
      let complexity = """
        <div class="axes"><p class="slider"><label for="axis-\(name)">Complexity measured by</label>
        <select id="axis-\(name)">\(options.joined())</select></p>
        \(figures.joined(separator: "\n"))</div>
        """
      return """
        <div class="figures">
        <div>\(Figure.prediction(algorithm, subjects).framed)</div>
        \(axes.isEmpty ? "" : complexity)
        </div>
        """
    }
    return """
      <section id="tasks"><h2>Over tasks</h2>
      \(subjects.contains { $0.aims.count(where: \.isFitted) > 1 } ? Self.choice : "")
      \(parts.joined(separator: "\n"))</section>
      """
  }
}

extension Figure {
  /// The figure with its caption and its download.
  fileprivate var framed: String {
    let name = Element.escaped(name)
    return """
      <figure><div class="scroll">\(inPage)</div>
      <figcaption><span>\(Element.escaped(caption))</span> \
      <button type="button" data-download="\(name)" \
      aria-label="Download as SVG: \(Element.escaped(title))">SVG</button></figcaption></figure>
      """
  }
}

extension Subject {
  /// What is known of a target, in words.
  func sentence(_ aim: Aim) -> String {
    let report = aim.report
    var words = "Target \(aim.target): \(report.verdict.rawValue). "
    if let reason = report.reason { words += sentenceCase(reason) + ". " }
    if let critical = report.criticalBatch {
      words +=
        "Critical batch \(Format.interval(critical)) observations; S_min \(Format.interval(report.minimumUpdates)) "
        + "updates, E_min \(Format.interval(report.minimumObservations)) observations. "
    }
    if let predicted = aim.compared.predictedBatch {
      words += "The noise scale predicts \(Format.interval(predicted)). "
    }
    if let advice = aim.report.advice {
      words +=
        "On \(advice.cpu), one lane: batch \(Format.grouped(advice.soonest.batch)) "
        + "is soonest, in \(Format.number(advice.soonest.seconds)) s"
        + (advice.cheapest == advice.soonest
          ? "; none is cheaper within twice the time. "
          : "; \(Format.grouped(advice.cheapest.batch)) takes "
            + "\(Format.number(advice.cheapest.seconds)) s and the fewest observations within "
            + "twice the time. ")
    }
    words += aim.leftOut
    words += "Batches: \(report.batches), seeds: \(report.seeds)"
    if report.censored > 0 { words += ", censored runs: \(report.censored)" }
    if !report.setAside.isEmpty {
      words += "; set aside as outliers: \(report.outliers)"
    }
    return words + "."
  }

  private func sentenceCase(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}
