import Foundation
import TestSupport
import Testing

/// A study that takes seconds, in a folder of its own.
struct TinyStudy {
  let folder: Scratch

  /// `seeds`: for measuring; more of them make the study longer.
  init(
    tuning: Int = 2, seeds: Int = 2, tasks: String = "[{task: catch, targets: [0.5]}]",
    batches: String = "[80, 240, 960]"
  ) throws {
    folder = try Scratch()
    try folder.write(
      """
      # Small & quick: *tiny*.
      study: tiny
      tasks: \(tasks)
      batches: \(batches)
      seeds: {tuning: \(tuning), measuring: \(seeds)}
      """, to: "plan.yaml")
  }

  func sweep(_ options: String...) throws -> Command {
    try Command(["sweep", "plan.yaml"] + options, in: folder)
  }

  /// Runs what is left and gives the digest.
  @discardableResult
  func finish(lanes: Int = 2) throws -> String {
    let result = try sweep("--lanes", "\(lanes)").finish()
    #expect(result.status == 0, "\(result.errors)")
    let (digest, isSealed) = try summary()
    #expect(isSealed)
    #expect(result.output.contains("digest \(digest ?? "none")"))
    try verify("sealed and whole")
    return try #require(digest)
  }

  func summary() throws -> (digest: String?, isSealed: Bool) {
    let result = try batchlab("archive", "list", "Results/tiny", "--json", in: folder)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let studies = try #require(try result.json() as? [[String: Any]])
    #expect(studies.count == 1)
    let isSealed = try #require(studies.first?["sealed"] as? Bool)
    return (studies.first?["digest"] as? String, isSealed)
  }

  func verify(_ state: String) throws {
    let result = try batchlab("archive", "verify", "Results/tiny", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains(state), "\(result.output)")
  }

  /// The trials that the study holds, all of them checked.
  func trialCount() throws -> Int {
    let result = try batchlab("archive", "verify", "Results/tiny", in: folder)
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
