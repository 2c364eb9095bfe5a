import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

/// States that a kill between two steps of writing leaves behind.
struct KillTests {
  /// Before, and after sealing, of a study with these seeds; some may be sealed beforehand.
  private func states(sealed: [Int], journaled: [Int]) throws -> (before: Scratch, after: Scratch) {
    let before = try Scratch()
    if !sealed.isEmpty { try store(sealed, in: before, sealing: true) }
    try store(journaled, in: before)
    let after = try before.copy()
    try store([], in: after, sealing: true)
    return (before, after)
  }

  /// Every file a kill may have left: `steps` counts what sealing had done.
  private func halfway(_ before: Scratch, _ after: Scratch, steps: Int) throws -> Scratch {
    let state = try before.copy()
    let (trials, curves) = (try after.bytes(after.trials), try after.bytes(after.curves))
    if steps == 0 { try state.write(Array(trials.dropLast(9)), to: state.trials + ".partial") }
    if steps >= 1 { try state.write(trials, to: state.trials) }
    if steps == 1 { try state.write(curves, to: state.curves + ".partial") }
    if steps >= 2 { try state.write(curves, to: state.curves) }
    if steps >= 3 { try FileManager.default.removeItem(atPath: state.journal) }
    return state
  }

  @Test(arguments: [[], [0, 1]], 0...3)
  func `a kill between the steps of sealing loses nothing`(sealed: [Int], steps: Int) throws {
    let (before, after) = try states(sealed: sealed, journaled: [2, 3])
    let expected = try ids(sealed + [2, 3])
    let digest = try Verification(folder: after.study).digest
    let state = try halfway(before, after, steps: steps)
    #expect(try Verification(folder: state.study).digest == digest)
    #expect(try Set(Study(folder: state.study).trials.map(\.id)) == expected)
    #expect(try ids(in: state) == expected)
    try store([], in: state, sealing: true)
    let report = try Verification(folder: state.study)
    #expect(report.isSealed)
    #expect(report.digest == digest)
    #expect(report.points == expected.count * 3)
    #expect(!state.exists(state.study + "/journal"))
  }

  @Test(arguments: 0...2)
  func `a trial stored after such a kill is kept as well`(steps: Int) throws {
    let (before, after) = try states(sealed: [0, 1], journaled: [2, 3])
    let state = try halfway(before, after, steps: steps)
    try store([4], in: state)
    try store([5], in: state, sealing: true)
    #expect(try ids(in: state) == ids([0, 1, 2, 3, 4, 5]))
    #expect(try Verification(folder: state.study).points == 18)
  }

  @Test func `a missing sealed file is not taken for a kill`() throws {
    for missing in [\Scratch.trials, \Scratch.curves] {
      let scratch = try Scratch()
      try store([0, 1], in: scratch, sealing: true)
      try store([2], in: scratch)
      try FileManager.default.removeItem(atPath: scratch[keyPath: missing])
      let error = #expect(throws: ArchiveError.self) { try ids(in: scratch) }
      #expect(error?.description.contains("is missing") == true)
    }
  }

  /// A kill leaves the first bytes of a `plan.json` under another name, then `plan.json` alone, then
  /// it with the first bytes of a `plan.yaml`.
  @Test(arguments: 0...2) func `a kill while the plan is written loses nothing`(steps: Int) throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.study, withIntermediateDirectories: true)
    let json = try PlanFile.json(of: makePlan())
    if steps == 0 { try scratch.write(Array(json.prefix(99)), to: scratch.planJSON + ".7.partial") }
    if steps >= 1 { try scratch.write(json, to: scratch.planJSON) }
    if steps >= 1 { #expect(try Verification(folder: scratch.study).trials == 0) }
    if steps >= 2 { try scratch.write([35], to: scratch.planYAML + ".7.partial") }
    _ = try StudyArchive(folder: scratch.study, plan: makePlan(), given: "tasks: [catch]").trials
    #expect(try scratch.bytes(scratch.planJSON) == json)
    #expect(try scratch.bytes(scratch.planYAML) == Array("tasks: [catch]".utf8))
    try store([0], in: scratch, sealing: true)
    #expect(try scratch.files().keys.allSatisfy { !$0.hasSuffix(".partial") })
  }
}
