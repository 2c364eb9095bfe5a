import CommandSupport
import Foundation
import TestSupport
import Testing

@testable import batchlab

/// What the file for Slurm does, with a bash that really runs it among stand-ins that note how
/// they were called. `make test-slurm` runs the file under a real Slurm.
struct SlurmTests {
  private static let odd = #"it's "a" $HOME `b` \n #1 & %a ünï"#

  /// A folder in which the file stands, beside a stand-in for each program that it calls.
  private struct Desk {
    let folder = Result { try Scratch() }
    var file = SlurmFile(
      command: "", plan: "/plans/mine.yaml", study: "/Results/mine", shards: 4, cpusPerTask: 3,
      time: nil, options: [])

    /// Runs the file; `batchlab` stands in a folder of that name and runs `script`.
    func start(
      commands: String = "commands", script: String = "", task: Int? = nil, words: [String] = []
    ) throws -> (Command, Scratch) {
      let folder = try folder.get()
      var file = file
      file.command = "\(folder.path)/\(commands)/batchlab"
      try folder.write(file.text, to: "file.sh")
      let note = #"printf '%s\n' "${0##*/}" "$@" >> calls"#
      for (name, script) in [
        ("\(commands)/batchlab", script), ("tools/scontrol", ""),
        ("tools/sbatch", "cat > input; echo '7;cluster'"),
      ] {
        try folder.write("#!/bin/bash\n\(note)\n\(script)\n", to: name)
        try FileManager.default.setAttributes(
          [.posixPermissions: 0o755], ofItemAtPath: "\(folder.path)/\(name)")
      }
      var environment = ["PATH": "\(folder.path)/tools:/usr/bin:/bin"]
      if let task {
        environment["SLURM_ARRAY_JOB_ID"] = "12"
        environment["SLURM_ARRAY_TASK_ID"] = "\(task)"
      }
      // Threads of tests block signals, and what they start would inherit that.
      let command = try Command(
        ["--default-signal", "/bin/bash", "file.sh"] + words, in: folder,
        running: "/usr/bin/env", environment: environment)
      return (command, folder)
    }
  }

  private func lines(_ folder: Scratch, _ name: String = "calls") -> [String] {
    folder.text(name).split(separator: "\n").map(String.init)
  }

