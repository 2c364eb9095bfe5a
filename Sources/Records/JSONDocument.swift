import Foundation

/// A value as a JSON document, with sorted keys in snake_case like the archive's columns.
///
/// - Parameter isPretty: Whether the document is indented, one key a line.
public func jsonDocument(_ value: some Encodable, isPretty: Bool = true) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting =
    isPretty ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes] : .sortedKeys
  return [UInt8](try encoder.encode(value))
}
