import CommandSupport
import Foundation
import Records
import TestSupport
import Testing

@testable import batchlab

/// Names from elsewhere can't move the cursor, and tables stay tables.
struct CleanTextTests {
  @Test(arguments: [
    ("a\u{1B}[31mb", #"a\u{1B}[31mb"#), ("a\u{7F}\u{9B}b", #"a\u{7F}\u{009B}b"#),
    ("a\r\nb\tc", "a\\r\nb\tc"), ("\u{202E}a\u{2066}", #"\u{202E}a\u{2066}"#),
    ("a\u{0}b", #"a\0b"#), ("a\u{2028}b", #"a\u{2028}b"#), ("Größe 木 🙂", "Größe 木 🙂"),
  ])
  func `control characters are written out`(text: String, clean: String) {
    #expect(text.clean == clean)
    #expect(!text.cleanCell.hasControls)
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}\u{302}", 1), ("木の", 4), ("한글", 4), ("ｗ", 2),
    ("🙂", 2), ("👩‍🚀", 2), ("🇩🇪", 2), ("❤️", 2), ("±∞…│█", 5), ("\u{200B}", 0),
  ])
  func `a text is as wide as on a terminal`(text: String, columns: Int) {
    #expect(text.columns == columns)
  }

  @Test func `an over-long name is cut in its middle, and paths stay whole`() {
    let long = "begin" + String(repeating: "x", count: 100_000) + "end"
    let cut = "unknown task '\(long)'".clean
    #expect(cut.hasPrefix("unknown task 'begin") && cut.hasSuffix("end'") && cut.contains("…"))
    #expect(cut.columns == 13 + 80)
    let wide = String(repeating: "木", count: 300).cleanCell
    #expect(wide.columns <= 80 && wide.contains("…"))
    #expect(String(repeating: "a ", count: 100_000).clean.columns == 2000)
    let marks = "a" + String(repeating: "\u{301}", count: 100_000)
    #expect(marks.clean.utf8.count < 200)
    let path = String(repeating: "/" + String(repeating: "p", count: 70), count: 5)
    #expect("wrote \(path)".clean == "wrote \(path)")
  }

  @Test func `columns of wide names are aligned`() {
    let rows = ["catch", "木の実", "a\nb", "e\u{301}e\u{301}", "🙂"]
    let table = Table.text(["task", "S"], rows.map { [$0, "1"] }, inColor: false)
    #expect(
      table == """
        task    S
        ──────  ─
        catch   1
        木の実  1
        a\\nb    1
        e\u{301}e\u{301}      1
        🙂      1
        """)
  }

  /// A table of runs with such a name of a task.
  private func runs(_ task: String) -> String {
    let rows = [16, 64, 256, 1024, 4096].map {
      "\"\(task)\",\($0),\(100 * (1 + 300 / Double($0)))"
    }
    return (["task,batch,updates"] + rows).joined(separator: "\n")
  }

  @Test(arguments: [
    "a\u{1B}]0;gotcha\u{7}", "\u{9B}31m", "\u{202E}drow", "木の実",
    String(repeating: "n", count: 5000),
  ])
  func `a name reaches the terminal cleaned, and JSON whole`(task: String) async throws {
    let folder = try Scratch()
    try folder.write(runs(task), to: "runs.csv")
    let result = await run("fit", "@/runs.csv", "--plot", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("fitted"))
    for line in result.output.split(separator: "\n") {
      #expect(!String(line).hasControls && String(line).columns < 250)
    }
    let json = await run("fit", "@/runs.csv", "--json", in: folder)
    let fits = try #require(try json.json() as? [[String: Any]])
    #expect(fits.first?["task"] as? String == task)
    #expect(!json.output.replacing("\n", with: "").hasControls)
    let refused = await run("train", task, in: folder)
    #expect(refused.status == 64)
    #expect(!refused.errors.dropLast().description.hasControls)
  }

  @Test(arguments: ["dumb", ""])
  func `a terminal without codes gets none`(kind: String) throws {
    let study = try TinyStudy()
    let line = "'\(try Command.executable())'"
    for arguments in ["sweep plan.yaml", "fit Results/tiny", "watch catch --steps 3"] {
      let result = try Command(
        ["-qec", "\(line) \(arguments)", "/dev/null"], in: study.folder,
        running: "/usr/bin/script", environment: ["TERM": kind, "NO_COLOR": ""]
      ).finish()
      #expect(result.status == 0, "\(result.output)")
      #expect(!result.output.contains("\u{1B}"))
    }
  }
}
