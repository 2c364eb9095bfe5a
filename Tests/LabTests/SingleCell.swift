import Environments
import Records

@testable import Lab

/// A plan of catch at a few batches, whose trials take milliseconds.
func catchPlan(
  batches: [Int] = [80], targets: [Double] = [0], _ change: (inout Plan) -> Void = { _ in }
) throws -> StudyPlan {
  var plan = Plan(tasks: [.init("catch", targets: targets)])
  plan.batches = .list(batches)
  (plan.tuningSeeds, plan.measuringSeeds) = (2, 2)
  plan.evaluationEpisodes = 64
  change(&plan)
  return try plan.resolved(with: .builtIn)
}

extension TunedCell {
  /// The cell of a plan, which runs for `updates` updates at a rate at which it learns nothing.
  static func limited(to updates: Int, batch: Int = 80, rate: Double = 1e-4) async throws
    -> TunedCell
  {
    let plan = try catchPlan(batches: [batch], targets: [0.9]) { $0.budget = updates * batch }
    return try await TunedCell(plan, with: .builtIn, rate: .given(rate), lanes: 1)
  }
}
