import Analysis
import Records

extension StudyReport {
  /// The tag that identifies a page of a report.
  private static let mark = #"<meta name="generator" content="BatchLab">"#

  /// Whether a text is a page of a report, so that a newer page may replace it.
  public static func isPage(_ text: String) -> Bool { text.prefix(200).contains(mark) }

  /// A single HTML document that loads nothing.
  ///
  /// - Parameter seconds: The interval at which the page reloads; `nil` if it never does.
  public func page(reloadingAfter seconds: Int?) -> String {
    let title = Element.escaped("BatchLab: \(sources.map(\.name).joined(separator: ", "))")
    let reload = seconds.map { " data-reload=\"\($0)\"" } ?? ""
    let notice = seconds.map {
      "<p class=\"hint\">This page reloads every \($0) s while it is visible, but not while you "
        + "use the pointer or a control has the keyboard focus.</p>"
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
      \(Self.resource(PackageResources.page_css))
      </style>
      <noscript><style>.target[hidden],.axis[hidden]{display:block!important}</style></noscript>
      </head>
      <body\(reload)>
      <header>
      <h1>\(title)</h1>
      <p>\(Element.escaped(state))</p>
      \(notice ?? "")
      \(Self.resource(PackageResources.terms_html))
      \(controls)
      </header>
      <main>
      \(overview)
      \(acrossTasks)
      \(alongSettings)
      \(tasks.map { variants(beginningWith: $0) + section($0) }.joined(separator: "\n"))
      \(background)
      </main>
      <div id="tip" role="tooltip" hidden></div>
      <script type="text/plain" id="figure-style">\(Style.standalone)</script>
      <script type="application/json" id="fits">\(embeddedDocument)</script>
      <script type="text/csv" id="batches">\(batchTable)</script>
      <script>
      \(Self.resource(PackageResources.page_js))
      </script>
      </body>
      </html>

      """
  }

  /// The text of a file in Resources. These files are part of the program, so that it can be moved
  /// anywhere.
  private static func resource(_ bytes: [UInt8]) -> String {
    // A file ends with a line break, which the page adds.
    String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  /// The size of each source, and the progress of each study.
  private var state: String {
    let words = sources.map { source in
      let size =
        source.plan == nil
        ? Format.counted(source.groups.reduce(0) { $0 + $1.count }, "run") + " of a table"
        : Format.counted(source.trials.count, "trial")
      return "\(source.name): \(size), \(Self.state(source))"
    }
    return words.joined(separator: "; ") + "."
  }

  private static func state(_ source: ReportedSource) -> String {
    guard let digest = source.digest?.prefix(16) else { return "not finished" }
    guard source.plan != nil else { return "SHA-256 \(digest)" }
    let state =
      switch source.openCells {
      case nil: "sealed"
      case 0?: "finished"
      case let open?: "sealed with \(Format.counted(open, "cell")) unfinished"
      }
    return "\(state), digest \(digest)"
  }

  private var controls: String {
    guard tasks.count > 1 else { return "" }
    let boxes = tasks.map { task in
      """
      <label><input type="checkbox" checked data-toggles="\(Element.escaped(task.identifier))">\
      \(Self.key(task)) \(Element.escaped(task.title))</label>
      """
    }
    return "<fieldset><legend>Tasks shown</legend>\(boxes.joined())</fieldset>"
  }

  /// The mark of a task in the figures.
  static func key(_ task: TaskReport) -> String {
    let shape = Mark.outline(task.shape, at: Point(x: 8, y: 8), style: "shape", size: 5.5)
    return """
      <svg class="figure key" viewBox="0 0 16 16" aria-hidden="true"><g class="\(task.style)">\
      \(shape.markup(in: .page))</g></svg>
      """
  }
}
