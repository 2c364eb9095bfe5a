import CommandSupport
import TestSupport
import Testing

/// How `fit` gets its table, and how options read numbers.
struct FitTableTests {
  /// Five batches of a run with S_min 100 and a critical batch of 300.
  private static func rows(header: String, separator: String = ",") -> String {
    let rows = [16, 64, 256, 1024, 4096].flatMap { batch in
      [0.97, 1.0, 1.03].map {
        "\(batch)\(separator)\($0 * 100 * (1 + 300 / Double(batch)))\(separator)\($0)"
      }
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  @Test func `columns can be named`() async throws {
    let folder = try Scratch()
    try folder.write(Self.rows(header: "batch,updates,x"), to: "plain.csv")
    try folder.write(Self.rows(header: "bs;iter;x", separator: ";"), to: "named.csv")
    let plain = await run("fit", "@/plain.csv", "--json", in: folder)
    let named = await run(
      "fit", "@/named.csv", "--json", "--columns", "batch=bs,updates=iter", in: folder)
    #expect(plain.status == 0 && plain.output.contains("fitted"))
    #expect(named.output == plain.output && named.errors.isEmpty)
  }

  @Test func `the mean over seeds can be chosen`() async throws {
    let folder = try Scratch()
    try folder.write(Self.rows(header: "batch,updates,x"), to: "runs.csv")
    let typical = await run("fit", "@/runs.csv", "--json", in: folder)
    let named = await run("fit", "@/runs.csv", "--json", "--mean", "geometric", in: folder)
    #expect(typical.output.contains("\"mean\" : \"geometric\"") && named.output == typical.output)
    let expected = await run("fit", "@/runs.csv", "--json", "--mean", "arithmetic", in: folder)
    #expect(expected.output.contains("\"mean\" : \"arithmetic\"") && expected.status == 0)
    let words = await run("fit", "@/runs.csv", "--mean", "arithmetic", in: folder).output
    #expect(words.contains("S is the arithmetic mean over seeds: the expected cost"))
    let typo = await run("fit", "@/runs.csv", "--mean", "arithmatic", in: folder)
    #expect(typo.status == 64 && typo.complaints.count == 2)
    #expect(typo.errors.contains("'arithmatic'") && typo.errors.contains("'geometric'"))
  }

  @Test func `a repeated run is named on standard error`() async throws {
    let folder = try Scratch()
    let rows = Self.rows(header: "batch,updates,trial")
    try folder.write(rows, to: "once.csv")
    try folder.write(rows + "16,1975,1.0\n", to: "twice.csv")
    let once = await run("fit", "@/once.csv", "--json", in: folder)
    let twice = await run("fit", "@/twice.csv", "--json", in: folder)
    #expect(once.status == 0 && once.errors.isEmpty)
    #expect(twice.errors == "twice.csv: line 17 repeats line 3; the run counts once\n")
    #expect(twice.output == once.output)
  }

  @Test(arguments: [
    "cat runs.csv | PROGRAM fit -", "mkfifo pipe; cat runs.csv > pipe & PROGRAM fit pipe",
  ])
  func `a table may come through a pipe`(line: String) throws {
    let folder = try Scratch()
    // More than a pipe holds at a time.
    let filler = String(repeating: ",,\n", count: 50_000)
    try folder.write(Self.rows(header: "batch,updates,x") + filler, to: "runs.csv")
    let script = line.replacing("PROGRAM", with: try Command.executable())
    let result = try Command(["-c", script], in: folder, running: "/bin/sh").finish()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("fitted"))
  }

  @Test(
    arguments: [
      (
        "fit @/runs.csv --columns bacth=batch", 64,
        "--columns: 'bacth' is not a known column;"
      ),
      ("fit @/runs.csv --columns batch=bs", 1, "runs.csv:1: the header has no column 'bs'"),
      ("fit @/ --columns batch=bs", 64, "--columns needs a table"),
      (
        "fit @/runs.csv --resamples 1,5", 64,
        "'1,5' is invalid for '--resamples <resamples>': expected"
      ),
      (
        "fit @/runs.csv --resamples 2M", 64,
        "--resamples must be at least 1 and at most 1000000, not"
      ),
      ("fit @/runs.csv --seed −1", 64, "--seed must be at least 0"),
      ("fit @/runs.csv --seed 1e19", 64, "expected a whole number such as 10240, 10,240 or 2k"),
      ("train pong --batch 10,241", 64, "10241"),
      ("train pong --target 7k", 64, "target 7000 of 'pong'"),
      ("sweep --tasks catch --output @/a --batches -80", 64, "--batches must be A...B"),
      ("sweep --tasks catch --output @/a --batches -80,160", 64, "--batches must be A...B"),
      ("sweep --tasks catch --output @/a --batches 1,024", 64, "--batches must be A...B"),
    ] as [(String, Int32, String)])
  func `wrong numbers and names get one sentence`(
    arguments: String, status: Int32, sentence: String
  ) async throws {
    let folder = try Scratch()
    try folder.write(Self.rows(header: "batch,updates,x"), to: "runs.csv")
    let result = await run(arguments.split(separator: " ").map(String.init), in: folder)
    #expect(result.status == status)
    #expect(result.errors.contains(sentence), "\(result.errors)")
    #expect(result.complaints.count == 2)
  }

  @Test func `options read numbers as people write them`() async throws {
    let folder = try Scratch()
    try folder.write(Self.rows(header: "batch,updates,x"), to: "runs.csv")
    let plain = await run("fit", "@/runs.csv", "--seed", "2", "--resamples", "1000", in: folder)
    for number in ["1k", "1e3", "1,000", "1_000"] {
      let other = await run("fit", "@/runs.csv", "--seed", "2", "--resamples", number, in: folder)
      #expect(other.status == 0 && other.output == plain.output)
    }
    let help = await run("fit", "--help", in: folder)
    #expect(help.output.contains("Number of bootstrap resamples. (default: 2000)"))
  }
}
