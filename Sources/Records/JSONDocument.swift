import Foundation

/// A value as a JSON document, with sorted keys in snake_case like the archive's columns.
/// Numbers that are not finite, such as quotients of extreme values, become null.
///
/// - Parameter isPretty: Whether the document is indented, one key a line.
public func jsonDocument(_ value: some Encodable, isPretty: Bool = true) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting =
    isPretty ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes] : .sortedKeys
  let mark = "\u{0}no number"
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: mark, negativeInfinity: mark, nan: mark)
  let text = String(decoding: try encoder.encode(value), as: UTF8.self)
  return [UInt8](text.replacing(#""\u0000no number""#, with: "null").utf8)
}
