/// Places words beside points so that they cover neither each other nor given points.
struct Labels {
  private var taken: [Box] = []
  private let frame: Box
  /// The placed words, in the order in which they were added.
  private(set) var elements: [Element] = []

  /// - Parameter frame: The box that the words must stay in.
  init(in frame: Box, avoiding points: [Point] = []) {
    self.frame = frame
    taken = points.map { Box(x: $0.x - 4, y: $0.y - 4, width: 8, height: 8) }
  }

  /// The approximate width of a text; its font is not known.
  static func width(_ text: String, size: Double = 12) -> Double {
    text.reduce(0) { $0 + (" .,:;il1|'()[]".contains($1) ? 0.38 : 0.6) } * size
  }

  /// The text, or as much of its beginning and end as fits, with a "…" between them.
  static func shortened(_ text: String, where fits: (String) -> Bool) -> String {
    var result = text
    var kept = text.count
    while kept > 2, !fits(result) {
      kept -= 1
      result = text.prefix((kept + 1) / 2) + "…" + text.suffix(kept / 2)
    }
    return result
  }

  /// Writes words at the first free position of eight beside a point. If none is free, nothing is
  /// written unless it `must` be.
  ///
  /// - Parameter others: Points that the words must not seem to belong to. The words are then
  ///   clearly nearer to their own point, or connected to it by a line.
  /// - Returns: Whether the words were written.
  @discardableResult
  mutating func add(
    _ text: String, at point: Point, style: String = "small", must: Bool = false,
    apartFrom others: [Point]? = nil
  ) -> Bool {
    let size = style.contains("small") ? 11.0 : 12
    // Highlighted words are bold.
    let width = Self.width(text, size: size) * (style.contains("aimed") ? 1.1 : 1)
    func places(_ gap: Double, _ drop: Double) -> [Place] {
      let offsets: [(Double, Double, Element.Anchor)] = [
        (gap, 4, .start), (-gap, 4, .end), (0, -gap, .middle), (0, gap + 9, .middle),
        (gap, -drop, .start), (-gap, -drop, .end), (gap, drop + 8, .start), (-gap, drop + 8, .end),
      ]
      return offsets.map { right, down, anchor in
        Place(text, at: point.moved(right, down), anchor, width: width, size: size)
      }
    }
    let near = places(8, 8).filter { frame.contains($0.box) }
    let free = near.first { place in
      let own = place.box.distance(to: point)
      return !taken.contains(where: place.box.overlaps)
        && (others ?? []).allSatisfy { place.box.distance(to: $0) > own + 5 }
    }
    if let free {
      write(free, style)
      return true
    }
    let far = others == nil ? [] : [20.0, 32, 44].flatMap { places(0.7 * $0, $0) + places($0, 8) }
    for place in far where frame.contains(place.box) {
      let line = Self.line(from: point, to: place.box)
      guard
        !taken.contains(where: { box in
          box.overlaps(place.box) || line.contains { box.distance(to: $0) < 2 }
        })
      else { continue }
      if let start = line.first, let end = line.last {
        elements.append(.line("leader", start, end))
      }
      taken += line.map { Box(x: $0.x - 1, y: $0.y - 1, width: 2, height: 2) }
      write(place, style)
      return true
    }
    guard must, let forced = near.first else { return false }
    write(forced, style)
    return true
  }

  /// A position for words.
  private struct Place {
    var text: String
    var at: Point
    var anchor: Element.Anchor
    var box: Box

    init(_ text: String, at: Point, _ anchor: Element.Anchor, width: Double, size: Double) {
      (self.text, self.at, self.anchor) = (text, at, anchor)
      let left =
        switch anchor {
        case .start: at.x
        case .middle: at.x - width / 2
        case .end: at.x - width
        }
      box = Box(x: left, y: at.y - size, width: width, height: size + 3)
    }
  }

  /// The points of a line from the edge of a mark to its words, in small steps.
  private static func line(from point: Point, to box: Box) -> [Point] {
    let end = box.nearest(to: point)
    let (right, down, length) = (end.x - point.x, end.y - point.y, end.distance(to: point))
    guard length > 10, length < 1e4 else { return [] }
    let count = Int(length / 3)
    return (0...count).map { step in
      let share = (8 + (length - 10) * Double(step) / Double(count)) / length
      return point.moved(share * right, share * down)
    }
  }

  private mutating func write(_ place: Place, _ style: String) {
    taken.append(place.box)
    elements.append(
      .text(place.text, at: place.at, place.anchor, style: style + " halo"))
  }
}
