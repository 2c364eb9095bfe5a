internal import Analysis
internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Lab
internal import Records
internal import Report

/// `batchlab report`
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract:
      "Write a self-contained page about studies or tables of runs, and its figures as SVG files.",
    discussion: """
      The page is written to report.html in the study's folder. A table (CSV) of runs from another \
      trainer gets a page, too; with studies, it is compared with them. docs/your-own-runs.md has its \
      columns. Several studies or tables need --output.

      Examples: batchlab report Results/quick --figures figures; batchlab report Results/quick \
      runs.csv --output both.html
      """)

  @Argument(help: "Study folders and CSV files; - reads a table from standard input.")
  var sources: [String]
  @Option(help: "The tables' column names, such as batch=bs,updates=iter.")
  var columns: String?
  @Option(
    help: "File of the page. Default: report.html in the study's folder, or runs.html for runs.csv."
  )
  var output: String?
  @Option(help: "Folder for the figures, one SVG file per figure.")
  var figures: String?
  @Flag(help: "Wait for the studies, and rewrite the page at every change until all are finished.")
  var watch = false
  @Option(
    help: """
      Time updates on up to this many cores of this machine, for the figure of time by cores. \
      Without it, the figure follows an assumed model, and the page is the same every time.
      """)
  var cores: Int?
  @Option(help: "Seed of the bootstrap.")
  var seed = 1
  @Option(help: "Number of bootstrap resamples.")
  var resamples = 2000

  func run() async throws {
    try check("--seed", Double(seed), 0...0x1p53 - 1)
    try check("--resamples", Double(resamples), 1...1_000_000)
    try check("--cores", cores.map(Double.init), 1...Double(TimedCores.most))
    guard cores == nil || !watch else {
      throw Refusal.usage(
        "--cores times updates, which a running sweep would slow down; leave out --watch")
    }
    try checkName(output, of: "--output", example: "quick.html")
    try checkName(figures, of: "--figures", kind: "folder", example: "figures")
    guard output != "-" else {
      throw Refusal.usage(
        "--output needs a file, such as --output report.html, not standard output")
    }
    let page = try output ?? ownPage()
    try checkReplaceable(page, "report page; choose another --output") {
      StudyReport.isPage(String(decoding: $0.prefix(1000), as: UTF8.self))
    }
    // A study that --watch waits for need not exist yet.
    let existing = watch ? sources.filter { $0 == "-" || !StudyState($0).isAwaited } : sources
    let tables = try GivenTables(among: existing, columns: columns, beside: sources)
    guard cores == nil || !studies(beside: tables).isEmpty else {
      throw Refusal.usage("--cores needs a study, because a CSV file has no seconds")
    }
    guard watch else {
      try write(page, tables, isLast: true).lines.forEach(standardError)
      return
    }
    let command = self
    let result = try await interruptible { try await command.follow(page, tables) }
    guard case .stopped = result else { return }
    // The page is no longer rewritten, so it must not reload.
    if !studies(beside: tables).contains(where: { StudyState($0).isAwaited }) {
      do {
        try write(page, tables, isLast: true).lines.forEach(standardError)
      } catch {
        standardError(Refusal(error)?.sentence ?? "\(error)")
      }
    }
    throw result.refusal(saying: "stopped")
  }

  private func studies(beside tables: GivenTables) -> [String] {
    sources.filter { tables[$0] == nil }
  }

  /// Writes the page whenever a study has changed, until all studies are finished. On a terminal
  /// every write is reported, elsewhere only the first and the last.
  private func follow(_ page: String, _ tables: GivenTables) async throws {
    let studies = studies(beside: tables)
    for study in studies where StudyState(study).isAwaited {
      standardError("waiting for \(study)")
      repeat { try await Task.sleep(for: .seconds(1)) } while StudyState(study).isAwaited
    }
    var status = StatusLines()
    defer { status.clear() }
    var (times, problem) = (0, "")
    while true {
      let state = studies.map(StudyState.init)
      let start = ContinuousClock.now
      do {
        let written = try write(page, tables, isLast: false)
        (times, problem) = (times + 1, "")
        if written.isFinished {
          status.clear()
          return written.lines.forEach(standardError)
        }
        if StatusLines.isTerminal {
          let count = times > 1 ? ", \(times) times so far" : ""
          status.show([written.lines.joined(separator: "; ") + count])
        } else if times == 1 {
          status.show(written.lines)
        }
      } catch let unreadable as Unreadable {
        if unreadable.sentence != problem {
          status.clear()
          standardError("\(unreadable.sentence); waiting for the next change")
        }
        problem = unreadable.sentence
      }
      // Most of the time should be left to the sweep.
      let pause = max(.seconds(1), start.duration(to: .now) * 5)
      repeat { try await Task.sleep(for: pause) } while studies.map(StudyState.init) == state
    }
  }

  private func ownPage() throws(Refusal) -> String {
    guard sources.count == 1, sources[0] != "-" else {
      let what = sources.count == 1 ? "standard input" : "several studies or tables"
      throw .usage("a page about \(what) needs --output, such as --output report.html")
    }
    // The path of a pipe names no file beside which a page could lie.
    guard !sources[0].hasPrefix("/dev/fd/"), !sources[0].hasPrefix("/proc/") else {
      throw .usage("a page about a pipe needs --output, such as --output report.html")
    }
    let source = URL(filePath: sources[0])
    // A study that does not exist yet may be waited for.
    guard !(watch && StudyState(sources[0]).isAwaited), try GivenTable.isTable(sources[0]) else {
      return source.appending(path: "report.html").path
    }
    return source.deletingPathExtension().appendingPathExtension("html").path
  }

  /// Why a study with journals can't be read. This can happen while the study is being sealed.
  private struct Unreadable: Error {
    var sentence: String
  }

  /// - Throws: `Unreadable` if another try may succeed and this isn't the last one.
  private func read(_ folder: String, isLast: Bool) throws -> Study {
    do throws(ArchiveError) {
      return try Study(folder: folder, curves: true)
    } catch {
      if !isLast, StudyState(folder).hasJournal {
        throw Unreadable(sentence: error.description)
      }
    }
    // Sealing may have ended since and removed the journals. The files are final now.
    return try Study(folder: folder, curves: true)
  }

  /// Writes the page and the figures. The page reloads itself unless it is the last one or all
  /// studies are finished.
  ///
  /// - Returns: Whether all studies are sealed with no cell known to be open, and a report of the
  ///   written files.
  private func write(
    _ page: String, _ tables: GivenTables, isLast: Bool
  ) throws -> (isFinished: Bool, lines: [String]) {
    let read = try sources.map { source in
      try ReportedSource(of: source, tables, cores: cores) { try self.read($0, isLast: isLast) }
    }
    let isFinished = read.allSatisfy(\.isFinished)
    let report = StudyReport(
      read, traits: TaskTraits.ofCatalogue, parameters: \.parameters, seed: seed,
      resamples: resamples)
    let text = report.page(reloadingAfter: isLast || isFinished ? nil : 5)
    try WholeFile.write(text, to: page)
    var lines = ["wrote \(page)"]
    if let figures {
      let drawn = report.figures
      try WholeFile.makeFolders(figures)
      for figure in drawn {
        try WholeFile.write(figure.svg, to: "\(figures)/\(figure.name).svg")
      }
      lines.append("wrote \(drawn.count) figures into \(figures)")
    }
    return (isFinished, lines)
  }
}

