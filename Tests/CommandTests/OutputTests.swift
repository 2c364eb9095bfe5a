import CommandSupport
import Foundation
import TestSupport
import Testing

/// Results stand on standard output, everything else on standard error.
struct OutputTests {
  @Test func `tasks as JSON lists every task with its facts`() async throws {
    let folder = try Scratch()
    let result = await run("tasks", "--json", in: folder)
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let tasks = try #require(try result.json() as? [[String: Any]])
    let table = await run("tasks", in: folder)
    for task in tasks {
      let name = try #require(task["task"] as? String)
      #expect(table.output.contains("\n\(name) "))
      #expect((task["batches"] as? [Int])?.isEmpty == false)
      #expect((task["targets"] as? [Double])?.isEmpty == (task["out_of_reach"] is String))
      #expect(task["num_steps"] is Int)
    }
    #expect(Set(tasks.compactMap { $0["task"] as? String }).count == tasks.count)
    #expect(tasks.contains { $0["task"] as? String == "pong" })
  }

  @Test func `a benchmark is a JSON list of its workloads`() async throws {
    let folder = try Scratch()
    let result = await run("bench", "tasks/ban", "--json", in: folder)
    #expect(result.status == 0)
    let workloads = try #require(try result.json() as? [[String: Any]])
    #expect(workloads.map { $0["name"] as? String } == ["tasks/bandit"])
    let numbers = ["low", "observations_per_second", "high"].compactMap {
      workloads.first?[$0] as? Double
    }
    #expect(numbers.count == 3 && numbers == numbers.sorted() && numbers[0] > 0)
  }

  @Test func `a trace is one JSON document with the checkpoints up to its steps`() async throws {
    let folder = try Scratch()
    for (steps, keys) in [(99, []), (1_000, ["100", "1000"]), (9_000, ["100", "1000", "5000"])] {
      let result = await run(
        "trace", "catch", "--seed", "0", "--steps", "\(steps)", "--generator", "numpy", in: folder)
      #expect(result.status == 0)
      #expect(result.errors.isEmpty)
      let digests = try #require(try result.json() as? [String: [String: Any]])
      #expect(Set(digests.keys) == Set(keys))
      guard let digest = digests["1000"] else { continue }
      // bsuite's own.
      #expect(digest["sha"] as? String == "94b5b3fb3f4e3128")
      #expect(digest["return_sum"] as? Double == -50)
      #expect(digest["episodes"] as? Int == 100)
    }
  }

