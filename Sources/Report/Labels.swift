/// Places words beside points so that they cover neither each other nor what they must not.
struct Labels {
  private var taken: [Box] = []
  private let frame: Box
  /// The words beside points, in the order in which they were added.
  private(set) var elements: [Element] = []

  /// - Parameter frame: where the words have to stay.
  init(in frame: Box, avoiding points: [Point] = []) {
    self.frame = frame
    taken = points.map { Box(x: $0.x - 4, y: $0.y - 4, width: 8, height: 8) }
  }

  /// About the width of a text, without its font at hand.
  static func width(_ text: String, size: Double = 12) -> Double {
    text.reduce(0) { $0 + (" .,:;il1|'()[]".contains($1) ? 0.38 : 0.6) } * size
  }

  /// The text, or as much of its two ends as fits with a "…" between them.
  static func shortened(_ text: String, where fits: (String) -> Bool) -> String {
    var result = text
    var kept = text.count
    while kept > 2, !fits(result) {
      kept -= 1
      result = text.prefix((kept + 1) / 2) + "…" + text.suffix(kept / 2)
    }
    return result
  }

  /// Writes words beside a point: the first place of eight that is free; without one, nothing is
  /// written unless it `must` be. Says whether it was.
  @discardableResult
  mutating func add(
    _ text: String, at point: Point, style: String = "small", must: Bool = false
  ) -> Bool {
    let size = style.contains("small") ? 11.0 : 12
    // Words that stand out are bold.
    let width = Self.width(text, size: size) * (style.contains("aimed") ? 1.1 : 1)
    let gap = 8.0
    let places: [(Double, Double, Element.Anchor)] = [
      (gap, 4, .start), (-gap, 4, .end), (0, -gap, .middle), (0, gap + 9, .middle),
      (gap, -gap, .start), (-gap, -gap, .end), (gap, gap + 8, .start), (-gap, gap + 8, .end),
    ]
    var forced: (Point, Element.Anchor, Box)?
    for (right, down, anchor) in places {
      let at = point.moved(right, down)
      let left =
        switch anchor {
        case .start: at.x
        case .middle: at.x - width / 2
        case .end: at.x - width
        }
      let box = Box(x: left, y: at.y - size, width: width, height: size + 3)
      guard frame.contains(box) else { continue }
      if forced == nil { forced = (at, anchor, box) }
      guard !taken.contains(where: box.overlaps) else { continue }
      write(text, at, anchor, style, box)
      return true
    }
    guard must, let (at, anchor, box) = forced else { return false }
    write(text, at, anchor, style, box)
    return true
  }

  private mutating func write(
    _ text: String, _ at: Point, _ anchor: Element.Anchor, _ style: String, _ box: Box
  ) {
    taken.append(box)
    elements.append(.text(text, at: at, anchor, style: style + " halo"))
  }
}
