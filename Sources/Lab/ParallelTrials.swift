/// Runs independent trials in at most `lanes` threads, and returns their results in the order of
/// the inputs. Cancelling the surrounding task cancels them.
///
/// For short work without cancellation see `onAllCores` in Archive.
///
/// - Parameters:
///   - threads: of every trial; if not given, one, and those of resting lanes.
///   - work: also receives the threads of its trial.
func inLanes<Input: Sendable, Output: Sendable>(
  _ lanes: Int, _ inputs: [Input], threads: Int? = nil,
  _ work: @escaping @Sendable (Input, Threads) throws -> Output
) async throws -> [Output] {
  let cores = SharedCores(max(lanes, 1))
  return try await withThrowingTaskGroup(of: (Int, Output).self) { group in
    var next = 0
    func start() {
      guard next < inputs.count else { return }
      let (index, input) = (next, inputs[next])
      cores.begin(index)
      group.addTask {
        defer { cores.end(index) }
        let own = threads.map(Threads.exactly) ?? .automatic { cores.share(of: index) }
        return (index, try work(input, own))
      }
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
