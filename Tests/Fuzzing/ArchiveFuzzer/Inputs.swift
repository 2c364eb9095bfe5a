import Foundation
import Records

@testable import Archive

/// Two bytes that occur in no JSON text. They separate frames, the rows of two files, or the
/// header and the numbers of a policy.
let betweenFrames: UInt8 = 0xFE
let betweenParts: UInt8 = 0xFF

/// The parts of an input; what follows the second separator belongs to the second part.
private func parts(of input: [UInt8]) -> (first: [UInt8], second: [UInt8]) {
  let split = input.split(
    separator: betweenParts, maxSplits: 1, omittingEmptySubsequences: false)
  return (Array(split[0]), split.count > 1 ? Array(split[1]) : [])
}

/// Packs rows into the frames of a journal.
func frames(of rows: [UInt8]) -> [UInt8] {
  rows.split(separator: betweenFrames).flatMap { compressed(Array($0)) }
}

private func compressed(_ content: [UInt8]) -> [UInt8] {
  do { return try Zstd.compress(content, level: Zstd.fastest) } catch {
    fatalError("\(content.count) bytes can't be compressed: \(error)")
  }
}

/// Repeats the same bytes up to 16 MiB; the first three bytes say how often.
func repeated(_ input: [UInt8]) -> [UInt8] {
  let count = input.prefix(3).reduce(0) { $0 << 8 | Int($1) }
  var content = Array(input.dropFirst(3))
  let size = min(count * content.count, 1 << 24)
  while content.count < size { content += content }
  return Array(content.prefix(size))
}

/// A sealed pair of files with these rows; its seals are correct if the rows can be read.
func sealed(_ input: [UInt8]) -> [String: [UInt8]] {
  let (trials, curves) = parts(of: input)
  let rows = lines(of: trials).compactMap { line -> TrialRecord? in
    guard case .success(.trial(let row)) = ArchivedLine.read(line) else { return nil }
    return try? TrialRecord(rows: [row], curve: [])
  }
  let count = Set(rows.map(\.id)).count
  func pair(_ digest: String) -> [String: [UInt8]] {
    [
      "trials.jsonl.zst": sealed(trials, trials: count, digest: digest),
      "curves.jsonl.zst": sealed(curves, trials: count, digest: digest),
    ]
  }
  let draft = Scratch.shared.put(pair(""))
  guard let found = try? StudyContents(StudyFolder(draft)).trials,
    let digest = try? StudyDigest(of: found).text
  else { return pair("") }
  return pair(digest)
}

private func sealed(_ rows: [UInt8], trials: Int, digest: String) -> [UInt8] {
  let frames = frames(of: rows)
  var fingerprint = Fingerprint()
  fingerprint.add(frames)
  let seal = Seal(
    rows: lines(of: rows).count, trials: trials, digest: digest,
    framesDigest: fingerprint.text)
  do {
    let line = try canonicalJSON(SealLine(seal: seal, columns: []), trial: "")
    return try frames + plainFrame(line + [newline])
  } catch {
    fatalError("a seal can't be written: \(error)")
  }
}

func lines(of rows: [UInt8]) -> [ArraySlice<UInt8>] {
  rows.split { $0 == newline || $0 == betweenFrames }
}

/// A policy's header and numbers, preceded by the header's length.
func withHeaderLength(_ input: [UInt8]) -> [UInt8] {
  let (header, numbers) = parts(of: input)
  return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) } + header + numbers
}
