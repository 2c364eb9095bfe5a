import Foundation
import TestSupport
import Testing

struct ReportTests {
  @Test func `a report is a page in the study, and a figure is a file`() async throws {
    let study = try await TinyStudy.finished()
    let result = await study.run("report", "@/Results/tiny", "--figures", "@/figures")
    #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
    let page = study.folder.text("Results/tiny/report.html")
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("catch to 0.5"))
    // The plan stands in it as it was given.
    #expect(page.contains("# Small &amp; quick: *tiny*."))
    #expect(!page.contains("<body data-reload"))
    #expect(study.folder.text("figures/a-front-catch-to-0.5.svg").hasPrefix("<?xml"))
    try await study.verify("sealed and intact")

    let elsewhere = await study.run(
      "report", "@/Results/tiny", "@/Results/tiny", "--output", "@/both.html")
    #expect(elsewhere.status == 0, "\(elsewhere.errors)")
    #expect(study.folder.text("both.html").contains(": tiny, tiny (2)</title>"))
    try FileManager.default.createDirectory(
      at: study.folder.url("Other/b"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: study.folder.url("Results/tiny"), to: study.folder.url("Other/b/tiny"))
    let twins = await study.run(
      "report", "@/Results/tiny", "@/Other/b/tiny/", "--output", "@/twins.html",
      "--figures", "@/twins")
    #expect(twins.status == 0, "\(twins.errors)")
    let both = study.folder.text("twins.html")
    #expect(both.contains(": Results/tiny, b/tiny</title>") && !both.contains(study.folder.path))
    #expect(study.folder.exists("twins/a-front-catch-b_tiny-to-0.5.svg"))
  }

  @Test func `what can't be reported or written is said in one sentence`() async throws {
    let study = try await TinyStudy.finished()
    let missing = await study.run("report", "@/Results/none")
    #expect(missing.status == 1 && missing.complaints.count == 2)
    #expect(missing.errors.contains("Results/none"))
    let several = await study.run("report", "@/a", "@/b")
    #expect(several.status == 64 && several.errors.contains("--output"))
    let unwritable = await study.run(
      "report", "@/Results/tiny", "--output", "@/none/page.html")
    #expect(unwritable.status == 1 && unwritable.complaints.count == 2)
    #expect(unwritable.errors.contains("can't write none/page.html: No such file or directory"))
    try study.folder.write("", to: "file")
    let figures = await study.run("report", "@/Results/tiny", "--figures", "@/file/a")
    #expect(figures.status == 1 && figures.errors.contains("can't look at file/a: Not a directory"))
  }

  @Test func `a watch ends if waiting can't help, and waits for a study that continues`()
    async throws
  {
    let study = try TinyStudy(seeds: 12)
    let sweep = try study.sweep("--lanes", "1")
    try sweep.waitForErrors(lines: 3)
    sweep.send(SIGINT)
    _ = try sweep.finish()
    let names = try study.folder.contents(of: "Results/tiny/journal")
    let journal = "Results/tiny/journal/" + (try #require(names.first))
    try study.folder.flipByte(of: journal, at: 40)
    let watch = try Command(["report", "Results/tiny", "--watch"], in: study.folder)
    try watch.waitForErrors(lines: 1)
    #expect(watch.isRunning && watch.errors.contains("waiting for the next change"))
    watch.send(SIGINT)
    let stopped = try watch.finish()
    #expect(stopped.status == 130 && stopped.errors.contains("damaged"), "\(stopped.errors)")
    try study.folder.flipByte(of: journal, at: 40)

    try await study.finish()
    func watched(_ arguments: String...) throws -> Finished {
      try Command(["report", "--watch"] + arguments, in: study.folder).finish()
    }
    let unwritable = try watched("Results/tiny", "--output", "none/page.html")
    #expect(unwritable.status == 1 && unwritable.errors.contains("can't write none/page.html"))
    let file = try watched("Results/tiny/plan.yaml", "--output", "page.html")
    #expect(file.status == 1 && !file.errors.contains("waiting"), "\(file.errors)")
    try study.folder.flipByte(of: "Results/tiny/trials.jsonl.zst", at: 200)
    let damaged = try watched("Results/tiny")
    #expect(damaged.status == 1 && damaged.errors.contains("damaged"), "\(damaged.errors)")
  }

  @Test func `a watch that begins before its study waits for it, and says so once`() async throws {
    let study = try TinyStudy()
    let stopped = try Command(["report", "Results/tiny", "--watch"], in: study.folder)
    try stopped.waitForErrors(lines: 1)
    #expect(stopped.isRunning && stopped.errors == "waiting for Results/tiny\n")
    stopped.send(SIGINT)
    #expect(try stopped.finish().status == 130)
    #expect(!study.folder.exists("Results/tiny/report.html"))

    try FileManager.default.createDirectory(
      atPath: study.folder.path + "/Results/tiny", withIntermediateDirectories: true)
    let watch = try Command(["report", "Results/tiny", "--watch"], in: study.folder)
    try watch.waitForErrors(lines: 1)
    #expect(watch.isRunning && watch.errors == "waiting for Results/tiny\n")
    try await study.finish()
    let ended = try watch.finish()
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.errors.matches(of: /waiting/).count == 1)
    #expect(study.folder.text("Results/tiny/report.html").contains("finished, digest"))
  }

