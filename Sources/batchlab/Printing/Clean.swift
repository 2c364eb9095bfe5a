internal import Foundation

/// Cleaning and measuring of text for a terminal. Names come from plans, tables, folders and
/// archives of others, so they may contain anything.
extension String {
  /// Without control characters except line breaks and tabs, and with over-long words shortened.
  var clean: String {
    visible { $0 != "\n" && $0 != "\t" }.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0).shortened(to: 2000) }.joined(separator: "\n")
  }

  /// The same for a text that must be a single line: also without line breaks and tabs.
  var cleanLine: String { visible { _ in true }.shortened(to: 2000) }

  /// The same for a cell of a table.
  var cleanCell: String { visible { _ in true }.shortened(to: 160) }

  /// The width in columns of a terminal, of a text without control characters.
  var columns: Int { reduce(0) { $0 + $1.columns } }

  /// Whether it contains line breaks, tabs or other control characters.
  var hasControls: Bool { unicodeScalars.contains(where: \.isControl) }

  /// A JSON document with the control characters in its texts as \u and four digits.
  var escapedJSON: String {
    visible(as: { String(format: "\\u%04x", $0.value) }) { $0 != "\n" && $0 != "\t" }
  }

  /// Unwanted control characters are written out: as Swift does, such as \u{1B}, or otherwise.
  private func visible(
    as word: (Unicode.Scalar) -> String = { $0.escaped(asASCII: true) },
    where isUnwanted: (Unicode.Scalar) -> Bool
  ) -> String {
    guard unicodeScalars.contains(where: { $0.isControl && isUnwanted($0) }) else { return self }
    return unicodeScalars.map { $0.isControl && isUnwanted($0) ? word($0) : String($0) }.joined()
  }

  /// The text cut to `width` columns, with each name cut to 80. The parts of a path count as names, so
  /// that paths stay usable.
  private func shortened(to width: Int) -> String {
    guard utf8.count > Self.longestName else { return self }
    var (text, name) = ("", "")
    for character in self {
      guard character.isWhitespace || character == "/" else {
        name.append(character)
        continue
      }
      text += name.cut(to: Self.longestName) + String(character)
      name = ""
    }
    return (text + name.cut(to: Self.longestName)).cut(to: width)
  }

  /// The beginning and the end of the text, if it is wider than `width` columns.
  private func cut(to width: Int) -> String {
    // No character is wider than its bytes; one with many marks is longer than it looks.
    guard utf8.count > width, columns > width || utf8.count > 16 * width else { return self }
    func fitting(_ characters: some Sequence<Character>, _ width: Int) -> [Character] {
      var left = width
      return characters.filter { $0.utf8.count <= 32 }.prefix { character in
        left -= character.columns
        return left >= 0
      }
    }
    let half = width / 2
    return String(fitting(self, half)) + "…" + String(fitting(reversed(), half - 1).reversed())
  }

  private static let longestName = 80
}

extension Character {
  /// The width in columns of a terminal: 2 for wide characters of East Asia and emoji, 0 for
  /// combining marks alone.
  fileprivate var columns: Int {
    unicodeScalars.contains("\u{FE0F}") ? 2 : unicodeScalars.map(\.columns).max() ?? 0
  }
}

extension Unicode.Scalar {
  /// C0, DEL and C1, line separators, and marks that change the direction of the text around them.
  fileprivate var isControl: Bool {
    switch value {
    case ..<0x20, 0x7F...0x9F, 0x2028...0x2029: true
    default: value > 0x7F && properties.isBidiControl
    }
  }

  fileprivate var columns: Int {
    guard value >= 0x300 else { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return properties.isEmojiPresentation || isWide ? 2 : 1
    }
  }

  /// East Asian wide and full-width characters (Unicode Standard Annex 11) except emoji.
  private var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF,
      0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B,
      0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FB, 0x1F200...0x1F265,
      0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
