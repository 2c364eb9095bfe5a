import CommandSupport
import Foundation
import TestSupport
import Testing

/// A study of small networks that takes half a second, in a folder of its own.
struct TinyStudy {
  let folder: Scratch

  /// `seeds`: for measuring; more of them make the study longer.
  init(
    tuning: Int = 2, seeds: Int = 2, tasks: String = "[{task: catch, targets: [0.5]}]",
    batches: String = "[80, 240, 960]"
  ) throws {
    folder = try Scratch()
    try ask(tuning: tuning, seeds: seeds, tasks: tasks, batches: batches)
  }

  /// Writes another plan; settings are YAML lines.
  func ask(
    tuning: Int = 2, seeds: Int = 2, tasks: String = "[{task: catch, targets: [0.5]}]",
    batches: String = "[80, 240, 960]", settings: String = ""
  ) throws {
    try folder.write(
      """
      # Small & quick: *tiny*.
      study: tiny
      tasks: \(tasks)
      batches: \(batches)
      hidden: 32
      seeds: {tuning: \(tuning), measuring: \(seeds)}
      \(settings)
      """, to: "plan.yaml")
  }

  /// The study as it is finished in one go and one lane: its files and its digest.
  private static let example = Task {
    let study = try TinyStudy()
    let digest = try await study.finish(lanes: 1)
    let names = try study.folder.contents(of: "Results/tiny").map { "Results/tiny/" + $0 }
    return (files: try names.map { ($0, try study.folder.bytes($0)) }, digest)
  }

  /// The digest that the study has however it was run.
  static var digest: String { get async throws { try await example.value.1 } }

  /// A study that is finished already.
  static func finished() async throws -> TinyStudy {
    let study = try TinyStudy()
    for (name, bytes) in try await example.value.files { try study.folder.write(bytes, to: name) }
    return study
  }

  /// Starts a sweep in a process of its own.
  func sweep(_ options: String...) throws -> Command {
    try Command(["sweep", "plan.yaml"] + options, in: folder)
  }

  /// Runs a command on the study to its end.
  func run(_ arguments: String...) async -> Finished {
    await CommandSupport.run(arguments, in: folder)
  }

  /// Sweeps to the end.
  func runSweep(_ options: String..., output: String = "Results/tiny") async -> Finished {
    await CommandSupport.run(
      ["sweep", "@/plan.yaml", "--output", "@/" + output] + options, in: folder)
  }

  /// Runs what is left and gives the digest.
  @discardableResult
  func finish(lanes: Int = 2) async throws -> String {
    let result = await runSweep("--lanes", "\(lanes)")
    #expect(result.status == 0, "\(result.errors)")
    let (digest, isSealed) = try await summary()
    #expect(isSealed)
    #expect(result.output.contains("digest \(digest ?? "none")"))
    try await verify("sealed and intact")
    return try #require(digest)
  }

  func summary() async throws -> (digest: String?, isSealed: Bool) {
    let result = await run("archive", "list", "@/Results/tiny", "--json")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let studies = try #require(try result.json() as? [[String: Any]])
    #expect(studies.count == 1)
    let isSealed = try #require(studies.first?["sealed"] as? Bool)
    return (studies.first?["digest"] as? String, isSealed)
  }

  func verify(_ state: String) async throws {
    let result = await run("archive", "verify", "@/Results/tiny")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains(state), "\(result.output)")
  }

  /// The trials that the study holds, all of them checked.
  func trialCount() async throws -> Int {
    let result = await run("archive", "verify", "@/Results/tiny")
    #expect(result.status == 0, "\(result.errors)")
    let words = result.output.split(separator: " ")
    let place = words.firstIndex { $0 == "trials," || $0 == "trial," }
    let index = try #require(place, "\(result.output)")
    return try #require(Int(words[index - 1].filter(\.isNumber)))
  }

  /// Trials that a sweep's standard error reports as done.
  static func reported(_ errors: String) -> Int {
    errors.split(separator: "\n").count { $0.contains(" cells  ") }
  }
}
