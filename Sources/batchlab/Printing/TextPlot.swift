internal import Foundation
internal import Records

/// A plot of characters on two logarithmic axes.
struct TextPlot {
  private var marks: [(x: Double, y: Double, glyph: Character)] = []
  private let labels: (x: String, y: String)

  /// Columns and lines of the plot.
  private static let (width, height) = (56, 14)

  init(x: String, y: String) { labels = (x, y) }

  /// Adds points; later ones cover earlier ones. Points that are not positive are left out.
  mutating func add(_ glyph: Character, _ points: some Sequence<(x: Double, y: Double)>) {
    for point in points where point.x > 0 && point.y > 0 && (point.x * point.y).isFinite {
      marks.append((log(point.x), log(point.y), glyph))
    }
  }

  func has(_ glyph: Character) -> Bool { marks.contains { $0.glyph == glyph } }

  /// The lines of the plot; empty if it has no marks.
  var lines: [String] {
    guard let left = marks.map(\.x).min(), let right = marks.map(\.x).max(),
      let low = marks.map(\.y).min(), let high = marks.map(\.y).max()
    else { return [] }
    func place(_ value: Double, _ from: Double, _ to: Double, _ cells: Int) -> Int {
      to > from ? Int(((value - from) / (to - from) * Double(cells - 1)).rounded()) : cells / 2
    }
    let empty = [Character](repeating: " ", count: Self.width)
    var field = [[Character]](repeating: empty, count: Self.height)
    for mark in marks {
      let line = Self.height - 1 - place(mark.y, low, high, Self.height)
      field[line][place(mark.x, left, right, Self.width)] = mark.glyph
    }
    let ends = [Format.number(exp(high)), Format.number(exp(low))]
    let margin = ends.map(\.columns).max() ?? 0
    func padded(_ text: String) -> String {
      String(repeating: " ", count: margin - text.columns) + text
    }
    let rows = field.enumerated().map { index, row in
      let end = index == 0 ? ends[0] : index == Self.height - 1 ? ends[1] : ""
      return "\(padded(end)) │" + String(row).trimmingTrailingSpaces
    }
    let (first, last) = (Format.number(exp(left)), Format.number(exp(right)))
    let gap = String(repeating: " ", count: max(Self.width - first.columns - last.columns, 1))
    return [padded("") + "  " + labels.y] + rows
      + [
        padded("") + " └" + String(repeating: "─", count: Self.width),
        padded("") + "  \(first)\(gap)\(last)  \(labels.x)",
      ]
  }
}
