/// A data point: a shape, possibly with intervals, whose label gives its values.
enum Mark {
  enum Shape: Int, CaseIterable { case circle, square, triangle, diamond, pentagon, down, cross }

  /// The shape of a task's marks. When the colors are used up, they repeat with the next shape, so
  /// that 49 tasks differ in color or shape.
  static func shape(_ index: Int) -> Shape {
    Shape.allCases[(index + index / Style.seriesCount) % Shape.allCases.count]
  }

  /// - Parameters:
  ///   - label: Values with their units.
  ///   - lines: Intervals, each from its low to its high end.
  static func element(
    _ shape: Shape, at place: Point, style: String, label: String,
    lines: [(from: Point, to: Point)] = [], isHollow: Bool = false, size: Double = 4.5
  ) -> Element {
    var group = Element.group(
      "mark " + style, lines.map { .line("interval", $0.from, $0.to) })
    group.children.append(
      outline(shape, at: place, style: isHollow ? "hollow" : "shape", size: size))
    group.label = label
    return group
  }

  /// The shape without label and intervals.
  static func outline(
    _ shape: Shape, at place: Point, style: String, size: Double
  ) -> Element {
    func polygon(_ corners: [(Double, Double)]) -> Element {
      .path(
        style, corners.map { place.moved($0.0 * size, $0.1 * size) }, isClosed: true)
    }
    switch shape {
    case .circle:
      return Element(
        "circle",
        [
          "class": style, "cx": Element.coordinate(place.x), "cy": Element.coordinate(place.y),
          "r": Element.coordinate(size),
        ])
    case .square: return polygon([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])
    case .triangle: return polygon([(0, -1.2), (1.15, 0.85), (-1.15, 0.85)])
    case .diamond: return polygon([(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)])
    case .pentagon:
      return polygon([(0, -1.1), (1.05, -0.35), (0.65, 0.9), (-0.65, 0.9), (-1.05, -0.35)])
    case .down: return polygon([(0, 1.2), (1.15, -0.85), (-1.15, -0.85)])
    case .cross:
      return polygon([
        (-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4), (0.4, 1.1),
        (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4),
      ])
    }
  }
}
