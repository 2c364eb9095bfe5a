internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Environments
internal import Foundation
internal import Records

/// `batchlab compare`
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The critical batches and noise scales of tasks against their complexity.",
    discussion: """
      Each task counts once, with the hardest target whose fit has the verdict fitted. \
      Example: batchlab compare Results/quick Results/mine
      """)

  @Argument(help: "Folders of studies.")
  var studies: [String]
  @Flag(help: "One JSON document on standard output.")
  var json = false
  @Option(help: "The batch at which tasks are compared by their observations to the target.")
  var referenceBatch = 1024.0
  @Option(help: "Seed of the bootstrap.")
  var seed = 1
  @Option(help: "Resamples of the bootstrap.")
  var resamples = 2000

  func run() throws {
    try check("--seed", Double(seed), 0...0x1p53 - 1)
    try check("--resamples", Double(resamples), 1...1_000_000)
    try check("--reference-batch", referenceBatch, 1...1e15)
    var fits: [FittedGroup] = []
    for folder in studies {
      let rows = try refusing(Refusal.failure) { () throws(ArchiveError) in
        try Study(folder: folder).rows
      }
      fits += FittedGroup.fits(of: rows, study: folder, seed: seed, resamples: resamples)
    }
    guard !fits.isEmpty else {
      throw Refusal.failure("\(studies.joined(separator: ", ")) holds no finished trial yet")
    }
    let comparison = Comparison(
      fits, traits: TaskTraits.ofCatalogue, referenceBatch: referenceBatch, seed: seed,
      resamples: resamples)
    if json { try printJSON(comparison) } else { ComparisonTables(comparison).show() }
  }
}

extension TaskTraits {
  /// Of all tasks by their names. Those of the grid family are about reaching a goal.
  static var ofCatalogue: [String: TaskTraits] {
    Dictionary(
      uniqueKeysWithValues: catalogue.map(\.facts).map { facts in
        let failure = facts.family == .grid ? facts.scoreRange.lowerBound : nil
        return (
          facts.name,
          TaskTraits(
            observationSize: facts.observationSize, episodeLength: facts.typicalEpisodeLength,
            states: facts.states, randomScore: facts.randomScore, bestScore: facts.bestScore,
            failureScore: failure)
        )
      })
  }
}
