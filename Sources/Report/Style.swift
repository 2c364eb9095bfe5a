/// Colors and strokes of figures. They are classes in a style sheet, so that the page can use other
/// colors in dark mode.
///
/// Series and batches differ in lightness as well as hue, so that the color-blind can distinguish
/// them; series also differ in shape. Series have the colors of Okabe and Ito, darkened where they
/// are too light on white. Batches have Matplotlib's plasma without its lightest and darkest ends.
/// If there are more batches than colors, neighbours share a color and differ in dashes and shape.
enum Style {
  /// Each color on white and in dark mode.
  private static let colors: [(name: String, light: String, dark: String)] =
    [
      ("ink", "#1a1d21", "#e8eaed"), ("faint", "#5b6169", "#a4abb5"),
      ("grid", "#e3e6ea", "#2c3138"), ("ground", "#ffffff", "#14171b"),
      ("accent", "#b83a00", "#ff9d5c"),
    ]
    + numbered(
      "s", ["#0072b2", "#c14f00", "#00815f", "#a8447f", "#7a6200", "#4a4a9c", "#5b5b5b"],
      ["#56b4e9", "#f0904a", "#2fc79b", "#e695c4", "#e8d44a", "#a3a3f5", "#b9b9b9"])
    + numbered(
      "b",
      [
        "#0d0887", "#41049d", "#6a00a8", "#8f0da4", "#b12a90", "#c63d80", "#d6556d", "#e16462",
        "#e8743c",
      ],
      [
        "#8f7bff", "#b16bf0", "#cf5fd0", "#e663ab", "#f2738a", "#f98a6b", "#fca552", "#fbc43f",
        "#f0f03a",
      ])

  static let seriesCount = 7
  static let batchCount = 9

  private static func numbered(
    _ prefix: String, _ light: [String], _ dark: [String]
  ) -> [(name: String, light: String, dark: String)] {
    zip(light, dark).enumerated().map { ("\(prefix)\($0)", $1.0, $1.1) }
  }

  /// The class of a task's marks.
  static func series(_ index: Int) -> String { "s\(index % seriesCount)" }

  /// The color of the batch at an index among `count` batches.
  static func batch(_ index: Int, of count: Int) -> String {
    let colors = (count + sharing(count) - 1) / sharing(count)
    return "b\(colors < 2 ? 0 : index / sharing(count) * (batchCount - 1) / (colors - 1))"
  }

  /// The color and dashes of a batch's line.
  static func batchLine(_ index: Int, of count: Int) -> String {
    let dashes = ["", " dashed", " dotted"]
    return batch(index, of: count) + dashes[index % sharing(count) % dashes.count]
  }

  /// The shape of a batch's marks.
  static func batchShape(_ index: Int, of count: Int) -> Mark.Shape {
    Mark.shape(index % sharing(count))
  }

  /// How many batches share a color.
  private static func sharing(_ count: Int) -> Int { max((count + batchCount - 1) / batchCount, 1) }

  /// The style sheet of a figure in a file of its own, on white.
  static var standalone: String {
    rules { name in colors.first { $0.name == name }?.light ?? "#000000" }
  }

  /// The style sheet of figures in the page.
  static var page: String {
    func values(_ color: KeyPath<(name: String, light: String, dark: String), String>) -> String {
      colors.map { "--\($0.name):\($0[keyPath: color])" }.joined(separator: ";")
    }
    return """
      :root{color-scheme:light dark;\(values(\.light))}
      @media screen and (prefers-color-scheme:dark){:root{\(values(\.dark))}}
      \(rules { "var(--\($0))" })
      """
  }

  private static func rules(_ color: (String) -> String) -> String {
    let (ink, faint, ground, accent) =
      (color("ink"), color("faint"), color("ground"), color("accent"))
    let font = "system-ui,'Segoe UI',Roboto,'Helvetica Neue','DejaVu Sans',Arial,sans-serif"
    let rules: [(selector: String, declarations: String)] =
      [
        ("", "color:\(ink);font:12px \(font)"),
        (" text", "fill:\(ink);font-size:12px"),
        (" text.head", "font-size:14px;font-weight:600"),
        (" text.small", "font-size:11px"),
        (" text.faint", "fill:\(faint)"),
        (" text.aimed", "fill:\(accent);font-weight:600"),
        (
          " text.halo",
          "paint-order:stroke;stroke:\(ground);stroke-width:3px;stroke-linejoin:round"
        ),
        (" .grid", "stroke:\(color("grid"));stroke-width:1;fill:none"),
        (" .frame", "stroke:\(faint);stroke-width:1;fill:none"),
        (" .rule", "stroke:\(faint);stroke-width:1;stroke-dasharray:4 3;fill:none"),
        (" .leader", "stroke:\(faint);stroke-width:.8;fill:none"),
        (" .aim", "stroke:\(accent);stroke-width:1.5;stroke-dasharray:6 3;fill:none"),
        (" .shade", "fill:\(faint);fill-opacity:.1;stroke:none"),
        (" .curve", "stroke:currentColor;stroke-width:2;fill:none;stroke-linejoin:round"),
        (" .dashed", "stroke-dasharray:7 4"),
        (" .dotted", "stroke-dasharray:2 3"),
        (" .doubtful", "stroke-dasharray:2 4;stroke-opacity:.7"),
        (" .band", "fill:currentColor;fill-opacity:.16;stroke:none"),
        (" .interval", "stroke:currentColor;stroke-width:1.5;fill:none"),
        (" .shape", "fill:currentColor;stroke:\(ground);stroke-width:1"),
        (" .hollow", "fill:\(ground);stroke:currentColor;stroke-width:1.8"),
        (" .other, svg.figure .elsewhere", "opacity:.4"),
        (" .name.other, svg.figure .name.elsewhere", "display:none"),
        (" .ring", "fill:none;stroke:\(accent);stroke-width:2;pointer-events:all"),
      ] + colors.dropFirst(5).map { (" .\($0.name)", "color:\(color($0.name))") }
    return rules.map { "svg.figure\($0.selector){\($0.declarations)}" }.joined(separator: "\n")
  }
}
