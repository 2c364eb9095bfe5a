import Records
import SystemPackage

/// What can still be read of the two sealed files of a study.
///
/// If a trial's rows are sound and only its curve is lost, its rows are kept.
///
/// A frame of a sealed file holds whole trials. So a curve in an undamaged frame is complete,
/// whatever happened to the other frames. Its ends and brackets must agree with the rows.
struct SalvagedPair {
  /// Complete trials by id.
  private(set) var trials: [String: TrialRecord] = [:]
  private let rows: SalvagedFile?
  private let points: SalvagedFile?
  /// Number of trials according to a seal, or of readable ids if there is no seal.
  private var count = 0
  private var isCountExact = false

  init(_ study: StudyFolder) throws(ArchiveError) {
    rows = try SalvagedFile(study.trials) { line in
      if case .trial = line { true } else { false }
    }
    points = try SalvagedFile(study.curves) { line in
      if case .point = line { true } else { false }
    }
    var rowsByID: [String: [TrialRow]] = [:]
    var pointsByID: [String: [CurveRow]] = [:]
    for case .trial(let row) in rows?.lines ?? [] {
      rowsByID[row.result.trial, default: []].append(row)
    }
    for case .point(let row) in points?.lines ?? [] {
      pointsByID[row.determined.trial, default: []].append(row)
    }
    // A file that was cut off between two frames has lost its seal.
    let mayHaveLostCurves = points.map { $0.lostBytes > 0 || $0.seal == nil } ?? true
    for (id, rows) in rowsByID {
      // Without a loss in the file of curves, its lack of this one is a contradiction.
      let points = pointsByID[id] ?? (mayHaveLostCurves ? [] : nil)
      guard let points, let trial = try? TrialRecord(rows: rows, curve: points) else { continue }
      if trial.fault == nil { trials[id] = trial }
    }
    let seals = [rows?.seal?.trials, points?.seal?.trials].compactMap(\.self)
    isCountExact = !seals.isEmpty
    count = max(seals.max() ?? 0, Set(rowsByID.keys).union(pointsByID.keys).count)
  }

  /// Writes the trials that are in no journal into a new one, then renames the two files.
  func replace(
    _ study: StudyFolder, because error: ArchiveError
  ) throws(ArchiveError) -> [Repair.File] {
    let journals = try study.journalFiles()
    var known: Set<String> = []
    for path in journals {
      guard let bytes = try path.bytesIfThere() else { continue }
      known.formUnion(try JournalContents(bytes, file: path, curves: false).trials.map(\.id))
    }
    // The other journals are locked.
    let free = (0...journals.count).map(study.journal).first { !journals.contains($0) }
    var journal = try Journal.open(free ?? study.journal(journals.count), study: study)
    let kept = trials.values.filter { !known.contains($0.id) }
    try journal.add(kept.sorted { $0.id < $1.id })
    var files: [Repair.File] = []
    for (path, file) in [(try study.curves, points), (try study.trials, rows)] {
      let aside = try path.exists ? path.moveAside() : nil
      files.append(describe(path, file, aside: aside, error))
    }
    return files.reversed()
  }

  private func describe(
    _ path: FilePath, _ file: SalvagedFile?, aside: FilePath?, _ error: ArchiveError
  ) -> Repair.File {
    let reason: String? =
      switch error {
      case .damaged(path.name, let byte, let words): "damaged at byte \(byte), \(words)"
      case .badRow(path.name, let row, let words): "row \(row), \(words)"
      case .inconsistent(_, let words): words
      default:
        file == nil ? "missing" : file?.lostBytes ?? 0 > 0 ? "damaged" : nil
      }
    let whole = trials.values.count { !$0.hasLostCurve }
    return Repair.File(
      name: path.name, reason: reason, bytes: file?.bytes ?? 0, lostBytes: file?.lostBytes ?? 0,
      keptTrials: whole, lostTrials: count - whole,
      keptRows: trials.count - whole, isLostExact: isCountExact,
      aside: aside?.name)
  }
}

/// What can still be read of one sealed file.
private struct SalvagedFile {
  let bytes: Int
  let lostBytes: Int
  let lines: [ArchivedLine]
  let seal: Seal?

  /// `nil` if the file is missing. If a line of a frame can't be read or doesn't belong in the
  /// file, none of the frame's lines are used, because its trials are incomplete.
  init?(_ path: FilePath, belongs: (ArchivedLine) -> Bool) throws(ArchiveError) {
    guard let bytes = try path.bytesIfThere() else { return nil }
    var walker = FrameWalker(bytes)
    var (lines, seal, unsound): ([ArchivedLine], Seal?, [Range<Int>]) = ([], nil, [])
    let lost = walker.salvage { frame in
      let found = try? Self.lines(of: frame)
      if let found, case .seal(let last) = found.last, found.count == 1 {
        seal = last
      } else if let found, found.allSatisfy(belongs) {
        lines += found
      } else {
        unsound.append(frame.range)
      }
    }
    (self.lines, self.seal, self.bytes) = (lines, seal, bytes.count)
    lostBytes = (lost + unsound).reduce(0) { $0 + $1.count }
  }

  /// The lines of a frame; throws at the first that can't be read.
  private static func lines(of frame: Frame) throws(LineFault) -> [ArchivedLine] {
    if frame.endsWithinLine { throw LineFault(reason: "the frame ends within a row") }
    var lines: [ArchivedLine] = []
    try frame.forEachLine { line throws(LineFault) in
      lines.append(try ArchivedLine.read(line).get())
    }
    return lines
  }
}
