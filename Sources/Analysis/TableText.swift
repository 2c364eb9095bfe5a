extension String {
  /// Decodes a table: UTF-8, or UTF-16 that begins with a byte-order mark.
  init(table bytes: [UInt8], name: String) throws(RunTableError) {
    let text: String?
    switch bytes.prefix(2) {
    case [0xFF, 0xFE]: text = Self.utf16(bytes, low: 0)
    case [0xFE, 0xFF]: text = Self.utf16(bytes, low: 1)
    default: text = String(validating: bytes, as: UTF8.self)
    }
    guard let text else {
      let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
      let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw RunTableError(name: name, line: line + 1, problem: .encoding)
    }
    self = text
  }

  /// - Parameter low: the place of the lower byte of a pair.
  private static func utf16(_ bytes: [UInt8], low: Int) -> String? {
    guard bytes.count.isMultiple(of: 2) else { return nil }
    let units = stride(from: 0, to: bytes.count, by: 2).map {
      UInt16(bytes[$0 + low]) | UInt16(bytes[$0 + 1 - low]) << 8
    }
    return String(validating: units, as: UTF16.self)
  }
}
