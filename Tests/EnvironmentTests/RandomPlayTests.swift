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

  @Test(arguments: catalogue)
  func `random play scores what the facts say`(task: CatalogueEntry) {
    let episodes = task.facts.typicalEpisodeLength > 30 ? 3_000 : 20_000
    let scores = Self.scores(task, episodes: episodes, seed: 21)
    let (mean, error) = summary(of: scores)
    let range = task.facts.scoreRange.upperBound - task.facts.scoreRange.lowerBound
    #expect(scores.count == episodes)
    #expect(
      abs(mean - task.facts.randomScore) < 0.02 * range + 3 * error,
      "measured \(mean) ± \(error), stated \(task.facts.randomScore)")
  }
}
