import Environments
import Foundation
import Lab
import Records

@testable import Archive

/// The folder in which a study is built from scratch for every input.
struct Scratch: Sendable {
  static let shared = Scratch()
  let plan: StudyPlan
  private let root: URL
  private let planText: Data

  private init() {
    // Private to this process, because several fuzzers may run at the same time.
    root = FileManager.default.temporaryDirectory
      .appending(path: "archive-fuzzer-\(ProcessInfo.processInfo.processIdentifier)")
    do {
      plan = try Self.request.resolved(with: .builtIn)
      planText = Data(try PlanFile.json(of: plan))
    } catch {
      fatalError("no study to fuzz: \(error)")
    }
  }

  /// The plan of the study from which make-seeds.py makes the seeds.
  private static var request: Plan {
    var plan = Plan(tasks: [Plan.TaskRequest("catch", targets: [-0.55, -0.5])])
    plan.batches = .list([80, 160])
    (plan.tuningSeeds, plan.measuringSeeds) = (1, 1)
    (plan.budget, plan.evaluationEpisodes) = (1600, 16)
    plan.hidden = LayerSizes([2])
    return plan
  }

  /// Writes a study that consists of these files and returns its folder.
  func put(_ files: [String: [UInt8]]) -> String {
    do {
      try? FileManager.default.removeItem(at: root)
      try FileManager.default.createDirectory(
        at: root.appending(path: "journal"), withIntermediateDirectories: true)
      try planText.write(to: root.appending(path: "plan.json"))
      for (name, bytes) in files { try Data(bytes).write(to: root.appending(path: name)) }
    } catch {
      fatalError("the folder \(root.path) can't be used: \(error)")
    }
    return root.path
  }

  func file(_ name: String) -> String { root.appending(path: name).path }

  /// The contents of a file; `nil` if it doesn't exist.
  func bytes(_ name: String) -> [UInt8]? {
    (try? Data(contentsOf: root.appending(path: name))).map { [UInt8]($0) }
  }
}
