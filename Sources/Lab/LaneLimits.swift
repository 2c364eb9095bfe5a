public import Foundation
import Records

/// Limits on the number of trials that are worth running in parallel.
public struct LaneLimits: Hashable, Sendable {
  /// Cores that this process may run on.
  public var cores: Int
  /// Cores that Slurm assigned to the job.
  public var slurm: Int?
  /// Processor time that the control group allows, in cores.
  public var group: Double?

  /// Default number of lanes: the smallest limit, and at least one.
  public var lanes: Int {
    let group = group.map { max(Int(clamping: $0), 1) } ?? cores
    return max(min(cores, slurm ?? cores, group), 1)
  }

  /// The limits of this process.
  public static func current(
    environment: [String: String] = ProcessInfo.processInfo.environment, root: String = ""
  ) -> LaneLimits {
    LaneLimits(
      cores: ProcessInfo.processInfo.activeProcessorCount,
      slurm: environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil },
      group: groupLimit(root: root))
  }

  /// The smallest limit of this process's control group and its parents, in version 2 (`cpu.max`:
  /// microseconds per period, and the period) or version 1 (`cpu.cfs_quota_us`).
  private static func groupLimit(root: String) -> Double? {
    var limits: [Double] = []
    for line in text("\(root)/proc/self/cgroup").split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isSecond = parts[1].isEmpty
      guard isSecond || parts[1].split(separator: ",").contains("cpu") else { continue }
      var group = String(parts[2])
      while true {
        if isSecond {
          limits += quota(words(in: "\(root)/sys/fs/cgroup\(group)/cpu.max"))
        } else {
          let folder = "\(root)/sys/fs/cgroup/cpu\(group)/cpu.cfs_"
          limits += quota(words(in: folder + "quota_us") + words(in: folder + "period_us"))
        }
        guard let slash = group.lastIndex(of: "/") else { break }
        group = String(group[..<slash])
      }
    }
    return limits.min()
  }

  /// Parses a quota and its period. "max" in version 2 and −1 in version 1 mean no limit.
  private static func quota(_ words: [Substring]) -> [Double] {
    let numbers = words.compactMap { Double($0) }
    guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return [] }
    return [numbers[0] / numbers[1]]
  }

  private static func words(in file: String) -> [Substring] {
    text(file).split(whereSeparator: \.isWhitespace)
  }

  private static func text(_ file: String) -> String {
    (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
  }
}
