public import SystemPackage

/// What can go wrong with a study on disk. The description is one sentence that names the file
/// and, where there is one, the byte or the row.
public enum ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The folder holds a study of another plan; says what differs first, and what to do.
  case otherPlan(folder: String, difference: String)
  /// Another process holds the journal.
  case busy(folder: String)
  /// The folder is not there, or holds no plan.
  case notAStudy(folder: String, reason: String)
  /// The plan of a study can't be read; lines count from 1.
  case badPlan(file: String, line: Int?, reason: String)
  /// A frame is not what was written; the byte starts from 0.
  case damaged(file: String, byte: Int, reason: String)
  /// A row can't be read or contradicts another; the row starts from 1.
  case badRow(file: String, row: Int, reason: String)
  /// The files of a study don't belong together.
  case inconsistent(folder: String, reason: String)
  /// Two studies can't be merged.
  case unmergeable(folder: String, other: String, reason: String)
  /// Something stands where a file would be written.
  case taken(path: String)
  /// A file can't be used as what it is meant to be, such as "a policy".
  case unusable(file: String, as: String, reason: String)
  /// What this process writes has lost its name: others would never find it.
  case gone(file: String)
  /// A trial that can't be archived; nothing was written.
  case unwritable(trial: String, reason: String)
  /// The system refused.
  case system(path: String, doing: String, errno: Errno)

  public var description: String { sentence.onOneLine }

  private var sentence: String {
    switch self {
    case .otherPlan(let folder, let difference):
      "\(folder) is a study of another plan: \(difference)"
    case .busy(let folder):
      "another batchlab process is writing \(folder)"
    case .notAStudy(let folder, let reason):
      "\(folder.isEmpty ? "''" : folder) is not a study: \(reason)"
    case .badPlan(let file, let line, let reason):
      if let line { "\(file):\(line): \(reason)" } else { "\(file): \(reason)" }
    case .damaged(let file, let byte, let reason):
      "\(file) is damaged at byte \(byte): \(reason)"
    case .badRow(let file, let row, let reason):
      "\(file), row \(row): \(reason)"
    case .inconsistent(let folder, let reason):
      "\(folder) is not whole: \(reason)"
    case .unmergeable(let folder, let other, let reason):
      "\(folder) can't be merged with \(other): \(reason)"
    case .taken(let path):
      "\(path) is there already, and nothing is overwritten"
    case .unusable(let file, let kind, let reason):
      "\(file) is not \(kind): \(reason)"
    case .gone(let file):
      "\(file) was removed or renamed while it was being written"
    case .unwritable(let trial, let reason):
      "trial \(trial) can't be archived: \(reason)"
    case .system(let path, let doing, let errno):
      "can't \(doing) \(path): \(errno)"
    }
  }
}

extension String {
  /// What a message may quote from a file: on one line, and nothing a terminal would act upon.
  var onOneLine: String {
    String(String.UnicodeScalarView(unicodeScalars.map { $0.isPrintable ? $0 : "\u{FFFD}" }))
  }
}

extension Unicode.Scalar {
  /// Neither a control character nor the end of a line.
  var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
