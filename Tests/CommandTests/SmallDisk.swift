import CommandSupport
import Foundation
import TestSupport
import Testing

/// A file system in memory at `Results` of a study's folder, where the one who runs the tests may
/// mount one.
final class SmallDisk {
  private let folder: Scratch

  static let isAllowed: Bool = {
    guard let folder = try? Scratch(), let disk = try? SmallDisk(pages: 1, in: folder) else {
      return false
    }
    return (try? disk.remount("ro")) != nil
  }()

  /// `pages`: of 4096 bytes.
  init(pages: Int, in folder: Scratch) throws {
    self.folder = folder
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/Results", withIntermediateDirectories: true)
    try run("mount", "-t", "tmpfs", "-o", "size=\(pages * 4)k", "tmpfs", "Results")
  }

  deinit { try? run("umount", "-l", "Results") }

  func resize(pages: Int) throws { try remount("size=\(pages * 4)k") }

  func remount(_ options: String) throws { try run("mount", "-o", "remount,\(options)", "Results") }

  private struct Refused: Error { var sentence: String }

  private func run(_ arguments: String...) throws {
    let result = try Command(arguments, in: folder, running: "/usr/bin/env").finish()
    guard result.status == 0 else { throw Refused(sentence: result.errors) }
  }
}