  @Test func `without an array task it submits the array and a report after it`() throws {
    let (command, folder) = try Desk().start(words: ["--array=2"])
    let result = try command.finish()
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      result.output == """
        shards: job 7, logs mine-*.log
        report: job 7, log mine-report.log

        """)
    #expect(
      lines(folder) == [
        "sbatch", "--parsable", "--array=2", "file.sh",
        "sbatch", "--parsable", "--dependency=afterok:7",
      ])
    let report = try Command(["input"], in: folder, running: "/bin/bash").finish()
    #expect(report.status == 0, "\(report.errors)")
    #expect(
      lines(folder).dropFirst(7) == [
        "batchlab", "archive", "merge", "/Results/mine", "batchlab", "fit", "/Results/mine",
      ])
  }

  @Test func `odd paths reach the command as they are`() throws {
    var desk = Desk()
    desk.file.plan = "/\(Self.odd).yaml"
    desk.file.study = "/Results/\(Self.odd)"
    let (command, folder) = try desk.start(commands: Self.odd, task: 2)
    let result = try command.finish()
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    #expect(
      lines(folder) == [
        "batchlab", "sweep", desk.file.plan, "--output", desk.file.study, "--shard", "2/4",
      ])
    let (submission, other) = try desk.start(commands: Self.odd)
    #expect(try submission.finish().status == 0)
    #expect(try Command(["input"], in: other, running: "/bin/bash").finish().status == 0)
    #expect(lines(other).suffix(2) == ["fit", desk.file.study])
  }

  @Test(arguments: [0, 1, 64, 75, 143])
  func `a shard's status is the job's, and 75 queues it again`(status: Int32) throws {
    let (command, folder) = try Desk().start(script: "exit \(status)", task: 3)
    #expect(try command.finish().status == status)
    let requeue = ["scontrol", "requeue", "12_3"]
    #expect(lines(folder).dropFirst(7) == (status == 75 ? requeue[...] : []))
  }

  @Test(arguments: [(SIGUSR1, "USR1", Int32(75)), (SIGTERM, "TERM", 143)])
  func `a signal is passed on, and the script waits for the sweep`(
    signal: Int32, name: String, status: Int32
  ) throws {
    let script = """
      trap 'sleep 0.3; echo checkpointed; exit \(status)' \(name)
      echo ready >&2
      while :; do sleep 0.02; done
      """
    let (command, folder) = try Desk().start(script: script, task: 0)
    try command.waitForErrors(lines: 1)
    command.send(signal)
    let result = try command.finish()
    #expect(result.status == status, "\(result.errors)")
    #expect(result.output == "checkpointed\n")
    #expect(lines(folder).first == "batchlab")
  }

  @Test func `options are in the head of both jobs`() throws {
    var desk = Desk()
    desk.file.time = "1-12"
    desk.file.options = ["--account=physics", "-C", "fast", #"--comment=a "b" \ #"#]
    let (command, folder) = try desk.start()
    #expect(try command.finish().status == 0)
    let options = ##"#SBATCH --account=physics -C fast "--comment=a \"b\" \\ #""##
    #expect(lines(folder, "input").contains(options))
    let head = lines(folder, "file.sh").prefix { !$0.hasPrefix("if ") }
    for line in [
      options, "#SBATCH --array=0-3", "#SBATCH --cpus-per-task=3", "#SBATCH --time=1-12",
      "#SBATCH --requeue", "#SBATCH --open-mode=append", "#SBATCH --signal=B:USR1@120",
    ] {
      #expect(head.contains(line), "\(line)")
    }
  }

  @Test(arguments: [
    ("90", 5400), ("90:30", 5430), ("1:00:05", 3605), ("2-3", 183_600), ("2-3:04", 183_840),
    ("2-3:04:05", 183_845), ("0", 0), ("", nil), ("1h", nil), ("-5", nil), ("1-2-3", nil),
    ("1:2:3:4", nil), ("99999999999999999999", nil), ("٣", nil), ("UNLIMITED", nil),
  ])
  func `time limits are read as Slurm reads them`(text: String, seconds: Int?) {
    #expect(SlurmFile.seconds(ofLimit: text) == seconds)
  }

  @Test func `there is one shard per cell, at most eight, and no file is overwritten`() async throws
  {
    let folder = try Scratch()
    for (batches, shards) in [("[80]", 1), ("[80, 240, 960]", 3), ("[16, 32, 64, 128, 256]", 8)] {
      let tasks = shards == 8 ? "[catch, bandit]" : "[catch]"
      try folder.write(
        "tasks: \(tasks)\nnum-steps: 1\nbatches: \(batches)\n", to: "plan.yaml")
      let result = try batchlab("slurm", "plan.yaml", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("#SBATCH --array=0-\(shards - 1)\n"))
      #expect(result.output.contains("/\(shards)\" &\n"))
      #expect(result.output.contains("\(folder.path)/Results/plan --shard"))
    }
    let written = await run("slurm", "@/plan.yaml", "--file", "@/a b.sh", in: folder)
    #expect(
      written.output == "wrote a b.sh, cells: 10, shards: 8; to submit it, run bash 'a b.sh'\n")
    let text = folder.text("a b.sh")
    #expect(text.hasPrefix("#!/bin/bash\n"))
    let again = await run(
      "slurm", "@/plan.yaml", "--shards", "2", "--file", "@/a b.sh", in: folder)
    #expect(again.status == 1)
    #expect(again.errors.contains("a b.sh exists; remove it or name another file"))
    #expect(folder.text("a b.sh") == text)
  }

  @Test func `no script is made of a path with a line break`() throws {
    let folder = try Scratch()
    try folder.write("tasks: [catch]\n", to: "a\nREPORT\nb/plan.yaml")
    let line = "cd 'a\nREPORT\nb' && '\(try Command.executable())' slurm plan.yaml"
    let result = try Command(["-c", line], in: folder, running: "/bin/sh").finish()
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.errors.contains("can't contain a line break"), "\(result.errors)")
  }
}
