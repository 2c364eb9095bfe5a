import Foundation
import Records
import SystemPackage

/// A sealed file as it was read and checked.
struct SealedFile {
  let path: FilePath
  let seal: Seal
  let frames: Int
  let bytes: Int

  /// Lines that are decoded at a time, on all cores. A list of all lines could take many times the
  /// memory of the content, which may be all line ends.
  private static let blockOfLines = 512

  /// Reads a sealed file and checks every frame and row, and what the seal says of them. `nil` if
  /// there is no such file. Without `points`, points of curves are counted, not decoded.
  init?(
    _ path: FilePath, points: Bool = true,
    row read: (ArchivedLine, Int) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    guard let bytes = try path.bytesIfThere() else { return nil }
    self.path = path
    self.bytes = bytes.count
    var walker = FrameWalker(bytes)
    var count = (frames: 0, rows: 0)
    var seal: (seal: Seal, frame: Range<Int>)?
    func damaged(_ byte: Int, _ reason: String) -> ArchiveError {
      .damaged(file: path.name, byte: byte, reason: reason)
    }
    while let frame = try Self.frame(&walker, path) {
      if let seal { throw damaged(seal.frame.upperBound, "the file goes on after its seal") }
      count.frames += 1
      if frame.endsWithinLine {
        throw damaged(frame.range.lowerBound, "the frame ends within a row")
      }
      var linesInFrame = 0
      var block: [ArraySlice<UInt8>] = []
      func readBlock() throws(ArchiveError) {
        for line in ArchivedLine.readAll(block) {
          switch line {
          case .failure(let fault):
            throw .badRow(file: path.name, row: count.rows + 1, reason: fault.reason)
          case .success(.seal(let found)):
            seal = (found, frame.range)
          case .success(let line):
            count.rows += 1
            try read(line, count.rows)
          }
        }
        block.removeAll(keepingCapacity: true)
      }
      try frame.forEachLine { line throws(ArchiveError) in
        linesInFrame += 1
        if !points, ArchivedLine.isPoint(line) {
          try readBlock()
          count.rows += 1
          return
        }
        block.append(line)
        if block.count == Self.blockOfLines { try readBlock() }
      }
      try readBlock()
      if let seal, linesInFrame > 1 {
        throw damaged(seal.frame.lowerBound, "the seal does not stand in a frame of its own")
      }
    }
    guard let seal else {
      throw damaged(bytes.count, "the file ends without its seal")
    }
    guard seal.seal.rows == count.rows else {
      throw .badRow(
        file: path.name, row: count.rows + 1,
        reason: "the seal counts \(seal.seal.rows) rows, there are \(count.rows)")
    }
    var fingerprint = Fingerprint()
    fingerprint.add([UInt8](bytes[..<seal.frame.lowerBound]))
    guard fingerprint.text == seal.seal.framesDigest else {
      throw damaged(0, "its bytes are not those that were sealed")
    }
    self.seal = seal.seal
    frames = count.frames
  }

  private static func frame(
    _ walker: inout FrameWalker, _ path: FilePath
  ) throws(ArchiveError) -> Frame? {
    do {
      switch try walker.next() {
      case .frame(let frame): return frame
      case .end: return nil
      case .torn: throw FrameFault(byte: walker.offset, reason: "the file ends within a frame")
      }
    } catch let fault as FrameFault {
      throw .damaged(file: path.name, byte: fault.byte, reason: fault.reason)
    } catch {
      throw .damaged(file: path.name, byte: walker.offset, reason: "\(error)")
    }
  }

  /// Writes a sealed file next to its place and makes it durable; the caller gives it its name.
  static func draft(
    _ path: FilePath, trials: [TrialRecord], digest: String,
    lines: @Sendable (TrialRecord) throws(ArchiveError) -> [UInt8]
  ) throws(ArchiveError) -> Draft {
    try Draft(of: path) { file in
      var fingerprint = Fingerprint()
      var rows = 0
      var columns: [String] = []
      var content: [UInt8] = []
      // As many frames are compressed at a time as there are cores, but at most eight, since each
      // takes 85 MB at this level.
      let atATime = min(coreCount, 8)
      var full: [[UInt8]] = []
      func flush() throws {
        let frames = onAllCores(full) { content in
          Result { () throws(ZstdFailure) in try Zstd.compress(content, level: Zstd.smallest) }
        }
        full = []
        for frame in frames {
          let frame = try frame.get()
          fingerprint.add(frame)
          try file.writeAll(frame)
        }
      }
      func end() throws {
        if !content.isEmpty { full.append(content) }
        content = []
        if full.count == atATime { try flush() }
      }
      for block in trials.blocks {
        for more in try tryOnAllCores(block, lines) {
          if columns.isEmpty, let first = more.split(separator: newline).first {
            columns = try JSONDecoder().decode(ColumnNames.self, from: Data(first)).names
          }
          rows += more.count { $0 == newline }
          if content.count + more.count > sealedFrame { try end() }
          content += more
        }
      }
      try end()
      try flush()
      let seal = SealLine(
        seal: Seal(
          rows: rows, trials: trials.count, digest: digest, framesDigest: fingerprint.text),
        columns: columns)
      try file.writeAll(try plainFrame(try canonicalJSON(seal, trial: "") + [newline]))
    }
  }
}
