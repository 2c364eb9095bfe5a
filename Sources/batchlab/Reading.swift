internal import Archive
internal import Dispatch
internal import Foundation
internal import Lab
internal import Records
internal import Synchronization

/// Shows on a terminal what a command is doing, if it takes more than a second. Nothing is shown if
/// standard error is not a terminal, or if a program reads a JSON document.
enum Reading {
  static func say<Value, Problem: Error>(
    _ what: @autoclosure () -> String, json: Bool = false, _ work: () throws(Problem) -> Value
  ) throws(Problem) -> Value {
    guard StatusLines.isTerminal, !json || Shell.current.isTerminal else { return try work() }
    let line = WaitingLine(what())
    defer { line.end() }
    return try work()
  }

  /// Shows that the files of a study, or of the studies in a folder, are being read.
  static func files<Value, Problem: Error>(
    of folder: String, json: Bool = false, _ work: () throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try say("reading \(folder), \(Format.bytes(Double(size(of: folder)))) ...", json: json, work)
  }

  /// Reads a study for analysis, without its curves.
  static func study(_ folder: String, json: Bool) throws(ArchiveError) -> Study {
    try files(of: folder, json: json) { () throws(ArchiveError) in try Study(folder: folder) }
  }

  private static func size(of folder: String) -> Int {
    guard let files = FileManager.default.enumerator(atPath: folder) else { return 0 }
    var bytes = 0
    while let file = files.nextObject() as? String {
      guard file.hasSuffix(".jsonl.zst") else { continue }
      bytes += files.fileAttributes?[.size] as? Int ?? 0
    }
    return bytes
  }
}

/// A line that appears after a second unless the work has ended.
private final class WaitingLine: Sendable {
  private struct State {
    var lines = StatusLines()
    var isOver = false
  }

  private let state = Mutex(State())

  init(_ text: String) {
    DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [self] in
      state.withLock { if !$0.isOver { $0.lines.show([text]) } }
    }
  }

  func end() {
    state.withLock {
      $0.isOver = true
      $0.lines.clear()
    }
  }
}

extension Study {
  /// The progress of an unfinished study, the tasks without a measured run, and whether the study has
  /// begun to grow; `nil` if nothing is missing.
  func shortfall() throws(ArchiveError) -> String? {
    let open = try openCellCount()
    let cells = plan.tasks.reduce(0) { $0 + $1.cells.count }
    let isOpen = open.map { $0 > 0 } ?? !isSealed
    let missing = unmeasuredTasks
    let isGrowing = try !Study.growths(of: folder).isEmpty
    guard isOpen || !missing.isEmpty || isGrowing else { return nil }
    let state = open.flatMap { open in
      open > 0
        ? "\(Format.grouped(cells - open)) of \(Format.counted(cells, "cell")) are finished" : nil
    }
    let parts = [
      state ?? (isOpen ? "not finished" : nil),
      missing.isEmpty
        ? nil : "no measured run of \(missing.map(\.description).joined(separator: "; "))",
      isGrowing ? "a larger plan has been started, and its trials don't count yet" : nil,
    ]
    return "\(folder): \(parts.compactMap { $0 }.joined(separator: "; "))"
  }
}
