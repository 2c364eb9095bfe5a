import Environments
import Foundation
import Lab
import Records

@testable import Archive

/// The function that libFuzzer calls with every input, a text that is read as a user's plan and as
/// the plan of a study.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  readOwn(input)
  if let text = planText(input) {
    readNodes(text)
    readGiven(text)
  }
  return 0
}

/// Checks that a YAML text has no more nodes than bytes, so that no alias multiplies them.
private func readNodes(_ text: String) {
  guard let root = try? composeYAML(text) else { return }
  var budget = text.utf8.count + 2
  do {
    _ = try PlanTree(root, budget: &budget)
  } catch {
    guard error.reason == "a key must be a word" else { fatalError("too many nodes: \(error)") }
  }
}

/// Checks that a user's plan is refused in one line, or resolved and read back from a study.
private func readGiven(_ text: String) {
  let plan: StudyPlan
  do {
    plan = try PlanReader.document(text, file: "plan.yaml").resolved(with: .builtIn)
  } catch {
    return checkMessage(error)
  }
  checkRoundTrip(plan)
  do {
    let again = try PlanReader.document(plan.yaml(), file: "plan.yaml").resolved(with: .builtIn)
    guard again == plan else { fatalError("the plan changed when it was written as YAML") }
  } catch {
    fatalError("the plan can't be written as YAML and read: \(error)")
  }
}

/// Checks that a study's `plan.json`, or an older study's `plan.yaml`, with any contents is refused
/// in one line, or reads back the same after it is written.
private func readOwn(_ bytes: [UInt8]) {
  do {
    checkRoundTrip(try read(bytes))
  } catch {
    checkMessage(error)
  }
}

private func checkRoundTrip(_ plan: StudyPlan) {
  do {
    guard try read(PlanFile.json(of: plan)) == plan else {
      fatalError("the plan changed when it was written and read")
    }
  } catch {
    fatalError("the plan can't be written and read: \(error)")
  }
}

/// A folder private to this process, because several fuzzers may run at the same time.
private let folder: String = {
  let folder = FileManager.default.temporaryDirectory.appending(path: "plan-fuzzer-\(getpid())")
  try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder.path
}()

private func read(_ bytes: [UInt8]) throws -> StudyPlan {
  let (json, yaml) = ("\(folder)/plan.json", "\(folder)/plan.yaml")
  let isJSON = bytes.first == UInt8(ascii: "{")
  try? FileManager.default.removeItem(atPath: isJSON ? yaml : json)
  try Data(bytes).write(to: URL(filePath: isJSON ? json : yaml))
  return try PlanFile.read(folder: folder)
}

private func checkMessage(_ error: any Error) {
  let isOurs = error is PlanError || error is PlanProblem || error is ArchiveError
  guard isOurs else { fatalError("a refusal that says nothing to users: \(error)") }
  guard !"\(error)".contains(where: \.isNewline) else {
    fatalError("a refusal of several lines: \(error)")
  }
}
