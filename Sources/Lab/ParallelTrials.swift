/// Runs independent trials in at most `lanes` threads, and returns their results in the order of
/// the inputs. Cancelling the surrounding task cancels them.
///
/// For short work without cancellation see `onAllCores` in Archive.
func inLanes<Input: Sendable, Output: Sendable>(
  _ lanes: Int, _ inputs: [Input], _ work: @escaping @Sendable (Input) throws -> Output
) async throws -> [Output] {
  try await withThrowingTaskGroup(of: (Int, Output).self) { group in
    var next = 0
    func start() {
      guard next < inputs.count else { return }
      let (index, input) = (next, inputs[next])
      group.addTask { (index, try work(input)) }
      next += 1
    }
    for _ in 0..<max(lanes, 1) { start() }
    var outputs: [Int: Output] = [:]
    while let (index, output) = try await group.next() {
      outputs[index] = output
      start()
    }
    return inputs.indices.compactMap { outputs[$0] }
  }
}
