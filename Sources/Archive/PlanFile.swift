import Foundation
import Glibc
public import Records
import SystemPackage
import Yams

/// `plan.yaml`: the resolved plan of a study, which is the study's identity.
public enum PlanFile {
  /// The text of a plan: YAML with sorted keys, numbers in their shortest exact form.
  ///
  /// Throws `.badPlan` if a number is not finite.
  public static func text(of plan: StudyPlan) throws(ArchiveError) -> String {
    do {
      return "# The resolved plan of this study: its identity. Written once, never changed.\n"
        + (try serialize(node: PlanTree(plan).node))
    } catch {
      throw .badPlan(file: "plan", line: nil, reason: "a number of the plan is not finite")
    }
  }

  /// Reads the plan of a study.
  public static func read(folder: String) throws(ArchiveError) -> StudyPlan {
    let study = StudyFolder(folder)
    try study.check()
    let tree = try tree(study.plan)
    do {
      return try tree.decode(StudyPlan.self)
    } catch let error as DecodingError {
      throw .badPlan(file: study.plan.name, line: nil, reason: LineFault(error).reason)
    } catch {
      throw .badPlan(file: study.plan.name, line: nil, reason: "\(error)")
    }
  }

  /// Writes the plan of a new study, or compares it with the one that is there.
  static func establish(_ plan: StudyPlan, in study: StudyFolder) throws(ArchiveError) {
    let text = try text(of: plan)
    if !study.plan.exists {
      let hasJournals = try !study.journalFiles().isEmpty
      if hasJournals || study.trials.exists || study.curves.exists {
        throw .notAStudy(folder: study.name, reason: "it holds results but no plan.yaml")
      }
      // The whole file gets its name in one step, and only if the name is free.
      let partial = FilePath("\(study.plan).\(getpid()).partial")
      try partial.createDurably([UInt8](text.utf8))
      defer { try? partial.removeFile() }
      do {
        try LibC.link(partial, to: study.plan)
        try study.path.syncFolder()
        return
      } catch let errno as Errno {
        if errno != .fileExists { throw study.plan.failure("create", errno) }
      } catch let error as ArchiveError {
        throw error
      } catch {
        throw study.plan.failure("create", .ioError)
      }
    }
    guard let given = try? PlanTree(plan) else { return }
    if let difference = try tree(study.plan).firstDifference(from: given) {
      throw .otherPlan(folder: study.name, difference: difference)
    }
  }

  private static func tree(_ file: FilePath) throws(ArchiveError) -> PlanTree {
    guard let bytes = try file.bytesIfThere() else {
      throw .badPlan(file: file.name, line: nil, reason: "the file is missing")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .badPlan(file: file.name, line: nil, reason: "not a text file")
    }
    do {
      var budget = 1_000_000
      guard let node = try composeYAML(text) else {
        throw YAMLFault(line: nil, reason: "the file is empty")
      }
      return try PlanTree(node, budget: &budget)
    } catch let fault as YAMLFault {
      throw .badPlan(file: file.name, line: fault.line, reason: fault.reason)
    } catch {
      throw .badPlan(file: file.name, line: nil, reason: "\(error)")
    }
  }
}
