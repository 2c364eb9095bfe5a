import Foundation
import Records
import SystemPackage

/// A study's rows, written as files that other tools read.
public struct Export {
  public enum Format: String, CaseIterable, Sendable {
    /// `trials.csv` and `curves.csv`, with the columns of the archive sorted by name.
    case csv
    /// One `<trial>.monitor.csv` per trial, in the form of Stable-Baselines3's Monitor.
    case monitor
  }

  /// The files that were written.
  public let files: [String]

  /// Checks a study, sealed or not, and writes its rows.
  ///
  /// Throws `.taken` if one of the files exists, before any is written, and any error of the study.
  public init(study folder: String, to output: String, format: Format) throws(ArchiveError) {
    let study = try Study.verified(folder: folder).study
    guard !study.trials.isEmpty else {
      throw .notAStudy(folder: folder, reason: "it holds no finished trial to export")
    }
    let place = FilePath(output)
    // A link in a study from elsewhere could lead anywhere.
    if try place.isLink, place.folder == FilePath(folder) {
      throw .unusable(
        file: place.name, as: "part of a study",
        reason: "it is a symbolic link, and nothing is written through a link")
    }
    let names =
      switch format {
      case .csv: ["trials.csv", "curves.csv"]
      case .monitor: study.trials.map { "\($0.id).monitor.csv" }
      }
    let paths = names.map { place.appending($0) }
    for path in paths where try path.exists { throw .taken(path: path.name) }
    try place.makeFolders()
    switch format {
    case .csv:
      let rows = try commaSeparated(study.trials) { trial throws(ArchiveError) in
        try trial.trialLines()
      }
      let points = try commaSeparated(study.trials) { trial throws(ArchiveError) in
        try trial.curveLines()
      }
      try create(paths[0], rows)
      try create(paths[1], points)
    case .monitor:
      for (path, trial) in zip(paths, study.trials) { try create(path, monitor(of: trial)) }
    }
    files = paths.map(\.name)
  }
}

private func create(_ path: FilePath, _ text: String) throws(ArchiveError) {
  guard try path.create([UInt8](text.utf8)) else { throw .taken(path: path.name) }
}

/// Lines of trials as comma-separated values with a header (RFC 4180; lines end with a line feed).
/// Nulls are empty.
private func commaSeparated(
  _ trials: [TrialRecord], lines: (TrialRecord) throws(ArchiveError) -> [UInt8]
) throws(ArchiveError) -> String {
  var columns: [String] = []
  var text = ""
  for trial in trials {
    for line in try lines(trial).split(separator: newline) {
      guard let row = try? FlatRow.columns(of: [UInt8](line)) else {
        throw .unwritable(trial: trial.id, reason: "its rows can't be read again")
      }
      if columns.isEmpty {
        // The columns that mark a row as a row, and those that only a seal has, are left out.
        let formal = ["kind", "schema"] + Seal.CodingKeys.allCases.map(\.rawValue)
        columns = row.keys.filter { !formal.contains($0) }.sorted()
        text += columns.joined(separator: ",") + "\n"
      }
      text += columns.map { field(row[$0]?.text ?? "") }.joined(separator: ",") + "\n"
    }
  }
  return text
}

private func field(_ text: String) -> String {
  guard text.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return text }
  return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
}

/// A curve in the form of Stable-Baselines3's Monitor, whose lines are episodes. Here a line is an
/// evaluation point: `r` is the score, `l` the observations since the previous line and `t` the
/// seconds of training. Readers plot against the running sum of `l`, the observations so far. The
/// time at which a trial started is not archived, so `t_start` is 0.
private func monitor(of trial: TrialRecord) -> String {
  let name = trial.settings.task.replacingOccurrences(of: "\\", with: "\\\\")
    .replacingOccurrences(of: "\"", with: "\\\"")
  var text = "#{\"t_start\": 0.0, \"env_id\": \"\(name)\"}\nr,l,t\n"
  var before = 0
  for point in trial.curve {
    let observations = point.determined.observations.value
    text += "\(point.determined.score),\(observations - before),\(point.seconds)\n"
    before = observations
  }
  return text
}
