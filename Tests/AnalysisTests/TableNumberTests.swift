import Testing

@testable import Analysis

/// Separators, encodings, and numbers as tables have them.
struct TableNumberTests {
  @Test(arguments: [",", ";", "\t", "|"])
  func `finds the separator`(separator: String) throws {
    let lines = ["task,batch,updates,seed", "a b,16,100,1", "a b,32,60.5,1"]
    let table = try RunTable(lines.map { $0.replacing(",", with: separator) })
    #expect(table.groups.map(\.question.task) == ["a b"])
    #expect(
      table.runs == [Run(batch: 16, seed: 1, updates: 100), Run(batch: 32, seed: 1, updates: 60.5)])
  }

  @Test(arguments: ["\t", ",", "|"])
  func `a batch whose points may group thousands is refused`(separator: String) throws {
    func table(_ batches: String...) -> String {
      (["batch,updates"] + batches.map { "\($0),5.210" }).joined(separator: "\n")
        .replacing(",", with: separator)
    }
    let message = RunTable.message(table("64", "1.024", "16.384"))
    #expect(
      message?.hasPrefix("runs.csv:3: batch '1.024' may be a decimal number") == true,
      "\(message ?? "")")
    // One number that can only be decimal settles it.
    #expect(RunTable.message(table("64.0", "1.024")) == nil)
    #expect(try RunTable([table("64.0", "1.024")]).runs.map(\.batch) == [64, 1.024])
  }

  @Test(arguments: ["sep=;", "SEP=;", "\"sep=;\"", "\u{FEFF}sep=;"])
  func `a first line for Excel names the separator`(line: String) throws {
    let table = try RunTable([line, "batch;updates;a,b", "16;2,5;", "32;1,5;"])
    #expect(table.runs == [Run(batch: 16, updates: 2.5), Run(batch: 32, updates: 1.5)])
    // Then nothing else separates them.
    #expect(
      RunTable.message("\(line)\nbatch,updates\n16,100\n")?.hasPrefix("runs.csv:2: the header")
        == true)
  }

  @Test func `finds the separator among names that hold others`() throws {
    let table = try RunTable(
      ["\"a,b\";bs;updates", "x;8;20", ";;", "y;16;12"], columns: "batch=bs")
    #expect(table.runs == [Run(batch: 8, updates: 20), Run(batch: 16, updates: 12)])
  }

  @Test(arguments: [",,", ";;;", "|", "\t\t", "  ", "|---|---:|", "|:--|:-:|", "---+---"])
  func `skips lines of separators only`(line: String) throws {
    let separator = line.contains("-") ? "|" : ","
    let lines = [line, "batch,updates".replacing(",", with: separator), line]
    let table = try RunTable(lines + ["16,100".replacing(",", with: separator), line])
    #expect(table.runs == [Run(batch: 16, updates: 100)])
  }

  @Test func `reads a table of Markdown`() throws {
    let table = try RunTable(["| batch | updates |", "|---:|---:|", "| 1,024 | 2k |"])
    #expect(table.runs == [Run(batch: 1024, updates: 2000)])
  }

  @Test func `reads UTF-16 with a byte-order mark`() throws {
    let text = "task;batch;updates\r\nä;16;100\r\n"
    let units = [0xFEFF] + Array(text.utf16)
    for bytes in [
      units.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] },
      units.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] },
    ] {
      let table = try RunTable(bytes, name: "runs.csv")
      #expect(table.groups.map(\.question.task) == ["ä"])
      #expect(table.runs == [Run(batch: 16, updates: 100)])
      #expect(throws: RunTableError.self) { try RunTable(bytes.dropLast(), name: "runs.csv") }
    }
  }

  @Test func `refuses text of another encoding`() {
    let bytes = Array("task,batch,updates\n".utf8) + [0xE4] + Array(",1,2\n".utf8)
    #expect {
      try RunTable(bytes, name: "runs.csv")
    } throws: {
      "\($0)" == "runs.csv:2: the text is neither UTF-8 nor UTF-16 with a byte-order mark"
    }
  }

  @Test(arguments: [
    ("1e5", 100_000.0), ("10_000", 10_000), ("\"10,240\"", 10_240), ("0.5M", 500_000), ("2k", 2000),
    ("16.0", 16), ("1.5e3", 1500), ("\"1,234.5\"", 1234.5), ("+3", 3),
    ("10\u{A0}240.5", 10_240.5), ("1\u{202F}024\u{202F}000", 1_024_000),
    ("10'240", 10_240), ("10’240", 10_240),
  ])
  func `reads numbers as people write them`(text: String, value: Double) throws {
    #expect(try RunTable(["batch,updates", "\(text),10"]).runs == [Run(batch: value, updates: 10)])
    #expect(try RunTable(["batch,updates", "10,\(text)"]).runs == [Run(batch: 10, updates: value)])
  }

  @Test(arguments: ["\t", "|"])
  func `commas group thousands between other separators`(separator: String) throws {
    let lines = ["batch,updates", "1.024,10.240"].map { $0.replacing(",", with: separator) }
    let table = try RunTable(lines.map { $0.replacing(".", with: ",") })
    #expect(table.runs == [Run(batch: 1024, updates: 10_240)])
  }

  @Test(arguments: [
    // Decimal commas.
    (["1,5", "2,25"], [1.5, 2.25]), (["1,024", "0,5"], [1.024, 0.5]), (["0,125"], [0.125]),
    (["1.024,5", "2.048"], [1024.5, 2048]), (["1,5e3", "0,5M"], [1500, 500_000]),
    // Decimal points.
    (["1.5", "2.25"], [1.5, 2.25]), (["1.5", "1,024"], [1.5, 1024]), (["1,024.5"], [1024.5]),
    (["1,024,000", "1,024"], [1_024_000, 1024]), (["1234.567", "1.024"], [1234.567, 1.024]),
    (["1e3", "64"], [1000, 64]),
  ])
  func `between semicolons the column says what a comma is`(
    texts: [String], values: [Double]
  ) throws {
    let lines = texts.map { "7;\($0)" }
    #expect(try RunTable(["batch;updates"] + lines).runs.map(\.updates) == values)
  }

  @Test(arguments: [
    (
      "batch;updates\n64;1,024\n128;2,048\n",
      """
      runs.csv:2: updates '1,024' may be a decimal number or a number with grouped thousands, and no \
      other number in the column settles it; write it without the mark, or with more or fewer than \
      three decimals
      """
    ),
    (
      "batch;updates\n64;5\n1.024;2\n",
      """
      runs.csv:3: batch '1.024' may be a decimal number or a number with grouped thousands, and no \
      other number in the column settles it; write it without the mark, or with more or fewer than \
      three decimals
      """
    ),
    (
      "batch;updates\n64;1,5\n128;2.5\n",
      "runs.csv:3: updates is '2.5' here and '1,5' above; the decimal mark must be the same"
    ),
    (
      "batch\tupdates\n64\t1,5\n",
      """
      runs.csv:2: updates is '1,5', but a comma is a decimal mark only where semicolons separate \
      the columns; here it groups thousands
      """
    ),
    (
      "target|batch|updates\n0,9|64|5\n",
      """
      runs.csv:2: target is '0,9', but a comma is a decimal mark only where semicolons separate the \
      columns; here it groups thousands
      """
    ),
    ("batch,updates\n64,1,5\n", "runs.csv:2: expected 2 fields as in the header, found 3"),
    (
      "batch,updates\n64,1e400\n",
      "runs.csv:2: updates must be a number between 1e-100 and 1e100, not '1e400'"
    ),
    ("batch,updates\n64,0x10\n", "runs.csv:2: updates must be a positive number, not '0x10'"),
    ("batch,updates\n64,−5\n", "runs.csv:2: updates must be a positive number, not '−5'"),
    ("batch,updates\n64,10 240\n", "runs.csv:2: updates must be a positive number, not '10 240'"),
    (
      "batch,updates\n64,1 024'000\n",
      "runs.csv:2: updates must be a positive number, not '1 024'000'"
    ),
    ("batch,updates\n64,5B\n", "runs.csv:2: updates must be a positive number, not '5B'"),
    ("batch,updates\n64,-inf\n", "runs.csv:2: updates must be a positive number, not '-inf'"),
    ("batch;updates\n64;\"5\"x\n", "runs.csv:2: expected a semicolon after the quoted field '5'"),
  ])
  func `refuses numbers that could be others`(text: String, message: String) {
    #expect(RunTable.message(text) == message)
  }

  @Test func `compares targets as numbers`() throws {
    let comma = try RunTable(
      [
        "target,batch,updates", "0,16,1", "0.0,16,1", "-1,8,1", "−1.0,8,2", "\"1,000\",4,1",
        "1k,4,1",
      ])
    #expect(comma.groups.map(\.runs.count) == [2, 2, 2])
    #expect(comma.groups.map(\.question.target?.value) == [0, -1, 1000])
    #expect(comma.groups.map(\.question.target?.text) == ["0", "-1", "1000"])
    let semicolon = try RunTable(["target;batch;updates", "0,5;16;1", "0,50;16;1", "best;16;1"])
    #expect(semicolon.groups.map(\.question.target?.value) == [0.5, nil])
  }

  @Test(arguments: [
    ("true", true), ("True", true), ("yes", true), ("1", true), ("1.0", true), ("FALSE", false),
    ("no", false), ("0", false), ("0.0", false),
  ])
  func `reads whether a run is censored`(text: String, isCensored: Bool) throws {
    let table = try RunTable(["batch,updates,censored", "16,100,\(text)"])
    #expect(table.runs == [Run(batch: 16, updates: 100, isCensored: isCensored)])
  }
}
