public import Archive

/// Named tensors in a file of the safetensors format (huggingface.co/docs/safetensors).
///
/// Eight bytes hold the length of the header, little-endian. The header is a JSON object with the
/// type, shape and byte range of each tensor, and text about all of them under `__metadata__`. The
/// numbers follow, row by row. Here every tensor is float32, and there are no gaps between them.
public struct TensorFile: Hashable, Sendable {
  public struct Tensor: Hashable, Sendable {
    public var name: String
    public var shape: [Int]
    /// Row by row, as many as the shape says.
    public var values: [Float]

    public init(name: String, shape: [Int], values: [Float]) {
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  public var metadata: [String: String]
  /// In the order of their data in the file.
  public var tensors: [Tensor]

  public init(metadata: [String: String], tensors: [Tensor]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// Writes the file and returns once it is durable; it appears whole or not at all.
  public func write(to file: String) throws(ArchiveError) {
    try WholeFile.write(bytes, to: file)
  }

  var bytes: [UInt8] {
    var header = TensorHeader(metadata: metadata)
    var (data, start) = ([UInt8](), 0)
    for tensor in tensors {
      let end = start + 4 * tensor.values.count
      header.places[tensor.name] = .init(
        dtype: "F32", shape: tensor.shape, data_offsets: [start, end])
      for value in tensor.values { data.append(littleEndian: value.bitPattern) }
      start = end
    }
    var text = header.text
    // Padded so that the numbers are aligned.
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(text.count))
    return bytes + text + data
  }
}

extension TensorFile {
  /// Throws `.unusable` if the file doesn't exist or has another format.
  public init(reading file: String) throws(ArchiveError) {
    guard let bytes = try WholeFile.read(file) else {
      throw .unusable(file: file, as: "a policy", reason: "there is no such file")
    }
    do throws(TensorFault) {
      try self.init(bytes)
    } catch {
      throw .unusable(file: file, as: "a policy", reason: error.reason)
    }
  }

  init(_ bytes: [UInt8]) throws(TensorFault) {
    guard bytes.count >= 8 else { throw TensorFault("it is too short") }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= bytes.count - 8 else {
      throw TensorFault("its header would be longer than the file")
    }
    let data = bytes[(8 + Int(length))...]
    let header = try TensorHeader(bytes[8..<8 + Int(length)])
    metadata = header.metadata
    tensors = []
    var start = 0
    for (name, place) in header.inOrder {
      let size = try place.size(of: name)
      guard size <= data.count - start, place.data_offsets == [start, start + size] else {
        throw TensorFault("tensor '\(name)' does not lie behind the one before it")
      }
      let first = data.startIndex + start
      let values = stride(from: first, to: first + size, by: 4).map { index in
        Float(bitPattern: data[index..<index + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
      }
      guard values.allSatisfy(\.isFinite) else {
        throw TensorFault("tensor '\(name)' has a number that is not finite")
      }
      tensors.append(Tensor(name: name, shape: place.shape, values: values))
      start += size
    }
    guard start == data.count else {
      throw TensorFault("it has \(data.count - start) bytes that belong to no tensor")
    }
  }
}
