import Environments
import Formats
import Foundation
import Records

@testable import Archive
@testable import Lab

/// Checks that a study of these files either is intact, can be sealed and then has the same rows,
/// or is refused in one line and is intact after a repair.
func checkStudy(_ files: [String: [UInt8]]) {
  let folder = Scratch.shared.put(files)
  // Most inputs are refused here. Only some of those are also repaired.
  guard attempt({ try StudyContents(StudyFolder(folder)) }) != nil || isSampled(files) else {
    return
  }
  _ = attempt { try Study(folder: folder) }
  var found = attempt { try Verification(folder: folder) }
  if found == nil {
    _ = attempt { try StudyArchive(folder: folder, plan: Scratch.shared.plan).trials }
    guard files.allSatisfy({ Scratch.shared.bytes($0.key) == $0.value }) else {
      fatalError("a study that was refused is not as it was")
    }
    found = attempt { try Repair(folder: folder).result }
  }
  guard let found else { return }
  let sealed = attempt { try seal(folder) }
  guard let sealed, sealed.isSealed, sealed.digest == found.digest,
    (sealed.trials, sealed.rows, sealed.points) == (found.trials, found.rows, found.points)
  else { fatalError("found \(found), sealed \(sealed?.description ?? "nothing")") }
}

private func isSampled(_ files: [String: [UInt8]]) -> Bool {
  files.values.reduce(0) { $1.reduce($0) { $0 &+ Int($1) } }.isMultiple(of: 8)
}

private func seal(_ folder: String) throws -> Verification {
  var archive = try StudyArchive(folder: folder, plan: Scratch.shared.plan)
  try archive.seal()
  return try Verification(folder: folder)
}

/// Checks that stored trials read back number for number, before and after sealing.
func checkStoring(_ input: [UInt8]) {
  let folder = Scratch.shared.put([:])
  do {
    var archive = try StudyArchive(folder: folder, plan: Scratch.shared.plan)
    for piece in input.split(separator: betweenFrames) {
      guard let trial = attempt({ try trial(of: Array(piece)) }) else { continue }
      _ = attempt { try archive.append(trial) }
    }
    let stored = archive.trials
    let before = attempt { try Verification(folder: folder) }
    try archive.seal()
    let after = attempt { try Verification(folder: folder) }
    let study = try Study(folder: folder, curves: true)
    guard before?.digest == after?.digest, study.trials == stored else {
      fatalError("stored \(before?.description ?? "nothing"), sealed \(study.trials.count)")
    }
  } catch {
    fatalError("trials were stored and can't be read: \(error)")
  }
}

/// The trial of these rows, with the id that belongs to its settings.
private func trial(of input: [UInt8]) throws -> TrialRecord {
  var (rows, curve) = ([TrialRow](), [CurveRow]())
  for line in lines(of: input) {
    switch ArchivedLine.read(line) {
    case .success(.trial(let row)): rows.append(row)
    case .success(.point(let row)): curve.append(row)
    case .success(.seal), .failure: break
    }
  }
  guard let settings = rows.first?.settings else {
    throw ArchiveError.unwritable(trial: "without id", reason: "it has no rows")
  }
  let id = try trialID(of: settings)
  for index in rows.indices { rows[index].result.trial = id }
  for index in curve.indices { curve[index].determined.trial = id }
  return try TrialRecord(rows: rows, curve: curve)
}

/// Checks that a row is refused in one line, or is in its ranges, whichever decoder reads it, and
/// reads back the same after it is written.
func checkRow(_ line: ArraySlice<UInt8>) {
  let read = ArchivedLine.read(line)
  let slowly = ArchivedLine.readAnything(Array(line))
  guard words(read) == words(slowly) else {
    fatalError("one decoder says \(words(read)), the other \(words(slowly))")
  }
  let written: [UInt8]?
  switch read {
  case .failure(let fault):
    let message = ArchiveError.badRow(file: "f", row: 1, reason: fault.reason).description
    guard !message.contains(where: \.isNewline) else { fatalError("a refusal of several lines") }
    return
  case .success(.seal): return
  case .success(.trial(let row)):
    written = try? canonicalJSON(DataLine(kind: .trial, schema: row.schema, row: row), trial: "")
  case .success(.point(let row)):
    written = try? canonicalJSON(DataLine(kind: .point, schema: schemaVersion, row: row), trial: "")
  }
  guard let written, words(ArchivedLine.read(written)) == words(read) else {
    fatalError("a row changed when it was written and read: \(words(read))")
  }
}

private func words(_ line: Result<ArchivedLine, LineFault>) -> String {
  switch line {
  case .success(let line): "\(line)"
  case .failure(let fault): fault.reason
  }
}

/// Checks that a policy is refused in one line, or reads back the same after it is written.
func checkPolicy(_ bytes: [UInt8]) {
  _ = Scratch.shared.put(["policy.safetensors": bytes])
  let (file, copy) = (
    Scratch.shared.file("policy.safetensors"), Scratch.shared.file("copy.safetensors")
  )
  guard let found = attempt({ try TensorFile(reading: file) }) else { return }
  if let entry = Catalogue.builtIn.first {
    _ = attempt { try PolicyFile.read(file, for: entry.facts) }
  }
  do {
    try found.write(to: copy)
    guard try TensorFile(reading: copy) == found else { fatalError("the policy changed") }
  } catch {
    fatalError("a policy was read and can't be written: \(error)")
  }
}

/// Checks that a checkpoint of another trial is refused in one line, whatever its contents.
func checkCheckpoint(_ bytes: [UInt8]) {
  _ = Scratch.shared.put(["checkpoint": bytes])
  let settings = TrialSettings(
    task: "catch", rulesVersion: 1, studySeed: 1, role: .measuring, seed: 0, numEnvs: 8,
    numSteps: 10, shortenedHorizon: false, learningRate: 0.01, hyperparameters: Hyperparameters(),
    targets: [0], limit: Observations(1600), isPruned: false, evaluationEpisodes: 16)
  _ = attempt { try TrialCheckpoint(reading: Scratch.shared.file("checkpoint"), for: settings) }
}

/// A result, or `nil` after a refusal, which must be one of our sentences, on one line.
private func attempt<Result>(_ body: () throws -> Result) -> Result? {
  do {
    return try body()
  } catch {
    guard error is ArchiveError else {
      fatalError("a refusal that says nothing to users: \(error)")
    }
    guard !"\(error)".contains(where: \.isNewline) else {
      fatalError("a refusal of several lines: \(error)")
    }
    return nil
  }
}
