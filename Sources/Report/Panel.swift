/// A plot: a rectangle with two axes.
struct Panel {
  let box: Box
  let x: Axis
  let y: Axis
  /// The identifier of the clip path of the rectangle.
  private let clip: String

  /// - Parameter name: A name that is unique in the page.
  init(_ box: Box, x: Axis, y: Axis, name: String) {
    self.box = box
    self.x = x
    self.y = y
    clip = "clip-\(name)"
  }

  func place(_ x: Double, _ y: Double) -> Point {
    Point(
      x: box.x + self.x.share(x) * box.width, y: box.bottom - self.y.share(y) * box.height)
  }

  /// Grid, frame, ticks and titles. In a stack only the lowest panel shows the x axis.
  func axes(showsX: Bool = true, showsY: Bool = true) -> Element {
    var elements = [
      Element("clipPath", ["id": clip], children: [.rectangle("", box)])
    ]
    let (columns, rows) = (
      x.ticks(count: max(Int(box.width / 55), 2)), y.ticks(count: max(Int(box.height / 40), 2))
    )
    // All lines of a style are one element, because a page has thousands of them.
    for isLabelled in [false, true] {
      let ticks = columns.filter { ($0.label != nil) == isLabelled }.map(vertical)
      elements.append(
        .lines(
          isLabelled ? "grid" : "frame",
          ticks + rows.filter { ($0.label != nil) == isLabelled }.map(horizontal)))
    }
    if showsX { elements += columns.compactMap(name(ofColumn:)) }
    if showsY { elements += rows.compactMap(name(ofRow:)) }
    elements.append(.rectangle("frame", box))
    if showsX {
      elements.append(
        .text(
          x.title, at: Point(x: box.x + box.width / 2, y: box.bottom + 36), .middle))
    }
    if showsY {
      elements.append(
        .text(
          y.title, at: Point(x: box.x - 46, y: box.y + box.height / 2), .middle, turned: true))
    }
    return .group("axes", elements)
  }

  /// The line of a tick, across the whole panel if it has a label.
  private func vertical(_ tick: Axis.Tick) -> (from: Point, to: Point) {
    let at = place(tick.value, y.low).x
    let end = tick.label == nil ? box.bottom - 3 : box.y
    return (Point(x: at, y: box.bottom), Point(x: at, y: end))
  }

  private func horizontal(_ tick: Axis.Tick) -> (from: Point, to: Point) {
    let at = place(x.low, tick.value).y
    return (Point(x: box.x, y: at), Point(x: tick.label == nil ? box.x + 3 : box.right, y: at))
  }

  private func name(ofColumn tick: Axis.Tick) -> Element? {
    let at = Point(x: vertical(tick).from.x, y: box.bottom + 17)
    return tick.label.map { .text($0, at: at, .middle, style: "tick-x") }
  }

  private func name(ofRow tick: Axis.Tick) -> Element? {
    let at = Point(x: box.x - 6, y: horizontal(tick).from.y + 4)
    return tick.label.map { .text($0, at: at, .end, style: "tick-y") }
  }

  /// Elements clipped to the rectangle.
  func clipped(_ elements: [Element]) -> Element {
    Element("g", ["clip-path": "url(#\(clip))"], children: elements)
  }

  /// A line through the finite values.
  func curve(_ style: String, _ values: [(x: Double, y: Double)]) -> Element {
    .path(style, values.filter { $0.x.isFinite && $0.y.isFinite }.map(place))
  }

  /// The area between two lines, with coordinates rounded to whole units if `coarse`.
  func band(
    _ style: String, _ values: [(x: Double, low: Double, high: Double)], coarse: Bool = false
  ) -> Element {
    let edge =
      values.map { place($0.x, $0.low) } + values.reversed().map { place($0.x, $0.high) }
    return .path(
      style, coarse ? edge.map { Point(x: $0.x.rounded(), y: $0.y.rounded()) } : edge,
      isClosed: true)
  }

  /// A line across the whole panel.
  func rule(atX value: Double, _ style: String) -> Element {
    .line(style, place(value, y.low), place(value, y.high))
  }

  func rule(atY value: Double, _ style: String) -> Element {
    .line(style, place(x.low, value), place(x.high, value))
  }
}
