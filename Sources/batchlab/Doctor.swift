internal import Archive
internal import ArgumentParser
internal import Foundation
internal import Lab
internal import Records

/// `batchlab doctor`
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the processor, library versions, cores and free disk space.",
    discussion: "Example: batchlab doctor")

  @Flag(
    help: """
      Print only the variable that gives another program the kernels that batchlab chose; nothing \
      if it left the choice alone.
      """)
  var variables = false

  func run() throws {
    if variables {
      let variable = KernelChoice(in: Shell.current.environment).variable
      return variable.map { standardOutput($0) } ?? ()
    }
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
      ("OpenBLAS", provenance.openblas + ", each product on one thread"),
      ("kernels", KernelChoice(in: Shell.current.environment).description),
      ("zstd", zstdVersion()),
      ("C library", provenance.libc),
      (
        "free disk",
        free.map { String(format: "%.1f GiB", $0 / 0x1p30) + " at \(here)" } ?? "unknown"
      ),
    ]
    for (name, text) in facts {
      standardOutput(name.padding(toLength: 12, withPad: " ", startingAt: 0) + text)
    }
  }

  /// The default number of trials that a sweep runs at a time, with its limits.
  private func laneChoice() -> String {
    let limits = LaneLimits.current()
    let bounds = [
      Format.counted(limits.cores, "core"), limits.slurm.map { "SLURM_CPUS_PER_TASK \($0)" },
      limits.group.map { "\(Format.number($0)) CPUs in the control group" },
    ]
    return "\(Format.counted(limits.lanes, "trial")) at a time in a sweep; limits: "
      + bounds.compactMap { $0 }.joined(separator: ", ")
  }
}
