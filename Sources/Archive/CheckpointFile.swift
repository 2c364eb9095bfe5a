import SystemPackage

/// The file of a checkpoint: one zstd frame with a checksum.
public enum CheckpointFile {
  /// Writes the file and returns once it is durable; it appears whole or not at all, in the place
  /// of an earlier one.
  public static func write(_ content: [UInt8], to file: String) throws(ArchiveError) {
    let path = FilePath(file)
    guard content.count <= largestFrame else {
      throw .notACheckpoint(file: file, reason: "\(content.count) bytes are too many for one")
    }
    let frame: [UInt8]
    do {
      frame = try Zstd.compress(content, level: Zstd.fastest)
    } catch {
      throw .notACheckpoint(file: file, reason: error.reason)
    }
    try path.folder.makeFolder()
    try path.replace(with: frame)
  }

  public static func exists(_ file: String) -> Bool { FilePath(file).exists }

  /// The content; `nil` if there is no such file. Throws `.damaged` if it is not what was written.
  public static func read(_ file: String) throws(ArchiveError) -> [UInt8]? {
    guard let bytes = try FilePath(file).bytesIfThere() else { return nil }
    var walker = FrameWalker(bytes)
    do throws(FrameFault) {
      guard case .frame(let frame) = try walker.next(), frame.range.upperBound == bytes.count
      else {
        throw FrameFault(byte: walker.offset, reason: "it is no whole checkpoint")
      }
      return frame.content
    } catch {
      throw .damaged(file: file, byte: error.byte, reason: error.reason)
    }
  }
}
