import Learning
import Records
import Testing

@testable import Environments
@testable import Lab

struct TargetTestTests {
  private static let task = CatalogueEntry(Catch.self)
  private static let shape = NetworkShape(
    inputs: 50, actions: 3, hidden: LayerSizes([8]), activation: .tanh, trunks: .shared)

  private static func test(limit: Int = 256) -> TargetTest {
    TargetTest(task: task, shape: shape, seed: Seed(3), limit: limit)
  }

  /// The untrained policy as it would be after some updates.
  private static func snapshot(_ updates: Int, isKept: Bool = true) -> Snapshot {
    let network = Network(shape)
    network.initialize(from: Seed(1))
    let snapshot = Snapshot(
      updates: Updates(updates), observations: Observations(10 * updates), batch: 10,
      optimizerSteps: OptimizerSteps(updates), operations: Operations(),
      noise: nil, parts: nil, seconds: 0, parameters: network.parameters)
    if !isKept { snapshot.parameters = nil }
    return snapshot
  }

  @Test func `decides a far target by the first look and a near one by all episodes`() {
    var test = Self.test()
    let far = Self.snapshot(1)
    let isReached = test.reaches(0.9, at: far)
    #expect(!isReached && far.score.episodes == TargetTest.firstLook)
    #expect(
      test.tally.episodes == TargetTest.firstLook && test.tally.steps == 9 * TargetTest.firstLook)

    // The mean of all 256 episodes is not known before: take it as the target of another.
    let all = Self.snapshot(2)
    _ = test.reaches(-0.6, at: all)
    var again = Self.test()
    let near = Self.snapshot(2)
    let isNear = again.reaches(all.score.mean, at: near)
    #expect(isNear || near.score.mean != all.score.mean)
    #expect(near.score.episodes <= 256)
    #expect(again.tally.steps == 9 * again.tally.episodes)
    #expect(again.tally.episodes == near.score.episodes)
  }

  @Test func `a score does not depend on earlier evaluations`() {
    var (busy, fresh) = (Self.test(limit: 256), Self.test(limit: 256))
    for update in 1...5 { _ = busy.reaches(-0.6, at: Self.snapshot(update)) }
    let (one, two) = (Self.snapshot(7), Self.snapshot(7))
    // In steps, and by way of another target.
    _ = busy.reaches(0.9, at: one)
    #expect(one.score.episodes == TargetTest.firstLook)
    _ = busy.reaches(-0.6, at: one)
    _ = fresh.reaches(-0.6, at: two)
    #expect(one.score.episodes == two.score.episodes)
    #expect(one.score.mean == two.score.mean && one.score.error == two.score.error)
  }

  @Test func `updates and confirmations have their own episodes`() {
    var test = Self.test(limit: 64)
    let snapshots = (1...12).map { Self.snapshot($0) }
    for snapshot in snapshots {
      _ = test.reaches(-0.6, at: snapshot)
      _ = test.confirms(-0.6, at: snapshot)
    }
    #expect(Set(snapshots.map(\.score.mean)).count > 4)
    #expect(snapshots.contains { $0.score.mean != $0.confirmation.mean })
    #expect(snapshots.allSatisfy { $0.confirmation.episodes >= TargetTest.closeLook })
  }

  @Test(arguments: [(12, 12), (256, 16)])
  func `a confirmation starts with a close look, within the limit`(
    limit: Int, episodes: Int
  ) {
    var test = Self.test(limit: limit)
    let far = Self.snapshot(1)
    let isConfirmed = test.confirms(0.9, at: far)
    #expect(!isConfirmed && far.confirmation.episodes == episodes)
  }

  @Test func `never takes more episodes than the limit`() {
    for limit in [16, 20, 64, 100] {
      var test = Self.test(limit: limit)
      let snapshot = Self.snapshot(4)
      _ = test.reaches(-0.6, at: snapshot)
      // A target at the mean itself is never clear: every call looks once more, if it may.
      for _ in 0..<5 { _ = test.reaches(snapshot.score.mean, at: snapshot) }
      #expect(snapshot.score.episodes == limit)
      let isReached = test.reaches(snapshot.score.mean, at: snapshot)
      let isPassed = test.reaches(snapshot.score.mean + 1e-9, at: snapshot)
      #expect(isReached && !isPassed)
      #expect(test.tally.episodes == limit)
    }
  }

  /// Catch takes 9 steps: 100 episodes are a thirty-second of 28,800 observations.
  @Test func `the limit grows with what was trained, up to four times`() {
    for (updates, most) in [(1, 64), (1_800, 64), (2_880, 100), (1_000_000, 256)] {
      var test = Self.test(limit: 64)
      let snapshot = Self.snapshot(updates)
      _ = test.reaches(-0.6, at: snapshot)
      for _ in 0..<6 { _ = test.reaches(snapshot.score.mean, at: snapshot) }
      #expect(snapshot.score.episodes == most)
    }
  }
}
