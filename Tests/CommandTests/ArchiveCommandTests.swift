import CommandSupport
import Foundation
import TestSupport
import Testing

/// What a user does with studies that are spread, damaged or wanted elsewhere.
@Suite(.serialized)
struct ArchiveCommandTests {
  private static let tasks = "[{task: catch, targets: [0]}, bandit]"

  @Test func `a flipped bit is named wherever it is, and repair and sweep give the digest`()
    async throws
  {
    let study = try await TinyStudy.finished()
    let digest = try await TinyStudy.digest
    for name in ["trials.jsonl.zst", "curves.jsonl.zst"] {
      let file = "Results/tiny/\(name)"
      let whole = try study.folder.bytes(file)
      // All of them are tried by `make soak`, and on a smaller archive by the library's tests.
      let places = Array(stride(from: 0, to: whole.count, by: isSoak ? 97 : 97 * 16))
      for byte in places {
        var flipped = whole
        flipped[byte] ^= 1 << (byte / 97 % 8)
        try study.folder.write(flipped, to: file)
        let result = await study.run("archive", "verify", "@/Results/tiny")
        #expect(result.status == 1 && result.errors.contains(file), "byte \(byte) of \(name)")
        guard byte == places[places.count / 2] || byte == places.last else { continue }
        let repair = await study.run("archive", "repair", "@/Results/tiny")
        #expect(repair.status == 0, "\(repair.errors)")
        #expect(repair.output.contains("\(file): "), "\(repair.output)")
        #expect(try study.folder.bytes(file + ".damaged") == flipped)
        #expect(try await study.finish() == digest)
        // Both files were set aside.
        for pair in ["trials", "curves"] {
          try study.folder.remove("Results/tiny/\(pair).jsonl.zst.damaged")
        }
      }
      try study.folder.write(whole, to: file)
    }
    let again = await study.run("archive", "repair", "@/Results/tiny")
    #expect(again.output.hasPrefix("nothing to repair\nResults/tiny: sealed and intact; "))
    #expect(again.status == 0)
  }

