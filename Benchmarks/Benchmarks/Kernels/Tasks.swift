internal import Benchmark
internal import Environments
internal import Learning
internal import Records

/// 64 steps of 64 environments for one task of each family, and a rollout of the same size.
func tasksAndRollouts() {
  for name in ["pong", "catch", "breakout", "door-key-8x8"] {
    let player = RandomPlay(task(name), copies: 64, seed: Seed(1))
    player.play(steps: 200)
    kernel("step-\(name)-64x64", scale: .one) { player.play(steps: 64) }
  }

  // Task, network, draws and, at the end, the generalized advantages.
  let pong = task("pong")
  let hyperparameters = Hyperparameters(.policyGradient)
  let shape = NetworkShape(hyperparameters, for: pong)
  let estimation = AdvantageEstimation(hyperparameters)
  let network = Network(shape)
  network.initialize(from: Seed(1))
  let collector = Collecting(
    Collector(task: pong, count: 64, horizon: 64, shape: shape, seed: Seed(2)))
  kernel("rollout-pong-64x64", scale: .one) {
    collector.collector.collect(with: network, estimation)
  }
}

/// Keeps a collector between the calls of a closure.
private final class Collecting {
  var collector: Collector
  init(_ collector: consuming Collector) { self.collector = collector }
}

private func task(_ name: String) -> CatalogueEntry {
  guard let entry = Catalogue.builtIn[name] else {
    fatalError("there is no task \(name)")
  }
  return entry
}
