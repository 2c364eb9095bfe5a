import Foundation

/// Why bytes can't be read as tensors.
struct TensorFault: Error {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

/// The JSON object in front of the numbers of a `TensorFile`.
struct TensorHeader: Codable {
  struct Place: Codable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]

    /// Size of the tensor in bytes.
    func size(of name: String) throws(TensorFault) -> Int {
      guard dtype == "F32" else { throw TensorFault("tensor '\(name)' is of \(dtype), not F32") }
      var size = 4
      for extent in shape {
        let (product, isTooLarge) = size.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !isTooLarge else {
          throw TensorFault("tensor '\(name)' has an impossible shape")
        }
        size = product
      }
      return size
    }
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
    static let metadata = Key(stringValue: "__metadata__")
  }

  var metadata: [String: String]
  var places: [String: Place] = [:]

  /// In the order of their data in the file.
  var inOrder: [(key: String, value: Place)] {
    places.sorted { $0.value.data_offsets.lexicographicallyPrecedes($1.value.data_offsets) }
  }

  init(metadata: [String: String]) { self.metadata = metadata }

  init(_ text: ArraySlice<UInt8>) throws(TensorFault) {
    do { self = try JSONDecoder().decode(Self.self, from: Data(text)) } catch {
      throw TensorFault("its header is not one of tensors")
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    metadata = try container.decodeIfPresent([String: String].self, forKey: .metadata) ?? [:]
    for key in container.allKeys where key.stringValue != Key.metadata.stringValue {
      places[key.stringValue] = try container.decode(Place.self, forKey: key)
    }
  }

  /// The header as JSON with sorted keys; encoding it can't fail.
  var text: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { [UInt8]($0) } ?? []
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(metadata, forKey: .metadata)
    for (name, place) in places { try container.encode(place, forKey: Key(stringValue: name)) }
  }
}
