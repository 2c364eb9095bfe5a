import Testing

@testable import Environments

struct RandomPlayTests {
  /// Scores of the first episodes of many copies under uniformly random actions.
  static func scores(_ task: CatalogueEntry, episodes: Int, seed: Int) -> [Double] {
    var arena = Arena(task.copies(episodes, seed: Seed(seed)))
    var random = Seed(seed).stream(.actions)
    let actions = Int32(task.facts.actions.count)
    var scores: [Double] = []
    while arena.copies.count > 0 {
      arena.step((0..<arena.copies.count).map { _ in random.integer(below: actions) })
      for copy in (0..<arena.copies.count).reversed() where arena.endings[copy] != .none {
        scores.append(arena.copies.score(of: copy))
        arena.copies.remove(copy)
      }
    }
    return scores
  }

  @Test(arguments: Catalogue.builtIn)
  func `random play scores what the facts say`(task: CatalogueEntry) {
    let facts = task.facts
    let episodes = min(20_000, max(300, 900_000 / facts.typicalEpisodeLength))
    let scores = Self.scores(task, episodes: episodes, seed: 21)
    let (mean, error) = summary(of: scores)
    #expect(scores.count == episodes)
    #expect(
      abs(mean - facts.randomScore) < 0.01 * (facts.bestScore - facts.randomScore) + 3 * error,
      "measured \(mean) ± \(error), stated \(facts.randomScore)")
  }
}
