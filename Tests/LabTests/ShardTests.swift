import Foundation
import TestSupport
import Testing

@testable import Lab

struct ShardTests {
  @Test(arguments: ["", "1", "4/4", "-1/4", "a/b", "1/4/2", "1/0", "1/", "/4"])
  func `text that is not a shard is refused`(text: String) {
    #expect(Shard(text) == nil)
  }

  @Test(arguments: [1, 3, 4, 100])
  func `every cell belongs to exactly one shard`(count: Int) throws {
    let shards = try (0..<count).map { try #require(Shard("\($0)/\(count)")) }
    for cell in 0..<50 {
      #expect(shards.count { $0.holds(cell: cell) } == 1)
    }
  }

  /// Environments as schedulers set them, and the shard among 4; -1: none, -2: refused.
  @Test(arguments: [
    (["SLURM_ARRAY_TASK_ID": "3"], 3),
    (["SLURM_ARRAY_TASK_ID": "12", "SLURM_ARRAY_TASK_MIN": "10"], 2),
    (
      [
        "SLURM_ARRAY_TASK_ID": "16", "SLURM_ARRAY_TASK_MIN": "10",
        "SLURM_ARRAY_TASK_STEP": "3",
      ], 2
    ),
    (["SLURM_ARRAY_TASK_ID": "4"], -2),
    (["SLURM_ARRAY_TASK_ID": "9223372036854775807", "SLURM_ARRAY_TASK_MIN": "-1"], -2),
    (["SLURM_ARRAY_TASK_ID": "2", "JOB_COMPLETION_INDEX": "1"], 2),
    (["JOB_COMPLETION_INDEX": "0", "PBS_ARRAY_INDEX": "3"], 0),
    (["JOB_COMPLETION_INDEX": "4"], -2),
    (["PBS_ARRAY_INDEX": "0"], 0), (["PBS_ARRAY_INDEX": "4"], 0),
    (["LSB_JOBINDEX": "0"], -1), (["LSB_JOBINDEX": "0", "SGE_TASK_ID": "2"], 2),
    (["LSB_JOBINDEX": "1"], 1), (["LSB_JOBINDEX": "4"], 0), (["LSB_JOBINDEX": "5"], -2),
    (["SGE_TASK_ID": "undefined"], -1), (["SGE_TASK_ID": "3"], 3),
    (["SLURM_ARRAY_TASK_COUNT": "4"], -1), ([:], -1),
  ])
  func `the index comes from the scheduler`(environment: [String: String], expected: Int) {
    guard let found = Shard.index(in: environment) else { return #expect(expected == -1) }
    let shard = Shard(index: found.index, from: found.variable, count: 4)
    #expect((shard?.index ?? -2) == expected)
  }

  @Test(arguments: [
    (LaneLimits(cores: 8), 8), (LaneLimits(cores: 8, slurm: 2), 2),
    (LaneLimits(cores: 2, slurm: 8), 2), (LaneLimits(cores: 8, group: 2.9), 2),
    (LaneLimits(cores: 8, group: 0.5), 1), (LaneLimits(cores: 8, slurm: 3, group: 4), 3),
  ])
  func `the smallest limit decides the lanes`(limits: LaneLimits, lanes: Int) {
    #expect(limits.lanes == lanes)
  }

  /// `/proc/self/cgroup`, files of groups, and the limit in cores.
  @Test(arguments: [
    ("0::/a/b", ["a/b/cpu.max": "max 100000", "a/cpu.max": "150000 100000"], 1.5),
    ("0::/a/b", ["a/b/cpu.max": "300000 100000", "cpu.max": "400000 100000"], 3),
    ("0::/", ["cpu.max": "50000 100000"], 0.5),
    ("0::/", ["cpu.max": "max 100000"], nil), ("0::/gone", [:], nil), ("", [:], nil),
    (
      "4:memory:/m\n2:cpu,cpuacct:/job",
      ["cpu/job/cpu.cfs_quota_us": "200000", "cpu/job/cpu.cfs_period_us": "100000"], 2
    ),
    (
      "2:cpu:/", ["cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"], nil
    ),
  ])
  func `the limit of the control group is found`(
    groups: String, files: [String: String], cores: Double?
  ) throws {
    let root = try Scratch()
    try root.write(groups, to: "proc/self/cgroup")
    for (name, text) in files { try root.write(text, to: "sys/fs/cgroup/\(name)") }
    #expect(LaneLimits.current(environment: [:], root: root.path).group == cores)
    let slurm = LaneLimits.current(environment: ["SLURM_CPUS_PER_TASK": "3"], root: root.path)
    #expect(slurm.slurm == 3)
  }
}
