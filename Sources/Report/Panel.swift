/// A plot: two axes around a rectangle, and what is drawn in it.
struct Panel {
  let box: Box
  let x: Axis
  let y: Axis
  /// What clips to the rectangle; its identity in the document.
  private let clip: String

  /// - Parameter name: distinguishes the panel from all others of a page.
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

  /// Whether a point lies within both axes.
  func contains(_ x: Double, _ y: Double) -> Bool { self.x.contains(x) && self.y.contains(y) }

  /// Grid, frame, ticks and titles. Panels above another that share its x axis leave that out.
  func axes(showsX: Bool = true, showsY: Bool = true) -> Element {
    var elements = [
      Element("clipPath", ["id": clip], children: [.rectangle("", box)])
    ]
    let (columns, rows) = (
      x.ticks(count: max(Int(box.width / 55), 2)), y.ticks(count: max(Int(box.height / 40), 2))
    )
    elements.append(
      .lines(
        "frame",
        columns.filter { $0.label == nil }.map { tick in
          let at = box.x + x.share(tick.value) * box.width
          return (Point(x: at, y: box.bottom), Point(x: at, y: box.bottom - 3))
        }
          + rows.filter { $0.label == nil }.map { tick in
            let at = box.bottom - y.share(tick.value) * box.height
            return (Point(x: box.x, y: at), Point(x: box.x + 3, y: at))
          }))
    for tick in columns { elements += verticalTick(tick, isLabelled: showsX) }
    for tick in rows { elements += horizontalTick(tick, isLabelled: showsY) }
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

  /// A tick with its label; those without one are drawn together.
  private func verticalTick(_ tick: Axis.Tick, isLabelled: Bool) -> [Element] {
    let at = box.x + x.share(tick.value) * box.width
    guard let label = tick.label else { return [] }
    let grid = Element.line("grid", Point(x: at, y: box.y), Point(x: at, y: box.bottom))
    guard isLabelled else { return [grid] }
    return [
      grid, .text(label, at: Point(x: at, y: box.bottom + 17), .middle, style: "tick-x"),
    ]
  }

  private func horizontalTick(_ tick: Axis.Tick, isLabelled: Bool) -> [Element] {
    let at = box.bottom - y.share(tick.value) * box.height
    guard let label = tick.label else { return [] }
    let grid = Element.line("grid", Point(x: box.x, y: at), Point(x: box.right, y: at))
    guard isLabelled else { return [grid] }
    return [grid, .text(label, at: Point(x: box.x - 6, y: at + 4), .end, style: "tick-y")]
  }

  /// Elements of which only what lies in the rectangle is seen.
  func clipped(_ elements: [Element]) -> Element {
    Element("g", ["clip-path": "url(#\(clip))"], children: elements)
  }

  /// A line through the values that are finite.
  func curve(_ style: String, _ values: [(x: Double, y: Double)]) -> Element {
    .path(style, values.filter { $0.x.isFinite && $0.y.isFinite }.map(place))
  }

  /// The area between two lines over the same places; drawn to whole units if it is `coarse`.
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
