import Records

/// A point in a figure, in units of its view box, with y pointing down.
struct Point: Hashable {
  var x: Double
  var y: Double

  func moved(_ right: Double, _ down: Double) -> Point { Point(x: x + right, y: y + down) }

  func distance(to other: Point) -> Double {
    ((x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)).squareRoot()
  }
}

struct Box {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }

  func overlaps(_ other: Box) -> Bool {
    x < other.right && other.x < right && y < other.bottom && other.y < bottom
  }

  func contains(_ other: Box) -> Bool {
    x <= other.x && other.right <= right && y <= other.y && other.bottom <= bottom
  }

  /// The point of the box that is nearest to another.
  func nearest(to point: Point) -> Point {
    Point(x: min(max(point.x, x), right), y: min(max(point.y, y), bottom))
  }

  func distance(to point: Point) -> Double { nearest(to: point).distance(to: point) }
}

extension Element {
  static func group(_ style: String, _ children: [Element]) -> Element {
    Element("g", ["class": style], children: children)
  }

  static func line(_ style: String, _ from: Point, _ to: Point) -> Element {
    Element("path", ["class": style, "d": path([from, to])])
  }

  /// Many lines in one element.
  static func lines(_ style: String, _ lines: [(from: Point, to: Point)]) -> Element {
    Element("path", ["class": style, "d": lines.map { path([$0.from, $0.to]) }.joined()])
  }

  /// A line through points, or the area that it encloses if it is closed.
  static func path(_ style: String, _ points: [Point], isClosed: Bool = false) -> Element {
    Element("path", ["class": style, "d": path(points) + (isClosed ? "Z" : "")])
  }

  static func rectangle(_ style: String, _ box: Box) -> Element {
    Element(
      "rect",
      [
        "class": style, "x": coordinate(box.x), "y": coordinate(box.y),
        "width": coordinate(box.width), "height": coordinate(box.height),
      ])
  }

  enum Anchor: String { case start, middle, end }

  /// A line of text with its baseline at a point, running upwards if `turned`.
  static func text(
    _ text: String, at place: Point, _ anchor: Anchor = .start, style: String = "",
    turned: Bool = false
  ) -> Element {
    let (x, y) = (coordinate(place.x), coordinate(place.y))
    var element = Element("text", ["x": x, "y": y], text: text)
    if anchor != .start { element["text-anchor"] = anchor.rawValue }
    if !style.isEmpty { element["class"] = style }
    if turned { element["transform"] = "rotate(-90 \(x) \(y))" }
    return element
  }

  /// A coordinate to a tenth, without a needless ".0".
  static func coordinate(_ value: Double) -> String {
    let tenths = Int(clamping: (min(max(value, -1e9), 1e9) * 10).rounded())
    let text = "\(abs(tenths) / 10)"
    let rest = abs(tenths) % 10
    return (tenths < 0 ? "-" : "") + text + (rest == 0 ? "" : ".\(rest)")
  }

  /// A path with each point relative to the previous one, which is shorter. Coordinates are rounded
  /// first, so that errors don't add up.
  private static func path(_ points: [Point]) -> String {
    let tenths = points.map { Point(x: ($0.x * 10).rounded(), y: ($0.y * 10).rounded()) }
    return tenths.enumerated().map { index, point in
      let before = index == 0 ? Point(x: 0, y: 0) : tenths[index - 1]
      let x = coordinate((point.x - before.x) / 10)
      let y = coordinate((point.y - before.y) / 10)
      return (index == 0 ? "M" : "l") + x + (y.hasPrefix("-") ? "" : " ") + y
    }.joined()
  }
}