  @Test func `a damaged journal is repaired and the sweep goes on`() async throws {
    let study = try TinyStudy()
    let command = try study.sweep("--lanes", "1")
    try command.waitForErrors(lines: 5)
    command.send(SIGKILL)
    _ = try command.finish()
    let file = "Results/tiny/journal/0.jsonl.zst"
    try study.folder.flipByte(of: file, at: 20)
    let refused = await study.runSweep()
    #expect(refused.status == 1 && refused.errors.contains("\(file) is damaged at byte 0"))
    let repair = await study.run("archive", "repair", "@/Results/tiny")
    #expect(repair.status == 0, "\(repair.errors)")
    #expect(
      repair.output.contains("at least 1 trial lost; the damaged file is kept as \(file).dam"))
    #expect(try await study.finish() == TinyStudy.digest)
  }

  @Test func `parts of a plan that ran in two folders are merged, killed or not`() async throws {
    let digest = try await TinyStudy(tasks: Self.tasks).finish()
    let study = try TinyStudy(tasks: Self.tasks)
    for task in ["catch", "bandit"] {
      let part = await study.runSweep("--tasks", task, output: "parts/\(task)")
      #expect(part.status == 0, "\(part.errors)")
    }
    let folders = ["parts/bandit", "parts/catch"]
    let merge = ["archive", "merge"] + folders + ["--output", "Results/tiny"]
    let journals = folders.map { $0 + "/journal/0.jsonl.zst" }
    let before = try journals.map { try study.folder.bytes($0) }
    var kills = 0
    for wait in stride(from: 1, through: 40, by: isSoak ? 1 : 5) {
      let command = try Command(merge, in: study.folder)
      command.kill(after: 0.002 * Double(wait))
      if try command.finish().status == 128 + SIGKILL { kills += 1 }
      if study.folder.exists("Results/tiny/plan.json") {
        try await study.verify("intact")
      }
    }
    #expect(kills > 0)
    for _ in 0..<2 {
      let result = await study.run(
        "archive", "merge", "@/parts/bandit", "@/parts/catch", "--output", "@/Results/tiny")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("Results/tiny: sealed and intact; "), "\(result.output)")
      #expect(result.output.contains("digest \(digest)"))
    }
    #expect(try journals.map { try study.folder.bytes($0) } == before)
    // The merged study is complete: there is nothing left to run.
    let sweep = await study.runSweep()
    #expect(TinyStudy.reported(sweep.errors) == 0, "\(sweep.errors)")
  }

  @Test func `studies of other plans are not merged unless they are joined`() async throws {
    let study = try TinyStudy(tasks: "[{task: catch, targets: [0]}]")
    try await study.finish()
    try study.folder.write(
      study.folder.text("plan.yaml").replacingOccurrences(of: "80, 240, 960", with: "240, 480"),
      to: "plan.yaml")
    #expect(await study.runSweep(output: "other").status == 0)
    let merge = ["archive", "merge", "@/Results/tiny", "@/other", "--output", "@/both"]
    let refused = await run(merge, in: study.folder)
    #expect(refused.status == 1)
    #expect(
      refused.errors == "batchlab: other can't be merged with Results/tiny: their plans differ: "
        + "tasks.0.batches differs; --join makes one study of both\n")
    #expect(!study.folder.exists("both"))
    let joined = await run(merge + ["--join"], in: study.folder)
    #expect(joined.status == 0, "\(joined.errors)")
    let list = try await study.run("archive", "list", "@/both", "--json").json()
    let batches = (list as? [[String: Any]])?.first?["batches"] as? [[Int]]
    #expect(batches == [[80, 240, 480, 960]])
  }

  @Test func `a study that was sealed unfinished says how many cells are open`() async throws {
    let study = try TinyStudy(tasks: Self.tasks)
    #expect(await study.runSweep("--tasks", "catch").status == 0)
    let merge = await study.run("archive", "merge", "@/Results/tiny")
    #expect(merge.status == 0, "\(merge.errors)")
    #expect(merge.output.hasPrefix("Results/tiny: sealed, unfinished: 3 cells open; "))
    try await study.verify(
      "Results/tiny: sealed, unfinished: 3 cells open; what is there is intact; ")
    let list = await study.run("archive", "list", "@/Results/tiny")
    #expect(list.output.contains("  sealed, unfinished: 3 cells open  "), "\(list.output)")
    let json = try await study.run("archive", "list", "@/Results/tiny", "--json").json()
    #expect((json as? [[String: Any]])?.first?["open_cells"] as? Int == 3)
    try await study.finish()
    let done = try await study.run("archive", "list", "@/Results/tiny", "--json").json()
    #expect((done as? [[String: Any]])?.first?["open_cells"] as? Int == 0)
  }

  @Test func `open cells of a study with other numerics are not known, and not claimed`()
    async throws
  {
    let study = try TinyStudy()
    // A shard without cells writes the plan.
    #expect(await study.runSweep("--shard", "98/99").status == 0)
    let plan = "Results/tiny/plan.json"
    let match = try #require(try #/.*"plan":(.*)\}\n/#.wholeMatch(in: study.folder.text(plan)))
    let older = String(match.1).replacing(/"numerics":\d+/, with: "\"numerics\":1")
    #expect(older != match.1)
    try study.folder.write(older, to: "older.json")
    let sum = try Command(["older.json"], in: study.folder, running: "/usr/bin/sha256sum").finish()
    let fingerprint = try #require(sum.output.split(separator: " ").first)
    try study.folder.write(
      "{\"fingerprint\":\"\(fingerprint)\",\"plan\":\(older)}\n", to: plan)
    for change in ["merge", "verify", "repair"] {
      let result = await study.run("archive", change, "@/Results/tiny")
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.output.contains("Results/tiny: sealed and intact, open cells not known; 0 trials"))
      #expect(!result.output.contains("finished"), "\(result.output)")
    }
  }

  @Test func `the list counts the tasks if there are many`() async throws {
    let folder = try Scratch()
    // A shard without cells writes the plan.
    for tasks in ["catch,bandit,chain,pong,pong-easy", "catch,bandit,chain,pong"] {
      let sweep = await run(
        "sweep", "--tasks", tasks, "--output", "@/Results/\(tasks.count)", "--shard", "98/99",
        in: folder)
      #expect(sweep.status == 0, "\(sweep.errors)")
    }
    let list = await run("archive", "list", "@/Results", in: folder)
    #expect(list.output.contains(" 5 tasks  ") && !list.output.contains("pong-easy"))
    #expect(list.output.contains(" catch bandit chain pong  "), "\(list.output)")
    let json =
      try await run("archive", "list", "@/Results", "--json", in: folder).json()
      as? [[String: Any]]
    #expect(json?.compactMap { $0["tasks"] as? [String] }.map(\.count).sorted() == [4, 5])
  }

  @Test func `without a folder of results the list is empty`() throws {
    let folder = try Scratch()
    let table = try batchlab("archive", "list", in: folder)
    #expect(table.status == 0 && table.errors.isEmpty)
    #expect(table.output.hasPrefix("study  tasks  cells"))
    #expect(table.output.split(separator: "\n").count == 2)
    let json = try batchlab("archive", "list", "--json", in: folder)
    #expect(json.status == 0)
    #expect(try (json.json() as? [Any])?.isEmpty == true)
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")))
  func `other readers find in the export what is in the archive`() async throws {
    let study = try await TinyStudy.finished()
    for format in ["csv", "monitor"] {
      let result = await study.run(
        "archive", "export", "@/Results/tiny", "--output", "@/out", "--format", format)
      #expect(result.status == 0, "\(result.errors)")
    }
    let again = await study.run(
      "archive", "export", "@/Results/tiny", "--output", "@/out")
    #expect(again.status == 1)
    #expect(again.errors.contains("out/trials.csv already exists"))
    try study.folder.write(Self.reader, to: "reader.py")
    let python = try Command(["reader.py"], in: study.folder, running: "/usr/bin/python3").finish()
    #expect(python.status == 0, "\(python.errors)")
  }

  private static let reader = """
    import csv, glob, itertools, json, subprocess
    for name in "trials", "curves":
        text = subprocess.run(["zstd", "-dc", f"Results/tiny/{name}.jsonl.zst"],
                              capture_output=True, check=True).stdout
        rows = [json.loads(line) for line in text.splitlines()][:-1]
        with open(f"out/{name}.csv", newline="") as file:
            table = list(csv.DictReader(file))
        assert len(table) == len(rows) > 10, (len(table), len(rows))
        for fields, row in zip(table, rows):
            for key, field in fields.items():
                value = row[key]
                if value is None: assert field == "", key
                elif isinstance(value, bool): assert field == str(value).lower(), key
                elif isinstance(value, str): assert field == value, key
                else: assert float(field) == value, key
        if name == "trials": continue
        for trial, points in itertools.groupby(rows, key=lambda row: row["trial"]):
            with open(f"out/{trial}.monitor.csv") as file:
                header = file.readline()
                lines = list(csv.DictReader(file))
            assert json.loads(header[1:]) == {"t_start": 0, "env_id": "catch"} and header[0] == "#"
            points = list(points)
            assert [float(line["r"]) for line in lines] == [p["score"] for p in points]
            assert [float(line["t"]) for line in lines] == [p["seconds"] for p in points]
            sums = list(itertools.accumulate(int(line["l"]) for line in lines))
            assert sums == [p["observations"] for p in points]
    assert len(glob.glob("out/*.monitor.csv")) == len({row["trial"] for row in rows})
    """
}
