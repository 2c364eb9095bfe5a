import Environments
import Records
import Testing

@testable import Lab

/// A stored plan runs only if this version would measure what it says.
struct StoredPlanTests {
  private func refusal(_ change: (inout StudyPlan) -> Void) throws -> String? {
    var plan = try catchPlan(batches: [80, 240], targets: [0, 0.5])
    plan.tasks[0].measuringSeeds = 3
    change(&plan)
    do {
      try plan.checkRuns(with: .builtIn, file: "plan.json")
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func `a stored plan of this version runs`() throws {
    #expect(try refusal { _ in } == nil)
    #expect(try refusal { $0.tasks[0].exchangeRates = [300, 1000.5] } == nil)
  }

  @Test func `a plan of other numerics or rules, or with an impossible value, is refused`() throws {
    #expect(
      try refusal { $0.numerics = 1 }?.hasSuffix(
        "its results can be read, and nothing can be added to them") == true)
    #expect(
      try refusal { $0.tasks[0].rulesVersion += 1 }?.contains("tasks.0.rulesVersion differs")
        == true)
    #expect(
      try refusal { $0.tasks[0].batches = [83] }?.contains("batch 83 is not a multiple") == true)
    #expect(try refusal { $0.tasks[0].task = "cach" }?.contains("did you mean 'catch'?") == true)
    #expect(try refusal { $0.tasks = [] } != nil)
  }
}
