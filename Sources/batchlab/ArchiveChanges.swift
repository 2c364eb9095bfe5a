internal import Archive
internal import ArgumentParser
internal import Lab
internal import Records

extension ArchiveCommand {
  struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Seal what the shards of a study wrote, or put several studies into one.",
      discussion: """
        Studies stay as they are, except for the output. Merging again, and in any order, gives \
        the same digest; what was interrupted is finished by merging again.
        Example: batchlab archive merge node1/mine node2/mine --output Results/mine
        """)

    @Argument(help: "Folders of studies.")
    var studies: [String]
    @Option(help: "Folder of the result: a new one or a study. One study alone needs none.")
    var output: String?
    @Flag(help: "Allow plans that differ in their tasks, or in the batches of a task.")
    var join = false

    func run() throws {
      guard output != "" else {
        throw Refusal.usage("--output must name a folder, such as Results/mine, not nothing")
      }
      guard let output = output ?? (studies.count == 1 ? studies[0] : nil) else {
        throw Refusal.usage("several studies need --output, such as --output Results/mine")
      }
      let merge = try refusing(Refusal.failure) { () throws(ArchiveError) in
        try Reading.say("merging \(studies.joined(separator: ", ")) ...") {
          () throws(ArchiveError) in
          try Archive.Merge(studies, output: output, joining: join)
        }
      }
      if merge.duplicates > 0 {
        let trials = Format.counted(merge.duplicates, "trial")
        print("\(trials) stood in several studies: only one copy of each is kept")
      }
      let open = try refusing(Refusal.failure) { () throws(ArchiveError) in
        try Study(folder: output).knownOpenCells()
      }
      print(merge.result.sentence(openCells: open?.values.reduce(0) { $0 + $1.count }))
      if let open, !open.isEmpty {
        let cells = open.sorted { $0.key < $1.key }.map { task, sizes in
          "\(task) at \(sizes.map(\.text).joined(separator: ", "))"
        }
        print("not finished: \(cells.joined(separator: "; ")); a sweep of the plan goes on there")
      }
      for (folder, count) in merge.checkpoints.sorted(by: { $0.key < $1.key }) {
        print(
          "\(folder) holds \(Format.counted(count, "checkpoint")) of unfinished trials: sweep on")
      }
    }
  }

  struct Repair: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a damaged study usable again.",
      discussion: """
        Every trial that is all there is kept, damaged files are kept beside under another name, \
        and the next sweep runs what was lost.
        Example: batchlab archive repair Results/mine
        """)

    @Argument(help: "Folder of a study.")
    var study: String

    func run() throws {
      let (repair, open) = try refusing(Refusal.failure) { () throws(ArchiveError) in
        try Reading.files(of: study) { () throws(ArchiveError) in
          let repair = try Archive.Repair(folder: study)
          return (repair, try Study(folder: study).openCellCount())
        }
      }
      if repair.files.isEmpty { print("nothing to repair") }
      for file in repair.files { print(file.description) }
      print(repair.result.sentence(openCells: open))
    }
  }
}
