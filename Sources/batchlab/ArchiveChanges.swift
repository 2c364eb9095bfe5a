internal import Archive
internal import ArgumentParser
internal import Lab
internal import Records

extension ArchiveCommand {
  struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Seal a study that several shards wrote, or merge several studies into one.",
      discussion: """
        Shards are processes that share the cells of a study. Sealing writes the final files. Only \
        the output changes. The order of the studies does not affect the digest, the SHA-256 of \
        the results. Run an interrupted merge again to finish it.

        Example: batchlab archive merge node1/mine node2/mine --output Results/mine
        """)

    @Argument(help: "Folders of studies.")
    var studies: [String]
    @Option(help: "Folder of the merged study, new or existing. Not needed for a single study.")
    var output: String?
    @Flag(help: "Allow plans that differ in their tasks, or in the batches of a task.")
    var join = false

    func run() throws {
      guard output != "" else {
        throw Refusal.usage("--output needs the name of a folder, such as Results/mine")
      }
      guard let output = output ?? (studies.count == 1 ? studies[0] : nil) else {
        throw Refusal.usage("several studies need --output, such as --output Results/mine")
      }
      let merge = try Reading.say("merging \(studies.joined(separator: ", ")) ...") {
        () throws(ArchiveError) in
        try Study.finishGrowth(of: output)
        return try Archive.Merge(studies, output: output, joining: join)
      }
      if merge.duplicates > 0 {
        let trials = Format.counted(merge.duplicates, "trial")
        standardOutput("\(trials) occurred in several studies; one copy of each is kept")
      }
      let open = try Study(folder: output).knownOpenCells()
      standardOutput(merge.result.sentence(openCells: open?.values.reduce(0) { $0 + $1.count }))
      if let open, !open.isEmpty {
        let cells = open.sorted { $0.key < $1.key }.map { task, sizes in
          "\(task) at \(sizes.map(\.text).joined(separator: ", "))"
        }
        standardOutput(
          "not finished: \(cells.joined(separator: "; ")); to continue, run `batchlab sweep` with"
            + " the plan"
        )
      }
      for study in studies {
        for growth in try Study.growths(of: study) {
          standardOutput("\(growth) is the beginning of a larger study and was not merged")
        }
      }
      for (folder, count) in merge.checkpoints.sorted(by: { $0.key < $1.key }) {
        standardOutput(
          "\(folder) holds \(Format.counted(count, "checkpoint")) of unfinished trials;"
            + " run the sweep again to continue them"
        )
      }
    }
  }

  struct Repair: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a damaged study usable again.",
      discussion: """
        Every complete trial is kept. Damaged files are kept under another name, and the next \
        sweep runs the lost trials again.

        Example: batchlab archive repair Results/mine
        """)

    @Argument(help: "Folder of a study.")
    var study: String

    func run() throws {
      let (repair, open) = try Reading.files(of: study) { () throws(ArchiveError) in
        let repair = try Archive.Repair(folder: study)
        return (repair, try Study(folder: study).openCellCount())
      }
      if repair.files.isEmpty { standardOutput("nothing to repair") }
      for file in repair.files { standardOutput(file.description) }
      standardOutput(repair.result.sentence(openCells: open))
    }
  }
}
