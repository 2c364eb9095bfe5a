import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import Archive

/// Bytes that nobody wrote by accident, in frames with sound checksums.
struct HostileTests {
  /// A trial's rows and points as text, with one text in place of another.
  private func frame(replacing old: String, by new: String) throws -> [UInt8] {
    let text = String(decoding: try makeTrial().lines(), as: UTF8.self)
    #expect(text.contains(old))
    return try Zstd.compress(
      Array(text.replacingOccurrences(of: old, with: new).utf8), level: Zstd.fastest)
  }

  private func refusal(of journal: [UInt8]) -> ArchiveError? {
    #expect(throws: ArchiveError.self) { try contents(journal) }
  }

  @Test func `a small file that is all line ends takes little more memory than its frame`() async {
    await #expect(processExitsWith: .success) {
      let bomb = try Zstd.compress([UInt8](repeating: newline, count: 1 << 26), level: 3)
      #expect(bomb.count < 1 << 14)
      #expect(throws: ArchiveError.self) { try contents(bomb) }
      #expect(try peakMemory() < 1 << 29)
    }
  }

  @Test func `a message that quotes a file stays on one line and off the terminal`() throws {
    let word = #"ca\nch\u001B[2J"#
    let row = refusal(of: try frame(replacing: #""role":"measuring""#, by: #""role":"\#(word)""#))
    let plan = #expect(throws: PlanError.self) {
      try PlanReader.document("tasks: [catch]\nseed: \"\(word)\"", file: "plan.yaml")
    }
    let messages = [row?.description, plan?.description].compactMap { $0 }
    #expect(messages.count == 2)
    for message in messages {
      #expect(message.contains("ca\u{FFFD}ch\u{FFFD}[2J"), "\(message)")
      #expect(!message.unicodeScalars.contains { $0.value < 32 }, "\(message)")
    }
  }

  @Test func `frames full of nonsense are salvaged one line at a time`() async {
    await #expect(processExitsWith: .success) {
      let scratch = try Scratch()
      try store([0], in: scratch, sealing: true)
      let nonsense: [UInt8] = (0..<1 << 26).map { $0.isMultiple(of: 2) ? 63 : newline }
      let bomb = try Zstd.compress(nonsense, level: 3)
      let whole = try scratch.bytes(scratch.trials)
      try scratch.write(bomb + bomb + bomb + bomb + whole, to: scratch.trials)
      #expect(try Repair(folder: scratch.study).result.trials == 1)
      #expect(try peakMemory() < 3 << 28)
    }
  }

  @Test func `a point with more observations than an integer holds makes no whole trial`() throws {
    let point = #""updates":99}"#
    let bytes = try frame(replacing: point, by: #""updates":\#(1 << 53 - 1)}"#)
    let trial = try #require(try contents(bytes).trials.first)
    #expect(trial.fault?.contains("its curve disagrees") == true, "\(trial.fault ?? "")")
  }

  @Test func `a target that is not a finite number is refused`() throws {
    for word in ["nan", "inf", "1e999"] {
      let row = try frame(replacing: #""targets":"0.5 0.9""#, by: #""targets":"0.5 \#(word)""#)
      let reason = refusal(of: row)?.description
      #expect(reason?.contains("targets are numbers") == true, "\(word): \(reason ?? "")")
    }
  }

  @Test func `a batch that is not environments times steps is refused`() throws {
    let huge = "\(1 << 53 - 1)"
    for (old, new) in [
      (#""num_envs":2,"#, #""num_envs":3,"#),
      (
        #""num_envs":2,"num_minibatches":1,"num_steps":8,"#,
        #""num_envs":\#(huge),"num_minibatches":1,"num_steps":1000000,"#
      ),
    ] {
      let reason = refusal(of: try frame(replacing: old, by: new))?.description
      #expect(reason?.contains("'batch': is not num_envs × num_steps") == true, "\(reason ?? "")")
    }
  }
}

private func contents(_ journal: [UInt8]) throws(ArchiveError) -> JournalContents {
  try JournalContents(journal, file: StudyFolder("hostile").journal(0))
}

/// The most memory that this process has held, in bytes.
private func peakMemory() throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
  return try #require(line.split(separator: " ").compactMap { Int($0) }.first) * 1024
}
