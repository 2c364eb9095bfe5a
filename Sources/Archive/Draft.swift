import SystemPackage

/// A file that is complete and durable, but has a temporary name until it is moved into place. If it
/// never is, it is removed.
///
/// The name is random, since process ids are not unique across containers and machines that share a
/// folder. It ends in `.partial`, so the next process can find what a killed one left behind.
struct Draft: ~Copyable {
  private let path: FilePath
  private let target: FilePath
  /// Open for reading and writing; the draft closes it unless it was taken.
  private let file: FileDescriptor
  private var isOpen = true
  private var isPlaced = false

  static let suffix = ".partial"

  /// Whether a name is that of a draft of a study's file, such as
  /// `trials.jsonl.zst.0123456789abcdef.partial`; earlier versions had a process id or nothing in
  /// place of the digits. Other files of that ending are not the archive's.
  static func isDraft(_ name: String) -> Bool {
    func isHexadecimal(_ text: Substring, _ counts: ClosedRange<Int>) -> Bool {
      counts.contains(text.count) && text.allSatisfy { $0.isASCII && $0.isHexDigit }
    }
    guard name.hasSuffix(suffix) else { return false }
    var target = name.dropLast(suffix.count)
    if let point = target.lastIndex(of: ".") {
      let digits = target[point...].dropFirst()
      let isProcess = digits.count < 8 && Int(digits).map { $0 > 0 } == true
      if isHexadecimal(digits, 16...16) || isProcess { target = target[..<point] }
    }
    if let mark = target.firstRange(of: ".damaged") { target = target[..<mark.lowerBound] }
    let files = [
      StudyFolder.jsonName, StudyFolder.yamlName, StudyFolder.trialsName, StudyFolder.curvesName,
      "fits.json", "report.html",
    ]
    let isJournal = target.hasSuffix(".jsonl.zst") && Int(target.dropLast(10)) != nil
    // Checkpoints are named by a trial's id, and growths by a plan's digest.
    return files.contains(String(target)) || isJournal || isHexadecimal(target, 12...20)
  }

  /// Creates the file and calls `body` to write it.
  init(
    of target: FilePath, _ write: (FileDescriptor) throws -> Void
  ) throws(ArchiveError) {
    path = target.draftPath()
    self.target = target
    do {
      // An existing file or link of that name is left alone.
      let file = try FileDescriptor.open(
        path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
        permissions: .archive)
      do {
        try write(file)
        try LibC.sync(file)
      } catch {
        try? file.close()
        try? path.removeFile()
        throw error
      }
      self.file = file
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw target.failure("write", error as? Errno ?? .ioError)
    }
  }

  deinit {
    // What can't be removed does no harm.
    if !isPlaced { try? path.removeFile() }
    if isOpen { try? file.close() }
  }

  /// Gives the file its name; fails with `.fileExists` if the name is taken.
  mutating func create() throws(Errno) {
    try LibC.moveToFreeName(path, target)
    isPlaced = true
  }

  /// Gives the file its name and replaces an existing file.
  mutating func replace() throws(Errno) {
    try LibC.rename(path, to: target)
    isPlaced = true
  }

  /// Locks the file, so that it is locked when it gets its name.
  func lock() throws(Errno) { try LibC.lock(file) }

  /// Returns the open file, which the caller closes.
  consuming func takeFile() -> FileDescriptor {
    isOpen = false
    return file
  }
}

extension FilePath {
  /// A random name in the same folder for a file, or a folder, that is not complete yet.
  func draftPath() -> FilePath {
    let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
    let random = String(repeating: "0", count: 16 - digits.count) + digits
    // A name has at most 255 bytes.
    let start = String(decoding: (lastComponent?.string ?? "").utf8.prefix(200), as: UTF8.self)
    return folder.appending("\(start).\(random)\(Draft.suffix)")
  }

  /// Removes the drafts in a folder whose names begin with the prefix. What can't be removed does no
  /// harm, and what can't be listed is left to the next process.
  ///
  /// - Parameter areFolders: whether the drafts are folders.
  func dropDrafts(startingWith prefix: String = "", areFolders: Bool = false) {
    for name in (try? names()) ?? [] where name.hasPrefix(prefix) && Draft.isDraft(name) {
      let draft = appending(name)
      if areFolders { try? draft.removeAll() } else { try? draft.removeFile() }
    }
  }
}
