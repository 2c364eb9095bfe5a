import Foundation
import TestSupport
import Testing

@testable import Analysis

struct RunTableTests {
  @Test func `groups runs by task and target in the order of appearance`() throws {
    let groups = try RunGroup.groups(
      csv: """
        seed,task,note,batch,target,updates,censored
        1,pong,x,16,2.50,100,0
        1,catch,y,16,0.9,50,1
        2,pong,z,32,2.5,80,0
        """, name: "runs.csv")
    let questions = groups.map(\.question)
    #expect(questions.map(\.task) == ["pong", "catch"])
    #expect(questions.map(\.target?.text) == ["2.5", "0.9"])
    #expect(
      groups[0].runs == [
        Run(batch: 16, seed: 1, updates: 100), Run(batch: 32, seed: 2, updates: 80),
      ])
    #expect(groups[1].runs == [Run(batch: 16, seed: 1, updates: 50, isCensored: true)])
  }

  @Test func `accepts observations instead of updates`() throws {
    let groups = try RunGroup.groups(csv: "Batch,observations\n16,1600\n", name: "runs.csv")
    #expect(groups == [RunGroup(runs: [Run(batch: 16, updates: 100)])])
    let both = try RunGroup.groups(
      csv: "batch,updates,observations\n16,100,1600.001\n16,,1600\n16,100,\n", name: "runs.csv")
    #expect(both.first?.runs.map(\.updates) == [100, 100, 100])
  }

  @Test func `reads quotes, a byte-order mark, blank lines and every kind of line end`() throws {
    let text =
      "\u{FEFF}\"task\",batch , updates\r\n\r\n"
      + "\"a \"\"b\"\", c\nd\",1e1,2.5\r\n\n\r x ,20, 3 "
    let groups = try RunGroup.groups(csv: text, name: "runs.csv")
    #expect(groups.map(\.question.task) == ["a \"b\", c\nd", "x"])
    #expect(groups.flatMap(\.runs) == [Run(batch: 10, updates: 2.5), Run(batch: 20, updates: 3)])
  }

  @Test(arguments: [
    ("", "runs.csv:1: expected a header with the columns batch and updates (or observations)"),
    (
      "# BatchLab\n\nHow far can\n",
      """
      runs.csv:1: expected a table with a header that names the columns batch and \
      updates (or observations), found '# BatchLab'
      """
    ),
    (
      "\n{\"trial\":\"a\",\"batch\":10,\"updates\":100,\"target\":1}\n",
      """
      runs.csv:2: expected a table with a header that names the columns batch and \
      updates (or observations), found '{"trial":"a","batch":10,"updates":100,"t…'
      """
    ),
    ("batch,updates\n\n", "runs.csv:1: expected a run on each line below the header, found none"),
    (
      "updates\n1\n",
      "runs.csv:1: the header has no column batch; if it has another name, add --columns batch=NAME"
    ),
    (
      "batch size of it,updates\n1,2\n",
      """
      runs.csv:1: the header has no column batch; did you mean 'batch size of it'? Then add \
      --columns batch='batch size of it'
      """
    ),
    (
      "\n\nbatch,updtes\n1,2\n",
      """
      runs.csv:3: the header has no column updates or observations; did you mean 'updtes'? Then \
      add --columns updates=updtes
      """
    ),
    ("batch,updates,batch\n1,2,1\n", "runs.csv:1: the header has the column batch twice"),
    (
      "batch,updates\n1,2\n\n-3,4\n",
      "runs.csv:4: batch must be a positive number, not '-3'"
    ),
    ("batch,updates\r\n1,2\r\n1,x\r\n", "runs.csv:3: updates must be a positive number, not 'x'"),
    ("batch,updates\n1,0\n", "runs.csv:2: updates must be a positive number, not '0'"),
    ("batch,updates\n,1\n", "runs.csv:2: batch must be a positive number, not ''"),
    ("batch,updates\nnan,1\n", "runs.csv:2: batch must be a positive number, not 'nan'"),
    ("batch,updates\n1\n", "runs.csv:2: expected 2 fields as in the header, found 1"),
    ("batch,updates\n1,2,3\n", "runs.csv:2: expected 2 fields as in the header, found 3"),
    (
      "batch,updates,seed\n1,2,a\n",
      "runs.csv:2: seed must be a whole number, not 'a'"
    ),
    (
      "batch,updates,censored\n1,2,2\n",
      "runs.csv:2: censored must be 0, 1, true, false, yes or no, not '2'"
    ),
    (
      "batch,updates,observations\n10,20,201\n",
      "runs.csv:2: observations must be updates × batch to within 1e-6, but 20 × 10 is not 201"
    ),
    ("batch,updates\n1,\"2\n", "runs.csv:2: a quoted field is never closed"),
    (
      "task,batch,updates\n\"a\nb\",1,2\nc,1,\"2\"x\n",
      "runs.csv:4: expected a comma after the quoted field '2'"
    ),
  ])
  func `says which line is wrong and what was expected`(text: String, message: String) {
    #expect(RunTable.message(text) == message)
  }

  @Test func `ignores other columns, even those that resemble an optional one`() {
    #expect(RunTable.message("batch,updates,seeds,targt\n1,2,x,y\n") == nil)
  }

  @Test func `survives any text`() {
    var draws = Draws(41)
    let alphabet = [
      "batch", "updates", "steps", ",", ",", ";", "|", "\t", "1,024", "\n", "\r", "\"", "1",
      "1e309", "-", "é", " ", "\0",
    ]
    for _ in 0..<3000 {
      let text = (0..<draws.index(30)).map { _ in alphabet[draws.index(alphabet.count)] }.joined()
      let head = draws.index(2) == 0 ? "batch,updates\n" : ""
      if let message = RunTable.message(head + text) { #expect(message.hasPrefix("runs.csv:")) }
    }
  }
}
