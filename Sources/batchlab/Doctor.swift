internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Lab
internal import Records

/// `batchlab doctor`
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Libraries found, their versions and kernels, cores, free disk.",
    discussion: "Example: batchlab doctor")

  func run() throws {
    let provenance = Provenance.current
    let here = FileManager.default.currentDirectoryPath
    let disk = try? FileManager.default.attributesOfFileSystem(forPath: here)
    let free = (disk?[.systemFreeSize] as? NSNumber)?.doubleValue
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    let facts: [(String, String)] = [
      ("batchlab", "\(provenance.version), revision \(provenance.revision)"),
      ("Swift", provenance.swift),
      ("processor", provenance.cpu),
      ("cores", "\(ProcessInfo.processInfo.activeProcessorCount) usable"),
      ("lanes", laneChoice()),
      ("memory", String(format: "%.1f GiB", memory / 0x1p30)),
      ("OpenBLAS", provenance.openblas + ", one thread a lane"),
      ("kernels", kernelChoice()),
      ("zstd", zstdVersion()),
      ("C library", provenance.libc),
      ("free disk", free.map { String(format: "%.1f GiB at \(here)", $0 / 0x1p30) } ?? "unknown"),
    ]
    for (name, text) in facts {
      print(name.padding(toLength: 12, withPad: " ", startingAt: 0) + text)
    }
  }

  /// Trials that a sweep runs at a time unless it is told otherwise, and what allows so many.
  private func laneChoice() -> String {
    let limits = LaneLimits.current()
    let bounds = [
      "\(limits.cores) by cores", limits.slurm.map { "\($0) by SLURM_CPUS_PER_TASK" },
      limits.group.map { "\(Format.number($0)) by the control group" },
    ]
    return "\(limits.lanes) in a sweep: the least of "
      + bounds.compactMap { $0 }.joined(separator: ", ")
  }

  /// Who chose OpenBLAS's kernels: they decide the speed and the bits of results.
  private func kernelChoice() -> String {
    guard let choice = Shell.current.environment["OPENBLAS_CORETYPE"] else {
      return "chosen by OpenBLAS for this processor"
    }
    return "set to \(choice) by OPENBLAS_CORETYPE in the environment"
  }
}
