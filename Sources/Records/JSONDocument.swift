import Foundation

/// The JSON document of a value: keys in snake_case, as the archive's columns have them, in
/// alphabetical order.
///
/// - Parameter isPretty: Whether the document is indented, one key a line.
public func jsonDocument(_ value: some Encodable, isPretty: Bool = true) throws -> [UInt8] {
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting =
    isPretty ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes] : .sortedKeys
  return [UInt8](try encoder.encode(value))
}
