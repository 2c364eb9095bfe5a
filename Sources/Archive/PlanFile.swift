import Foundation
import Glibc
public import Records
import SystemPackage
import Yams

/// `plan.yaml`: the plan of a study as it was given, in comments, and resolved. The resolved one
/// is the study's identity.
public enum PlanFile {
  /// The text of a plan: YAML with sorted keys, numbers in their shortest exact form.
  ///
  /// - Parameter given: what the user wrote, a plan or a command line; it stands in front as a
  ///   comment, so it never takes part in a comparison.
  ///
  /// Throws `.badPlan` if a number is not finite or the text is too large to be read again.
  public static func text(
    of plan: StudyPlan, given: String = ""
  ) throws(ArchiveError) -> String {
    guard let resolved = try? serialize(node: PlanTree(plan).node) else {
      throw .badPlan(file: "plan", line: nil, reason: "a number of the plan is not finite")
    }
    let text =
      comment(given)
      + "# The resolved plan of this study: its identity. Written once, never changed.\n" + resolved
    guard text.utf8.count <= largestPlan else {
      throw .badPlan(file: "plan", line: nil, reason: "it is too large for a plan")
    }
    return text
  }

  /// A text as lines of a YAML comment, with characters that YAML can't hold replaced.
  private static func comment(_ text: String) -> String {
    guard !text.isEmpty else { return "" }
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    while let last = lines.last, last.isEmpty { lines.removeLast() }
    let printable = lines.map { line in
      String(
        String.UnicodeScalarView(
          line.unicodeScalars.map { scalar in
            isAllowed(scalar) ? scalar : "\u{FFFD}"
          }))
    }
    return "# As it was given:\n#\n"
      + printable.map { $0.isEmpty ? "#\n" : "#   \($0)\n" }.joined() + "#\n"
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\t" || scalar.isPrintable && scalar != "\u{FFFE}" && scalar != "\u{FFFF}"
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
  static func establish(
    _ plan: StudyPlan, given: String, in study: StudyFolder
  ) throws(ArchiveError) {
    let text = try text(of: plan, given: given)
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
    guard let wanted = try? PlanTree(plan) else { return }
    if let difference = try tree(study.plan).firstDifference(from: wanted) {
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
