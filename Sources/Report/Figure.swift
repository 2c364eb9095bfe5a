/// A drawing with its name, title and caption.
public struct Figure: Sendable {
  /// A name for files, unique in its report.
  public let name: String
  /// One line.
  let title: String
  /// How to read the figure, and what it leaves out.
  let caption: String
  /// Width in units of the view box.
  static let width = 640.0
  let height: Double
  private let body: String
  private let standaloneBody: String

  init(name: String, title: String, caption: String, height: Double, _ elements: [Element]) {
    self.name = name
    self.title = title
    self.caption = caption
    self.height = height
    body = elements.map { $0.markup(in: .page) }.joined()
    standaloneBody = elements.map { $0.markup(in: .standalone) }.joined(separator: "\n")
  }

  private var size: String {
    "\(Element.coordinate(Self.width)) \(Element.coordinate(height))"
  }

  /// An SVG file with a white background.
  public var svg: String {
    let (title, caption) = (Element.escaped(title), Element.escaped(caption))
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" class="figure" viewBox="0 0 \(size)" \
      width="\(Element.coordinate(Self.width))" height="\(Element.coordinate(height))">
      <title>\(title)</title>
      <desc>\(caption)</desc>
      <style>
      \(Style.standalone)
      </style>
      \(standaloneBody)
      </svg>

      """
  }

  /// The figure as an element of the page, which has the styles.
  var inPage: String {
    """
    <svg class="figure" viewBox="0 0 \(size)" role="group" tabindex="0" \
    aria-label="\(Element.escaped(title))" data-name="\(Element.escaped(name))">\(body)</svg>
    """
  }
}

/// Positions of the panels of a figure.
enum Layout {
  static let left = 64.0
  private static let right = 14.0
  static let top = 34.0
  private static let below = 46.0

  /// Stacks panels that share the x axis; also returns the height of the figure.
  static func stack(_ count: Int, each height: Double, top: Double = top) -> (
    boxes: [Box], height: Double
  ) {
    let gap = 14.0
    let boxes = (0..<count).map { index in
      Box(
        x: left, y: top + Double(index) * (height + gap), width: Figure.width - left - right,
        height: height)
    }
    return (boxes, top + Double(count) * (height + gap) - gap + below)
  }

  /// Places two panels side by side, each with its own y axis.
  static func beside(height: Double, top: Double = top) -> (boxes: [Box], height: Double) {
    let width = (Figure.width - 2 * left - right - 4) / 2
    let boxes = [left, 2 * left + width + 4].map {
      Box(x: $0, y: top, width: width, height: height)
    }
    return (boxes, top + height + below)
  }
}

/// A key to the styles of lines and marks, in rows above the panels.
struct Legend {
  private(set) var elements: [Element] = []
  /// The first free y coordinate below the key.
  private(set) var bottom: Double

  /// - Parameter entries: Texts, each with a sample drawn around a point.
  init(
    _ heading: String, _ entries: [(text: String, sample: (Point) -> [Element])],
    top: Double = Layout.top
  ) {
    var place = Point(x: Layout.left, y: top)
    if !heading.isEmpty {
      elements.append(.text(heading, at: place.moved(0, 4), style: "small faint"))
      place.x += Labels.width(heading, size: 11) + 14
    }
    for entry in entries {
      let width = 30 + Labels.width(entry.text, size: 11)
      if place.x + width > Figure.width - 8, place.x > Layout.left {
        place = Point(x: Layout.left, y: place.y + 17)
      }
      elements += entry.sample(place.moved(8, 0))
      elements.append(.text(entry.text, at: place.moved(20, 4), style: "small"))
      place.x += width
    }
    bottom = place.y + 18
  }

  /// A key to batches by color, and to other marks.
  init(batches: [String], and others: [(text: String, sample: (Point) -> [Element])] = []) {
    self.init(
      "batch",
      batches.enumerated().map { index, batch in
        let style = Style.batchLine(index, of: batches.count)
        let shape = Style.batchShape(index, of: batches.count)
        return (
          batch,
          { at in
            // All batches have circles if there are enough colors.
            [.line("curve \(style)", at.moved(-8, 0), at.moved(8, 0))]
              + (shape == .circle ? [] : [.batchMark(shape, style, at)])
          }
        )
      } + others)
  }
}

extension Element {
  fileprivate static func batchMark(_ shape: Mark.Shape, _ style: String, _ at: Point) -> Element {
    .group(style, [Mark.outline(shape, at: at, style: "shape", size: 4)])
  }
}
