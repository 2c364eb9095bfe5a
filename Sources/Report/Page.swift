import Records

extension StudyReport {
  /// By which a page is known for one.
  private static let mark = #"<meta name="generator" content="BatchLab">"#

  /// Whether a text is a page of a report, which a newer one may replace.
  public static func isPage(_ text: String) -> Bool { text.prefix(200).contains(mark) }

  /// One HTML document with everything in it; it loads nothing.
  ///
  /// - Parameter seconds: after which its script reads it again; `nil`: never.
  public func page(reloadingAfter seconds: Int?) -> String {
    let title = Element.escaped("BatchLab: \(studies.map(\.name).joined(separator: ", "))")
    let reload = seconds.map { " data-reload=\"\($0)\"" } ?? ""
    let notice = seconds.map {
      "<p class=\"hint\">This page reads itself again every \($0) s while it is seen, but not while "
        + "a control has the keyboard focus or a pointer is used.</p>"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      \(Self.mark)
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style>
      \(Style.page)
      \(PageStyle.rules)
      </style>
      <noscript><style>.target[hidden],.axis[hidden]{display:block!important}</style></noscript>
      </head>
      <body\(reload)>
      <header>
      <h1>\(title)</h1>
      <p>\(Element.escaped(state))</p>
      \(notice ?? "")
      \(controls)
      </header>
      <main>
      \(overview)
      \(acrossTasks)
      \(subjects.map(section).joined(separator: "\n"))
      \(background)
      </main>
      <div id="tip" role="tooltip" hidden></div>
      <script type="text/plain" id="figure-style">\(Style.standalone)</script>
      <script type="application/json" id="fits">\(embeddedDocument)</script>
      <script type="text/csv" id="batches">\(batchTable)</script>
      <script>
      \(PageScript.text)
      </script>
      </body>
      </html>

      """
  }

  /// How far the studies are.
  private var state: String {
    let trials = studies.map { study in
      "\(study.name): \(Format.counted(study.trials.count, "trial")), \(Self.state(study))"
    }
    return trials.joined(separator: "; ") + "."
  }

  private static func state(_ study: ReportedStudy) -> String {
    guard let digest = study.digest?.prefix(16) else { return "not finished" }
    let state =
      switch study.openCells {
      case nil: "sealed"
      case 0?: "finished"
      case let open?: "sealed, \(Format.counted(open, "cell")) open"
      }
    return "\(state), digest \(digest)"
  }

  private var controls: String {
    guard subjects.count > 1 else { return "" }
    let boxes = subjects.map { subject in
      """
      <label><input type="checkbox" checked data-toggles="\(Element.escaped(subject.name))">\
      \(Self.key(subject)) \(Element.escaped(subject.title))</label>
      """
    }
    return "<fieldset><legend>Tasks shown</legend>\(boxes.joined())</fieldset>"
  }

  /// The mark of a task as it stands in the figures.
  static func key(_ subject: Subject) -> String {
    let shape = Mark.outline(subject.shape, at: Point(x: 8, y: 8), style: "shape", size: 5.5)
    return """
      <svg class="figure key" viewBox="0 0 16 16" aria-hidden="true"><g class="\(subject.style)">\
      \(shape.markup(in: .page))</g></svg>
      """
  }
}
