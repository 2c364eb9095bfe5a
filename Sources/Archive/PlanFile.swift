import Foundation
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
    let fingerprint = try StudyPlanText.fingerprint(of: plan)
    let text =
      comment(given)
      + "# The resolved plan of this study: its identity. Written once, never changed.\n"
      + StudyPlanText.fingerprintMark + fingerprint + "\n" + resolved
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
    return try StudyPlanText(study.plan).plan()
  }

  /// Writes the plan of a new study, or compares it with the one that is there.
  static func establish(
    _ plan: StudyPlan, given: String, in study: StudyFolder
  ) throws(ArchiveError) {
    let text = try text(of: plan, given: given)
    if !study.plan.exists {
      let hasJournals = try !study.journalFiles().isEmpty
      if hasJournals || study.trials.exists || study.curves.exists {
        throw .notAStudy(
          folder: study.name,
          reason: "it holds results but no plan.yaml (the same sweep into a new folder writes it)")
      }
      // The whole file gets its name in one step, and only if the name is free.
      let partial = partial(study)
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
    try compare(plan, with: study)
  }

  /// Refuses a plan that is not that of a study.
  static func compare(_ plan: StudyPlan, with study: StudyFolder) throws(ArchiveError) {
    guard let wanted = try? PlanTree(plan) else { return }
    if let difference = try StudyPlanText(study.plan).tree.firstDifference(from: wanted) {
      throw .otherPlan(
        folder: study.name, difference: difference.advice(in: wanted, file: study.plan.name))
    }
  }

  /// Puts a plan in the place of another one, in one step.
  static func replace(
    _ plan: StudyPlan, given: String, in study: StudyFolder
  ) throws(ArchiveError) {
    let partial = partial(study)
    let before = try keptText(in: study)
    let given = [before, given].filter { !$0.isEmpty }.joined(separator: "\n\n")
    try partial.createDurably([UInt8](try text(of: plan, given: given).utf8))
    try partial.rename(to: study.plan)
    try study.path.syncFolder()
  }

  /// What its comment keeps of the plan as it was given.
  private static func keptText(in study: StudyFolder) throws(ArchiveError) -> String {
    let text = String(decoding: try study.plan.bytesIfThere() ?? [], as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == "# As it was given:" else { return "" }
    let comment = lines.dropFirst(2).prefix { $0 == "#" || $0.hasPrefix("#   ") }
    return comment.map { String($0.dropFirst(4)) }.joined(separator: "\n")
  }

  private static func partial(_ study: StudyFolder) -> FilePath {
    FilePath("\(study.plan).\(LibC.process).partial")
  }
}
