public import Records
import SystemPackage

/// The plan of a study in its folder, as two files.
///
/// `plan.json` is the resolved plan and the study's identity: one line of canonical JSON with the
/// plan's fingerprint, replaced only when the study grows. `plan.yaml` is the plan as its user gave
/// it, for people. It is written after `plan.json` and shown in reports, but never read as the plan,
/// so editing or losing it changes no study; the next sweep writes a missing one.
///
/// A study from before there was a `plan.json` has its resolved plan in `plan.yaml` and keeps it
/// there.
public enum PlanFile {
  /// The content of `plan.json`: keys sorted, no spaces, numbers in their shortest exact form.
  ///
  /// Throws `.badPlan` if a number is not finite or the text is too large to be read again.
  public static func json(of plan: StudyPlan) throws(ArchiveError) -> [UInt8] {
    let canonical = try canonical(plan)
    var fingerprint = Fingerprint()
    fingerprint.add(canonical)
    let start = "{\"fingerprint\":\"\(fingerprint.text)\",\"plan\":"
    let bytes = [UInt8](start.utf8) + canonical + [UInt8]("}\n".utf8)
    guard bytes.count <= largestPlan else {
      throw .badPlan(file: "plan", line: nil, reason: "it is too large for a plan")
    }
    return bytes
  }

  /// SHA-256 of a resolved plan as canonical JSON.
  static func fingerprint(of plan: StudyPlan) throws(ArchiveError) -> String {
    var fingerprint = Fingerprint()
    fingerprint.add(try canonical(plan))
    return fingerprint.text
  }

  private static func canonical(_ plan: StudyPlan) throws(ArchiveError) -> [UInt8] {
    do {
      return try canonicalJSON(plan, trial: "of the plan")
    } catch {
      throw .badPlan(file: "plan", line: nil, reason: "a number of the plan is not finite")
    }
  }

  /// Reads and checks the plan of a study.
  public static func read(folder: String) throws(ArchiveError) -> StudyPlan {
    try StoredPlan(StudyFolder(folder)).plan
  }

  /// Writes the plan of a new study, or compares it with the existing one.
  ///
  /// - Parameter given: the plan as its user wrote it; if it is empty, YAML that says the same is
  ///   written.
  static func establish(
    _ plan: StudyPlan, given: String, in study: StudyFolder
  ) throws(ArchiveError) {
    let json = try json(of: plan)
    if try !study.holdsPlan {
      let sealed = (try study.trials.exists, try study.curves.exists)
      if try !study.journalFiles().isEmpty || sealed.0 || sealed.1 {
        throw .notAStudy(
          folder: study.name,
          reason: "it holds results but no plan.json (the same sweep into a new folder writes it)")
      }
      _ = try study.json.create(json)
    }
    try compare(plan, with: study)
    // Missing in a study whose process was killed between the two files.
    if try study.json.exists, try !study.yaml.exists {
      _ = try study.yaml.create(text(given, of: plan))
    }
  }

  private static func text(_ given: String, of plan: StudyPlan) -> [UInt8] {
    [UInt8]((given.isEmpty ? plan.yaml() : given).utf8)
  }

  /// Refuses a plan other than a study's own.
  static func compare(_ plan: StudyPlan, with study: StudyFolder) throws(ArchiveError) {
    let stored = try StoredPlan(study).plan
    if stored != plan { throw try refusal(of: plan, in: study, stored) }
  }

  /// Names the first difference from a study's plan. What the plan asks for beyond it is none,
  /// unless there is no other.
  static func refusal(
    of plan: StudyPlan, in study: StudyFolder, _ stored: StudyPlan
  ) throws(ArchiveError) -> ArchiveError {
    for other in [plan.cut(to: stored), plan] {
      guard let wanted = try? PlanTree(other),
        let difference = (try? PlanTree(stored))?.firstDifference(from: wanted)
      else { continue }
      return .otherPlan(
        folder: study.name, difference: difference.advice(in: other, file: try study.yaml.name))
    }
    return .otherPlan(folder: study.name, difference: "it differs")
  }

  /// Replaces a study's plan with a larger one. The new plan holds once `plan.json` has it; a kill
  /// before that leaves the old one.
  static func replace(
    _ plan: StudyPlan, given: String, in study: StudyFolder
  ) throws(ArchiveError) {
    if try !study.json.exists { _ = try study.json.create(json(of: try StoredPlan(study).plan)) }
    try study.yaml.replace(with: text(given, of: plan))
    try study.json.replace(with: json(of: plan))
  }

  /// The plan of a study as its user gave it; empty if that is not known.
  static func given(in study: StudyFolder) throws(ArchiveError) -> String {
    guard try study.json.exists, let bytes = try study.yaml.bytesIfThere() else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}
