internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Foundation

/// `batchlab fit`
struct Fit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "S_min, E_min and the critical batch with 95 % intervals and a verdict.",
    discussion: """
      Takes a study or a CSV with the columns batch and updates (or observations), optionally \
      task, target, seed, censored.
      """)

  @Argument(help: "A study's folder or a CSV file.")
  var source: String
  @Flag(help: "One JSON document on standard output.")
  var json = false
  @Option(help: "Seed of the bootstrap.")
  var seed = 1
  @Option(help: "Resamples of the bootstrap.")
  var resamples = 2000

  func run() throws {
    try check("--seed", Double(seed), 0...0x1p53 - 1)
    try check("--resamples", Double(resamples), 1...1_000_000)
    let (groups, costs) = try groups()
    let reports = Analysis.fit(groups, seed: seed, resamples: resamples)
    if json { return try printJSON(reports) }
    guard !reports.isEmpty else {
      throw Refusal.failure("\(source) holds no measured run at a tuned learning rate yet")
    }
    SweepTables.show(reports)
    if !costs.isEmpty { SweepTables.show(costs) }
  }

  /// The runs of the source and, for a study, what they cost.
  private func groups() throws(Refusal) -> ([RunGroup], [StudyCost]) {
    var isFolder: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else {
      throw .usage("\(source) does not exist")
    }
    if isFolder.boolValue {
      return try refusing(Refusal.failure) { () throws(ArchiveError) in
        let rows = try Study(folder: source).rows
        return (RunGroup.groups(from: rows), StudyCost.costs(of: rows))
      }
    }
    guard let text = try? String(contentsOfFile: source, encoding: .utf8) else {
      throw .failure("\(source) can't be read as text")
    }
    return try refusing(Refusal.failure) { () throws(RunTableError) in
      (try RunGroup.groups(csv: text, name: source), [])
    }
  }
}
