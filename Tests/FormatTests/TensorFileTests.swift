import Archive
import Foundation
import TestSupport
import Testing

@testable import Formats

struct TensorFileTests {
  private static let example = TensorFile(
    metadata: ["task": "pong", "note": "é \"quoted\""],
    tensors: [
      .init(name: "0.weight", shape: [2, 3], values: [1, -2.5, 0, 1e-30, 3, 4]),
      .init(name: "0.bias", shape: [3], values: [-0.0, 0.1, 1e30]),
      .init(name: "scale", shape: [], values: [7]),
    ])

  /// Bytes of a file with this header and numbers.
  private static func file(
    _ header: String, numbers: [Float] = [], length: UInt64? = nil
  ) -> [UInt8] {
    littleEndian(length ?? UInt64(header.utf8.count)) + header.utf8
      + numbers.flatMap { littleEndian($0.bitPattern) }
  }

  private static func littleEndian(_ word: some FixedWidthInteger) -> [UInt8] {
    (0..<word.bitWidth / 8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }

  @Test func `what was written is read again`() throws {
    let scratch = try Scratch()
    let path = "\(scratch.path)/policy.safetensors"
    try Self.example.write(to: path)
    #expect(try TensorFile(reading: path) == Self.example)
    // Over what was there.
    try TensorFile(metadata: [:], tensors: []).write(to: path)
    #expect(try TensorFile(reading: path).tensors.isEmpty)
  }

  /// The format's own words: length, header, numbers.
  @Test func `has the layout of safetensors`() throws {
    let bytes = Self.example.bytes
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(length.isMultiple(of: 8) && bytes.count == 8 + length + 4 * 10)
    let header = try #require(
      try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: Any])
    #expect(Set(header.keys) == ["__metadata__", "0.weight", "0.bias", "scale"])
    #expect((header["__metadata__"] as? [String: String]) == Self.example.metadata)
    let bias = try #require(header["0.bias"] as? [String: Any])
    #expect(bias["dtype"] as? String == "F32" && bias["shape"] as? [Int] == [3])
    #expect(bias["data_offsets"] as? [Int] == [24, 36])
    // −2.5 is 0xC0200000.
    #expect(bytes[(8 + length + 4)...].prefix(4) == [0, 0, 0x20, 0xC0])
  }

  @Test func `reads what other programs write`() throws {
    let header = """
      { "b": {"shape": [1], "data_offsets": [4, 8], "dtype": "F32"},
        "a": {"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4]} }
      """
    let file = try TensorFile(Self.file(header, numbers: [1, 2]))
    #expect(file.metadata.isEmpty)
    #expect(
      file.tensors == [
        .init(name: "a", shape: [1, 1], values: [1]), .init(name: "b", shape: [1], values: [2]),
      ])
  }

  @Test(arguments: [
    ([], "it is too short"),
    ([1, 2, 3], "it is too short"),
    (file("{}", length: 3), "its header would be longer than the file"),
    (file("{}", length: .max), "its header would be longer than the file"),
    (file("nonsense"), "its header is not one of tensors"),
    (file("[]"), "its header is not one of tensors"),
    (file("{\"a\": 1}"), "its header is not one of tensors"),
    (
      file(#"{"a": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}}"#, numbers: [1, 2]),
      "tensor 'a' is of I64, not F32"
    ),
    (
      file(#"{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}"#, numbers: [1]),
      "tensor 'a' has an impossible shape"
    ),
    (
      file(
        #"{"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 4]}}"#,
        numbers: [1]), "tensor 'a' has an impossible shape"
    ),
    (
      file(#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#, numbers: [1]),
      "tensor 'a' does not lie behind the one before it"
    ),
    (
      file(#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}"#, numbers: [1, 2]),
      "tensor 'a' does not lie behind the one before it"
    ),
    (
      file(#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": []}}"#, numbers: [1]),
      "tensor 'a' does not lie behind the one before it"
    ),
    (
      file(#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#, numbers: [1, 2]),
      "it has 4 bytes that belong to no tensor"
    ),
    (
      file(#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#, numbers: [.nan]),
      "tensor 'a' has a number that is not finite"
    ),
  ])
  func `bytes that are not tensors are refused`(bytes: [UInt8], reason: String) throws {
    #expect { try TensorFile(bytes) } throws: { ($0 as? TensorFault)?.reason == reason }
  }

  @Test func `any torn file is refused`() throws {
    let bytes = Self.example.bytes
    for count in 0..<bytes.count {
      #expect(throws: TensorFault.self) { try TensorFile(Array(bytes[..<count])) }
    }
  }

  @Test func `names the file that is missing or can't be written`() throws {
    let scratch = try Scratch()
    let missing = "\(scratch.path)/missing"
    #expect(
      throws: ArchiveError.unusable(file: missing, as: "a policy", reason: "there is no such file")
    ) {
      try TensorFile(reading: missing)
    }
    #expect(throws: ArchiveError.self) {
      try Self.example.write(to: "\(scratch.path)/nowhere/policy")
    }
  }
}
