import SystemPackage

/// The file of a checkpoint, one zstd frame with a checksum.
public enum CheckpointFile {
  /// Writes the file and returns once it is durable. It appears whole or not at all, and replaces
  /// an earlier one.
  public static func write(_ content: [UInt8], to file: String) throws(ArchiveError) {
    let path = FilePath(file)
    guard content.count <= largestFrame else {
      throw .unusableCheckpoint(file, "\(content.count) bytes are too many for one")
    }
    let frame: [UInt8]
    do {
      frame = try Zstd.compress(content, level: Zstd.fastest)
    } catch {
      throw .unusableCheckpoint(file, error.reason)
    }
    try path.folder.makeFolder()
    try path.replace(with: frame)
  }

  public static func exists(_ file: String) throws(ArchiveError) -> Bool {
    try FilePath(file).exists
  }

  /// Returns the content; `nil` if there is no such file. Throws `.damaged` if it is not what was
  /// written.
  public static func read(_ file: String) throws(ArchiveError) -> [UInt8]? {
    guard let bytes = try FilePath(file).bytesIfThere() else { return nil }
    var walker = FrameWalker(bytes)
    do throws(FrameFault) {
      guard case .frame(let frame) = try walker.next(), frame.range.upperBound == bytes.count
      else {
        throw FrameFault(byte: walker.offset, reason: "the checkpoint is not complete")
      }
      return frame.content
    } catch {
      throw .damaged(file: file, byte: error.byte, reason: error.reason)
    }
  }
}

extension ArchiveError {
  /// A file that is not a checkpoint, or one that can't be continued here.
  public static func unusableCheckpoint(_ file: String, _ reason: String) -> Self {
    .unusable(file: file, as: "a checkpoint to resume from", reason: reason)
  }
}
