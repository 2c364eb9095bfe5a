public import SystemPackage

/// An error of a study or another file on disk. The description is one sentence that names the file
/// and, where there is one, the byte or the row.
public enum ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The folder holds a study of another plan; the text names the first difference and what to do.
  case otherPlan(folder: String, difference: String)
  /// Another process holds the journal.
  case busy(folder: String)
  /// The folder doesn't exist or holds no plan.
  case notAStudy(folder: String, reason: String)
  /// The plan of a study can't be read; lines count from 1.
  case badPlan(file: String, line: Int?, reason: String)
  /// A frame is not what was written; bytes count from 0.
  case damaged(file: String, byte: Int, reason: String)
  /// A row can't be read or contradicts another; rows count from 1.
  case badRow(file: String, row: Int, reason: String)
  /// The files of a study don't belong together.
  case inconsistent(folder: String, reason: String)
  /// Two studies can't be merged.
  case unmergeable(folder: String, other: String, reason: String)
  /// A file to be written exists already.
  case taken(path: String)
  /// A file can't be used as what it is meant to be, such as "a policy".
  case unusable(file: String, as: String, reason: String)
  /// The file that this process writes was removed or renamed, so nobody could find it.
  case gone(file: String)
  /// The trial can't be archived; nothing was written.
  case unwritable(trial: String, reason: String)
  /// The system refused an operation.
  case system(path: String, doing: String, errno: Errno)

  public var description: String { sentence.onOneLine }

  private var sentence: String {
    switch self {
    case .otherPlan(let folder, let difference):
      "\(folder) is a study with another plan: \(difference)"
    case .busy(let folder):
      "another batchlab process is writing to \(folder)"
    case .notAStudy(let folder, let reason):
      "\(folder.isEmpty ? "''" : folder) is not a study: \(reason)"
    case .badPlan(let file, let line, let reason):
      if let line { "\(file):\(line): \(reason)" } else { "\(file): \(reason)" }
    case .damaged(let file, let byte, let reason):
      "\(file) is damaged at byte \(byte): \(reason)"
    case .badRow(let file, let row, let reason):
      "\(file), row \(row): \(reason)"
    case .inconsistent(let folder, let reason):
      "\(folder) is not intact: \(reason)"
    case .unmergeable(let folder, let other, let reason):
      "\(folder) can't be merged with \(other): \(reason)"
    case .taken(let path):
      "\(path) already exists and is not overwritten"
    case .unusable(let file, let kind, let reason):
      "\(file) is not \(kind): \(reason)"
    case .gone(let file):
      "\(file) was removed or renamed while it was being written"
    case .unwritable(let trial, let reason):
      "trial \(trial) can't be archived: \(reason)"
    case .system(let path, let doing, .fileNameTooLong):
      "can't \(doing) \(path.prefix(60))…: the name is too long; a name has at most 255 bytes"
    case .system(let path, let doing, let errno):
      "can't \(doing) \(path): \(errno)"
    }
  }
}

extension String {
  /// The text on one line, without characters that a terminal would act on, for messages that quote
  /// a file.
  var onOneLine: String {
    String(String.UnicodeScalarView(unicodeScalars.map { $0.isPrintable ? $0 : "\u{FFFD}" }))
  }
}

extension Unicode.Scalar {
  /// Whether it is neither a control character nor a line end.
  var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }
}
