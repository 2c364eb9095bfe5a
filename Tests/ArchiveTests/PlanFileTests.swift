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

  @Test func `the JSON of a plan is one line with its fingerprint`() throws {
    let text = String(decoding: try PlanFile.json(of: makePlan()), as: UTF8.self)
    let match = try #require(
      try #/\{"fingerprint":"([0-9a-f]{64})","plan":(.*)\}\n/#.wholeMatch(in: text))
    var fingerprint = Fingerprint()
    fingerprint.add(Array(match.2.utf8))
    #expect(fingerprint.text == match.1)
    #expect(match.2.hasPrefix(#"{"learningRateFactor":2,"measuringSeeds":6,"numerics":"#))
    #expect(match.2.contains(#""rate":0.30000000000000004"#))
    #expect(match.2.contains(#""max_grad_norm":null"#))
  }

  @Test(arguments: [
    "tasks: [catch] # *all* of it & more\n\n  seeds: {tuning: 2}\n",
    "a\rseed: 7\u{2028}seed: 8\n&x *x", "\u{1}\u{7f}\u{85}", "---\n...\n",
  ])
  func `the plan as it was given is kept byte for byte and not compared`(given: String) throws {
    let scratch = try Scratch()
    for text in [given, "otherwise"] {
      _ = try StudyArchive(folder: scratch.study, plan: makePlan(), given: text).trials
      #expect(try PlanFile.read(folder: scratch.study) == makePlan())
      #expect(try scratch.bytes(scratch.planYAML) == Array(given.utf8))
    }
  }

  @Test func `a plan.yaml that was edited or lost changes nothing`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    try scratch.write(Array("tasks: [pong".utf8), to: scratch.planYAML)
    try store([1], in: scratch)
    #expect(try Verification(folder: scratch.study).trials == 2)
    try FileManager.default.removeItem(atPath: scratch.planYAML)
    #expect(try Study(folder: scratch.study).planText() == makePlan().yaml())
    try store([2], in: scratch, sealing: true)
    #expect(try scratch.bytes(scratch.planYAML) == Array(makePlan().yaml().utf8))
  }

  @Test func `a study from before plan.json is read, continued and sealed`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch)
    try scratch.makeOld(oldText())
    #expect(try Study(folder: scratch.study).plan == makePlan())
    try store([2], in: scratch, sealing: true)
    #expect(try Verification(folder: scratch.study).trials == 3)
    #expect(try StudySummary.list(scratch.path).count == 1)
    #expect(!scratch.exists(scratch.planJSON))
    #expect(try scratch.bytes(scratch.planYAML) == Array(oldText().utf8))
    #expect(
      refusal(makePlan(batches: [16]), in: scratch)?.hasSuffix(
        "or go back to the plan in \(scratch.planYAML)") == true)
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
    let start = "\(scratch.study) is a study with another plan: "
    let end = "; choose another --output, or go back to the plan in \(scratch.planYAML)"
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
        "; choose another --output, or measure with the version that started it") == true)
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

  @Test(arguments: [OptimizerKind.adam, .sgd, .rmsprop])
  func `constants of an optimizer are named as its plans name them`(
    optimizer: OptimizerKind
  ) throws {
    let scratch = try Scratch()
    var plan = makePlan()
    plan.tasks[0].hyperparameters = Hyperparameters(optimizer: optimizer)
    _ = try StudyArchive(folder: scratch.study, plan: plan).trials
    plan.tasks[0].hyperparameters.momentum = 0.5
    let name = optimizer == .adam ? "beta1" : "momentum"
    let words = refusal(plan, in: scratch)
    #expect(words?.contains("another plan: '\(name)' of catch differs (") == true, "\(words ?? "")")
  }

  @Test func `results without a plan are not given one`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    try FileManager.default.removeItem(atPath: scratch.planJSON)
    #expect(
      refusal(makePlan(), in: scratch)
        == "\(scratch.planYAML):1: plan.json is missing, and this is not the resolved plan of an older study"
    )
    try FileManager.default.removeItem(atPath: scratch.planYAML)
    #expect(
      refusal(makePlan(), in: scratch)
        == "\(scratch.study) is not a study: it holds results but no plan.json (the same sweep into a new folder writes it)"
    )
  }

  @Test(arguments: [
    ("", "the file is empty"), ("numerics: 1\n", "'seed' is missing"),
    ("seed: [1\n", "not YAML"), ("seed: 1\nseed: 2\n", ":2: the key 'seed' is given twice"),
    ("a: &x 1\nb: *x\n", ":1: a plan can't contain anchors or aliases"),
    ("[1, 2]", "not a mapping of keys to values"),
  ])
  func `a damaged plan of an older study is named`(text: String, reason: String) throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    try scratch.makeOld(text)
    let file = scratch.planYAML
    let error = #expect(throws: ArchiveError.self) { try Study(folder: scratch.study) }
    #expect(error?.description.hasPrefix(file + ":") == true)
    #expect(error?.description.contains(reason) == true, "\(error as Any)")
    #expect(throws: ArchiveError.self) { try ids(in: scratch) }
    #expect(try scratch.bytes(file) == Array(text.utf8))
  }

  @Test(arguments: [
    ("", "not a JSON object"), ("{}", "'plan' is missing"), ("[1, 2]", "not a mapping"),
    ("{\"plan\":{\"numerics\":1}}", "'plan.seed' is missing"),
  ])
  func `a damaged plan is named`(text: String, reason: String) throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    try scratch.write(Array(text.utf8), to: scratch.planJSON)
    let error = #expect(throws: ArchiveError.self) { try Study(folder: scratch.study) }
    #expect(error?.description.hasPrefix(scratch.planJSON + ": ") == true)
    #expect(error?.description.contains(reason) == true, "\(error as Any)")
    #expect(throws: ArchiveError.self) { try ids(in: scratch) }
    #expect(try scratch.bytes(scratch.planJSON) == Array(text.utf8))
  }

  @Test func `a plan with a number that is not finite is refused`() throws {
    let scratch = try Scratch()
    #expect(refusal(makePlan(rate: .nan), in: scratch)?.contains("not finite") == true)
  }
}