  @Test func `a study that was sealed with cells open is not finished, and its watch goes on`()
    async throws
  {
    let study = try TinyStudy()
    // A shard without cells writes the plan.
    #expect(await study.runSweep("--shard", "98/99").status == 0)
    let merge = await study.run("archive", "merge", "@/Results/tiny")
    #expect(merge.status == 0 && merge.output.contains("3 cells open"), "\(merge.errors)")
    let watch = try Command(["report", "Results/tiny", "--watch"], in: study.folder)
    try watch.waitForErrors(lines: 1)
    #expect(watch.isRunning, "\(watch.errors)")
    let early = study.folder.text("Results/tiny/report.html")
    #expect(early.contains("<body data-reload=\"5\">"))
    #expect(early.contains("tiny: 0 trials, sealed with 3 cells unfinished, digest "))
    try await study.finish()
    let ended = try watch.finish()
    #expect(ended.status == 0, "\(ended.errors)")
    let late = study.folder.text("Results/tiny/report.html")
    #expect(!late.contains("<body data-reload") && late.contains(", finished, digest"))
  }

  @Test func `a page replaces only a page, and a policy only a policy`() async throws {
    let study = try await TinyStudy.finished()
    let rows = "Results/tiny/trials.jsonl.zst"
    let page = await study.run("report", "@/Results/tiny", "--output", "@/" + rows)
    #expect(page.status == 1 && page.errors.contains("\(rows) exists and is not a"))
    let policy = await study.run(
      "train", "catch", "--total-timesteps", "400", "--save", "@/" + rows)
    #expect(policy.status == 1 && policy.errors.contains("\(rows) exists and is not a"))
    try await study.verify("sealed and intact")
    #expect(try await study.summary().digest == TinyStudy.digest)
    for _ in 0..<2 {
      #expect(await study.run("report", "@/Results/tiny").status == 0)
      let trained = await study.run(
        "train", "catch", "--total-timesteps", "400", "--save", "@/p.safetensors")
      #expect(trained.status == 0, "\(trained.errors)")
    }
  }

  @Test func `a watched study has a page that reloads itself until it is finished`() async throws {
    let study = try TinyStudy(seeds: 12)
    let sweep = try study.sweep("--lanes", "1")
    try sweep.waitForErrors(lines: 3)
    sweep.send(SIGINT)
    _ = try sweep.finish()
    #expect(try await study.summary().isSealed == false)

    let watch = try Command(["report", "Results/tiny", "--watch"], in: study.folder)
    try watch.waitForErrors(lines: 1)
    #expect(watch.isRunning, "\(watch.errors)")
    let early = study.folder.text("Results/tiny/report.html")
    #expect(early.contains("<body data-reload=\"5\">") && early.contains("not finished"))
    watch.send(SIGINT)
    #expect(try watch.finish().status == 130)
    let left = study.folder.text("Results/tiny/report.html")
    #expect(!left.contains("<body data-reload") && left.contains("not finished"))

    let again = try Command(["report", "Results/tiny", "--watch"], in: study.folder)
    try again.waitForErrors(lines: 1)
    #expect(again.isRunning, "\(again.errors)")
    try await study.finish()
    let finished = try again.finish()
    // However often it was written, without a terminal the first and the last time are told.
    #expect(finished.status == 0 && finished.errors.matches(of: /wrote/).count == 2)
    let late = study.folder.text("Results/tiny/report.html")
    #expect(!late.contains("<body data-reload") && late.contains("finished, digest"))
  }
}
