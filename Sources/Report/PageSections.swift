import Analysis

extension StudyReport {
  /// The section of a task: its slider, and for each target the result in words and the figures.
  func section(_ task: TaskReport) -> String {
    let (name, title) = (Element.escaped(task.identifier), Element.escaped(task.title))
    let targets = task.targets.enumerated().map { index, target in
      let figures = Figure.all(task, target).map(\.framed).joined(separator: "\n")
      return """
        <div class="target" data-place="\(index)" data-target="\(Element.escaped(target.name))"\
        \(index == task.first ? "" : " hidden")>
        <p class="verdict">\(Element.escaped(task.sentence(target)))</p>
        <div class="figures">
        \(figures)
        </div>
        \(Self.adaptive(target.report))
        </div>
        """
    }
    return """
      <section class="task" id="task-\(name)" data-task="\(name)">
      <h2>\(Self.key(task)) \(title)</h2>
      \(slider(task))
      \(targets.joined(separator: "\n"))
      </section>
      """
  }

  private func slider(_ task: TaskReport) -> String {
    let name = Element.escaped(task.identifier)
    let target = Element.escaped(task.targets[task.first].name)
    guard task.targets.count > 1 else {
      return target.isEmpty ? "" : "<p>Target \(target)</p>"
    }
    return """
      <p class="slider"><label for="slider-\(name)">Target</label>
      <input type="range" id="slider-\(name)" min="0" max="\(task.targets.count - 1)" step="1" \
      value="\(task.first)" aria-valuetext="\(target)">
      <output for="slider-\(name)">\(target)</output></p>
      """
  }

  private static let choice = """
    <p class="hint">The sliders in the sections below choose which target of a task is highlighted \
    here. The numbers and lines don't change.</p>
    """

  /// The figures that compare tasks.
  var acrossTasks: String {
    let parts = comparison.comparisons.compactMap { training -> String? in
      let name = Element.escaped(TaskReport.fileName(training.name))
      let axes = knownAxes(training)
      let options = axes.map {
        "<option value=\"\($0.axis.rawValue)\">\(Element.escaped($0.axis.words))</option>"
      }
      let figures = axes.enumerated().map { index, axis in
        """
        <div class="axis" data-place="\(axis.axis.rawValue)"\(index == 0 ? "" : " hidden")>\
        \(Figure.complexity(training, axis, tasks).framed)</div>
        """
      }
      let complexity = """
        <div class="axes"><p class="slider"><label for="axis-\(name)">Complexity measured by</label>
        <select id="axis-\(name)">\(options.joined())</select></p>
        \(figures.joined(separator: "\n"))</div>
        """
      let prediction =
        training.training == nil
        ? "" : "<div>\(Figure.prediction(training, tasks).framed)</div>"
      guard !prediction.isEmpty || !axes.isEmpty else { return nil }
      return """
        <div class="figures">
        \(prediction)
        \(axes.isEmpty ? "" : complexity)
        </div>
        \(scores(training))
        """
    }
    guard !parts.isEmpty else { return "" }
    return """
      <section id="tasks"><h2>Across tasks</h2>
      \(tasks.contains { $0.targets.count(where: \.isFitted) > 1 } ? Self.choice : "")
      \(parts.joined(separator: "\n"))</section>
      """
  }
}

extension Figure {
  /// The figure with its caption and a button that downloads it.
  var framed: String {
    let name = Element.escaped(name)
    return """
      <figure><div class="scroll">\(inPage)</div>
      <figcaption><span>\(Element.escaped(caption))</span> \
      <button type="button" data-download="\(name)" \
      aria-label="Download as SVG: \(Element.escaped(title))">SVG</button></figcaption></figure>
      """
  }
}