extension ReportedSource {
  fileprivate init(
    of source: String, _ tables: GivenTables, cores: Int?, read: (String) throws -> Study
  ) throws {
    let name = tables.name(of: source)
    if let table = tables[source], let runs = tables.runs(of: source) {
      self.init(name: name, runs: runs, digest: table.digest)
      return
    }
    let study = try read(source)
    self.init(
      name: name, plan: try study.planText(), trials: study.trials, digest: study.digest,
      openCells: study.isSealed ? try study.openCellCount() : nil,
      cores: try cores.map { try TimedCores.request($0, of: study.trials) })
  }
}

/// Size and date of the files of a study.
private struct StudyState: Equatable {
  private var files: [String: [String]] = [:]
  /// Whether there is a journal, which means that the study is not sealed.
  var hasJournal: Bool { files.keys.contains { $0.hasPrefix("journal/") } }
  /// Whether a study may still be created here: the path is not a file and contains no files of a
  /// study.
  var isAwaited: Bool { files.isEmpty && !isFile }
  private let isFile: Bool

  init(_ folder: String) {
    let own = try? FileManager.default.attributesOfItem(atPath: folder)
    isFile = folder.isEmpty || own?[.type] as? FileAttributeType == .typeRegular
    for part in ["", "journal"] {
      let place = URL(filePath: folder).appending(path: part)
      let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
      for name in names
      where name.contains(".jsonl.zst") || ["plan.json", "plan.yaml"].contains(name) {
        let path = place.appending(path: name).path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        files[part + "/" + name] = [
          "\(attributes?[.size] ?? 0)", "\(attributes?[.modificationDate] ?? 0)",
        ]
      }
    }
  }
}
