internal import Archive
internal import ArgumentParser
internal import Lab
internal import Records

/// `batchlab archive`
struct ArchiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive", abstract: "List, verify, merge, repair and export studies.",
    discussion: "Example: batchlab archive verify Results/quick",
    subcommands: [List.self, Verify.self, Merge.self, Repair.self, Export.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the studies in a folder.",
      discussion: """
        A sealed study has its final files. Its digest is the SHA-256 of its results.

        Example: batchlab archive list Results
        """)

    @Argument(help: "A study, or a folder of studies. Default: Results.")
    var folder: String?
    @Flag(help: "Print one JSON document to standard output.")
    var json = false

    func run() throws {
      let studies = try Reading.files(of: folder ?? "Results", json: json) {
        () throws(ArchiveError) in
        try StudySummary.list(folder) { study throws(ArchiveError) in
          try study.openCellCount()
        }
      }
      let whole = studies.compactMap { try? $0.summary.get() }
      if json { try printJSON(whole.map(Summary.init)) } else { show(whole) }
      let broken = studies.compactMap { study -> String? in
        guard case .failure(let error) = study.summary else { return nil }
        return error.description
      }
      try refuse(broken)
    }

    private func show(_ studies: [StudySummary]) {
      Table.show(
        ["study", "tasks", "cells", "trials", "state", "bytes", "digest"],
        studies.map {
          [
            $0.folder, Self.words($0.tasks),
            "\($0.batches.joined().count + $0.exchangeRates.joined().count)",
            Format.grouped($0.trials),
            Self.state($0), Format.grouped($0.bytes),
            String(($0.digest ?? "–").prefix(16)),
          ]
        }, left: [0, 1, 4, 6])
    }

    /// The names of up to four tasks, or the number of tasks; each counts once.
    private static func words(_ all: [String]) -> String {
      var seen: Set<String> = []
      let tasks = all.filter { seen.insert($0).inserted }
      return tasks.count > 4
        ? Format.counted(tasks.count, "task") : tasks.joined(separator: " ")
    }

    private static func state(_ study: StudySummary) -> any TableCell {
      guard study.isSealed else { return MeaningfulText("unfinished", .open) }
      if (try? Study.growths(of: study.folder).isEmpty) == false { return "sealed, growing" }
      guard let open = study.openCells, open > 0 else { return "sealed" }
      return "sealed, unfinished: \(Format.counted(open, "cell")) open"
    }

    private struct Summary: Encodable {
      var study: String
      var tasks: [String]
      var variants: [String?]
      var batches: [[Int]]
      var exchangeRates: [[Double]]
      var trials: Int
      var sealed: Bool
      /// `nil` if only another version of batchlab can tell.
      @Nullable var openCells: Int?
      var bytes: Int
      /// `nil` while the study is unfinished.
      @Nullable var digest: String?

      init(_ summary: StudySummary) {
        study = summary.folder
        (tasks, variants) = (summary.tasks, summary.variants)
        batches = summary.batches
        exchangeRates = summary.exchangeRates
        trials = summary.trials
        sealed = summary.isSealed
        openCells = summary.openCells
        bytes = summary.bytes
        digest = summary.digest
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the files of studies: checksums, rows, counts, digest (SHA-256) and plan.",
      discussion: "Example: batchlab archive verify Results/*/")

    @Argument(help: "Folders of studies.")
    var studies: [String]

    func run() throws {
      var broken: [String] = []
      for folder in studies.flatMap({ [$0] + ((try? Study.growths(of: $0)) ?? []) }) {
        do throws(ArchiveError) {
          let (study, verification) = try Reading.files(of: folder) { () throws(ArchiveError) in
            try Study.verified(folder: folder)
          }
          standardOutput(verification.sentence(openCells: try study.openCellCount()))
        } catch {
          broken.append(error.description)
        }
      }
      try refuse(broken)
    }
  }
}

/// Prints a line for each study that can't be read, and ends the command if there are any.
private func refuse(_ sentences: [String]) throws(Refusal) {
  for sentence in sentences.dropLast() { standardError("batchlab: \(sentence)") }
  if let sentence = sentences.last { throw .failure(sentence) }
}