  @Test func `a fit of a table has exactly these keys`() async throws {
    let folder = try Scratch()
    let rows = [16, 64, 256, 1024, 4096].flatMap { batch in
      [0.97, 1.0, 1.03].map { "\(batch),\($0 * 100 * (1 + 300 / Double(batch)))" }
    }
    try folder.write((["batch,updates"] + rows).joined(separator: "\n"), to: "runs.csv")
    let result = await run("fit", "@/runs.csv", "--json", in: folder)
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let fits = try #require(try result.json() as? [[String: Any]])
    #expect(fits.count == 1)
    let fit = try #require(fits.first)
    #expect(
      Set(fit.keys) == [
        "task", "variant", "target", "verdict", "minimum_updates", "minimum_observations",
        "critical_batch",
        "rms_log_residual", "linear_fit", "algorithm", "optimizer", "horizon", "set_aside",
        "bootstrap",
        "seed_deviation", "batch_deviation", "exponent", "without_one_batch", "seeds_needed",
        "noise_scale", "batches", "seeds", "censored", "reason", "mean", "lower_bounds",
      ])
    #expect(fit["verdict"] as? String == "fitted")
    let critical = try #require(fit["critical_batch"] as? [String: Double])
    #expect(Set(critical.keys) == ["value", "low", "high"])
    #expect(abs((critical["value"] ?? 0) / 300 - 1) < 0.02)
    let table = await run("fit", "@/runs.csv", in: folder)
    #expect(table.output.contains("fitted"))
    #expect(table.errors.isEmpty)
  }

  @Test func `colours are for terminals, unless NO_COLOR refuses them`() async throws {
    let folder = try Scratch()
    let rows = [16, 64, 256, 1024, 4096].map { "\($0),\(100 * (1 + 300 / Double($0)))" }
    try folder.write((["batch,updates"] + rows).joined(separator: "\n"), to: "runs.csv")
    let plain = await run("fit", "@/runs.csv", in: folder)
    #expect(plain.output.contains("fitted") && !plain.output.contains("\u{1B}"))
    func onTerminal(_ environment: [String: String]) async -> String {
      await run(
        ["fit", "@/runs.csv"], in: folder, environment: environment, isTerminal: true
      ).output
    }
    let colored = await onTerminal(["TERM": "xterm", "NO_COLOR": ""])
    #expect(colored.contains("\u{1B}[32mfitted\u{1B}[0m"))
    #expect(colored.replacing(try Regex("\u{1B}\\[[0-9]+m"), with: "") == plain.output)
    #expect(await onTerminal(["TERM": "xterm", "NO_COLOR": "1"]) == plain.output)
    #expect(await onTerminal(["TERM": "dumb", "NO_COLOR": ""]) == plain.output)
    // A process finds out by itself whether it has a terminal.
    let line = try Command.executable() + " fit runs.csv"
    let real = try Command(
      ["-qec", line, "/dev/null"], in: folder, running: "/usr/bin/script",
      environment: ["TERM": "xterm", "NO_COLOR": ""]
    ).finish()
    #expect(real.output.replacing("\r\n", with: "\n") == colored)
  }

  @Test func `training as JSON prints only the rows of an archive`() async throws {
    let folder = try Scratch()
    let result = await run(
      "train", "catch", "--batch", "240", "--target", "0", "--json", in: folder)
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    let outcome = try #require(try result.json() as? [String: Any])
    let row = try #require((outcome["rows"] as? [[String: Any]])?.first)
    #expect(row["ending"] as? String == "completed")
    #expect(row["batch"] as? Int == 240)
    #expect(row["rate_verdict"] is NSNull)
    let curve = try #require(outcome["curve"] as? [[String: Any]])
    #expect(curve.first?["updates"] as? Int == 0)
    #expect(curve.last?["updates"] as? Int == row["total_updates"] as? Int)
    let table = await run("train", "catch", "--batch", "240", "--target", "0", in: folder)
    #expect(table.status == 0)
    #expect(table.output.contains("noise scale"))
    #expect(table.output.contains("completed after"))
  }

  @Test func `an event file has the names that users of CleanRL look for`() async throws {
    let folder = try Scratch()
    let result = await run(
      "train", "catch", "--batch", "240", "--target", "0", "--tensorboard", "@/events", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/events")
    let text = folder.text("events/\(try #require(names.first))")
    for tag in [
      "charts/episodic_return", "charts/episodic_length", "charts/SPS", "losses/approx_kl",
      "losses/old_approx_kl",
    ] {
      #expect(text.contains(tag))
    }
  }

  @Test func `a run that meets its limit is a result`() async throws {
    let folder = try Scratch()
    let result = await run("train", "pong", "--total-timesteps", "3000", in: folder)
    #expect(result.status == 0)
    #expect(result.output.contains("not reached"))
  }

  @Test func `a negative target needs no equals sign`() async throws {
    let result = await run(
      "train", "pong", "--target", "-4", "--total-timesteps", "100000", in: try Scratch())
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("\n-4 "))
  }

  @Test func `the doctor names what it found, and why a sweep has so many lanes`() throws {
    let result = try Command(
      ["doctor"], in: try Scratch(), environment: ["SLURM_CPUS_PER_TASK": "1"]
    ).finish()
    #expect(result.output.contains("\nlanes       1 trial at a time in a sweep; limits: "))
    #expect(result.output.contains(", SLURM_CPUS_PER_TASK 1"))
    #expect(result.status == 0)
    for name in ["Swift", "processor", "OpenBLAS", "zstd", "free disk"] {
      #expect(result.output.contains(name))
    }
  }
}
