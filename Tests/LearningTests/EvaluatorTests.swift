import Algebra
import Records
import Testing

@testable import Environments
@testable import Learning

struct EvaluatorTests {
  private static func network(_ task: CatalogueEntry) -> Network {
    let facts = task.facts
    let network = Network(
      NetworkShape(
        inputs: facts.observationSize, actions: facts.actions.count, hidden: LayerSizes([8]),
        activation: .tanh, trunks: .shared))
    network.scatter(2)
    return network
  }

  @Test(arguments: Catalogue.builtIn)
  func `plays the same episodes however they are divided`(task: CatalogueEntry) {
    let network = Self.network(task)
    func play(_ episodes: Range<Int>) -> [Double] {
      Evaluator.play(task, with: network, episodes: episodes, seed: Seed(3)).scores
    }
    let whole = play(0..<48)
    #expect(whole.count == 48)
    #expect(play(0..<16) + play(16..<48) == whole)
    #expect(play(0..<1) + play(1..<30) + play(30..<48) == whole)
    let spread = Evaluator.play(task, with: network, episodes: 0..<48, seed: Seed(3), threads: 3)
    #expect(spread.scores == whole)
  }

  @Test func `counts every step of every episode`() {
    let task = CatalogueEntry(Catch.self)
    let played = Evaluator.play(
      task, with: Self.network(task), episodes: 5..<25, seed: Seed(3))
    #expect(played.scores.count == 20 && played.steps == 180)
    #expect(Set(played.scores) == [-1, 1])
  }

  /// A policy that always does the same has a score that can be counted.
  @Test func `scores are those of the policy`() throws {
    let task = CatalogueEntry(Catch.self)
    let network = Self.network(task)
    network.parameters.fill(0)
    // The biases of the heads come last: left, stay, right, value.
    let count = network.shape.parameterCount
    network.parameters[0, count - 3] = 100
    let scores = Evaluator.play(task, with: network, episodes: 0..<4_000, seed: Seed(4)).scores
    // One column of five.
    let mean = scores.reduce(0, +) / 4_000
    #expect(abs(mean + 0.6) < 4 * 0.8 / 4_000.squareRoot())
  }

  @Test func `other seeds play other episodes`() {
    let task = CatalogueEntry(GridGoal<8>.self)
    let network = Self.network(task)
    let (one, two) = (
      Evaluator.play(task, with: network, episodes: 0..<20, seed: Seed(1)),
      Evaluator.play(task, with: network, episodes: 0..<20, seed: Seed(2))
    )
    #expect(one.scores.sorted() != two.scores.sorted())
  }
}
