import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

struct PlanFileTests {
  private func refusal(_ plan: StudyPlan, in scratch: Scratch) -> String? {
    let error = #expect(throws: ArchiveError.self) {
      _ = try StudyArchive(folder: scratch.study, plan: plan).trials
    }
    return error?.description
  }

  @Test(arguments: [0.1 + 0.2, 1e-8, 3e-4, 1.0 / 3, 1e300, 2e-308, 2, 123456789.123456789])
  func `a plan comes back bit for bit`(rate: Double) throws {
    let scratch = try Scratch()
    let plan = makePlan(rate: rate)
    _ = try StudyArchive(folder: scratch.study, plan: plan).trials
    #expect(try PlanFile.read(folder: scratch.study) == plan)
    _ = try StudyArchive(folder: scratch.study, plan: plan).trials
  }

  @Test func `the text of a plan is stable and for people`() throws {
    let text = try PlanFile.text(of: makePlan())
    #expect(try text == PlanFile.text(of: makePlan()))
    #expect(text.contains("\n- batches: [16, 64]\n"))
    #expect(text.contains("\nlearningRateFactor: 2\n"))
    #expect(text.contains("rate: 0.30000000000000004\n"))
    #expect(text.contains("task: catch\n"))
    #expect(text.contains(" max_grad_norm: null\n"))
    #expect(text.contains(" epsilon: 1.0e-08\n"))
  }

  @Test(arguments: [
    "tasks: [catch] # *all* of it & more\n\n  seeds: {tuning: 2}\n",
    "a\rseed: 7\u{2028}seed: 8\n&x *x",
    "batchlab sweep --output 'R & D' \u{1}\u{7f}\u{85}seed: 9", "---\n...\n",
  ])
  func `the plan as it was given stands beside and is not compared`(given: String) throws {
    let scratch = try Scratch()
    _ = try StudyArchive(folder: scratch.study, plan: makePlan(), given: given).trials
    let text = String(decoding: try scratch.bytes(scratch.study + "/plan.yaml"), as: UTF8.self)
    let first = given.prefix { !$0.isNewline && $0 != "\u{1}" }
    #expect(text.hasPrefix("# As it was given:\n#\n#   \(first)"))
    #expect(try PlanFile.read(folder: scratch.study) == makePlan())
    _ = try StudyArchive(folder: scratch.study, plan: makePlan(), given: "otherwise").trials
    #expect(
      try String(decoding: scratch.bytes(scratch.study + "/plan.yaml"), as: UTF8.self) == text)
  }

  @Test(arguments: ["null", "true", "12", "1e5", "", "a: b", "naïve 'x'", "no", "x\ny", "~"])
  func `a name that looks like something else stays a name`(task: String) throws {
    let scratch = try Scratch()
    var plan = makePlan()
    plan.tasks[0].task = task
    _ = try StudyArchive(folder: scratch.study, plan: plan).trials
    #expect(try PlanFile.read(folder: scratch.study) == plan)
  }

  @Test func `a study of another plan is refused and the first difference is named`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    let start = "\(scratch.study) is a study of another plan: "
    let end = "; choose another --output, or go back to the plan in \(scratch.study)/plan.yaml"
    #expect(
      refusal(makePlan(batches: [16]), in: scratch) == start + "'batches' of catch differs" + end)
    var other = makePlan()
    other.measuringSeeds = 4
    #expect(
      refusal(other, in: scratch)
        == start + "'seeds: measuring' differs (6 there, 4 here)" + end)
    other = makePlan()
    other.tasks[0].hyperparameters.gaeLambda = 0.5
    #expect(
      refusal(other, in: scratch)
        == start + "'gae-lambda' of catch differs (0.95 there, 0.5 here)" + end)
    other = makePlan()
    other.numerics += 1
    #expect(
      refusal(other, in: scratch)?.hasSuffix(
        "; choose another --output, or measure with the version that began it") == true)
    other = makePlan()
    other.tasks[0].learningRate.exponent = 0.5
    #expect(
      refusal(other, in: scratch) == start
        + "'learning-rates: centre: exponent' of catch differs (0.6666666666666666 there, 0.5 here)"
        + end)
    other = makePlan()
    other.tasks.append(other.tasks[0])
    #expect(refusal(other, in: scratch) == start + "'tasks' differs" + end)
    #expect(try ids(in: scratch) == ids([0]))
  }

  @Test func `results without a plan are not given one`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    try FileManager.default.removeItem(atPath: scratch.study + "/plan.yaml")
    #expect(
      refusal(makePlan(), in: scratch)
        == "\(scratch.study) is not a study: it holds results but no plan.yaml (the same sweep into a new folder writes it)"
    )
  }

  @Test(arguments: [
    ("", "the file is empty"), ("numerics: 1\n", "'seed' is missing"),
    ("seed: [1\n", "not YAML"), ("seed: 1\nseed: 2\n", ":2: the key 'seed' is given twice"),
    ("a: &x 1\nb: *x\n", ":1: anchors and aliases"), ("[1, 2]", "not a mapping of keys to values"),
  ])
  func `a damaged plan is named`(text: String, reason: String) throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    let file = scratch.study + "/plan.yaml"
    try scratch.write(Array(text.utf8), to: file)
    let error = #expect(throws: ArchiveError.self) { try Study(folder: scratch.study) }
    #expect(error?.description.hasPrefix(file + ":") == true)
    #expect(error?.description.contains(reason) == true, "\(error as Any)")
    #expect(throws: ArchiveError.self) { try ids(in: scratch) }
    #expect(try scratch.bytes(file) == Array(text.utf8))
  }

  @Test func `a plan that is not finite is refused`() throws {
    let scratch = try Scratch()
    #expect(refusal(makePlan(rate: .nan), in: scratch)?.contains("not finite") == true)
  }
}
