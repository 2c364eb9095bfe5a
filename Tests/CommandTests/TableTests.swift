import Analysis
import Records
import Testing

@testable import batchlab

struct TableTests {
  @Test func `colors a verdict, but not a task with the same name`() {
    let table = Table.text(
      ["task", "verdict"], [["fitted", Verdict.rejected], ["rejected", Verdict.fitted]],
      left: [0, 1], inColor: true)
    #expect(
      table == """
        \u{1B}[1mtask      verdict\u{1B}[0m
        ────────  ────────
        fitted    \u{1B}[31mrejected\u{1B}[0m
        rejected  \u{1B}[32mfitted\u{1B}[0m
        """)
  }

  @Test func `aligns colored cells as it aligns others`() {
    let rows: [[any TableCell]] = [
      [CellSize(batch: 2048), RateVerdict.edge, "1.5"],
      [CellSize(batch: 64, exchangeRate: 500), MeaningfulText("not settled", .open), "–"],
    ]
    let header = ["batch", "search", "S"]
    #expect(
      Table.text(header, rows, left: [1], inColor: false) == """
        batch  search         S
        ─────  ───────────  ───
        2,048  edge         1.5
        r 500  not settled    –
        """)
    let painted = Table.text(header, rows, left: [1], inColor: true)
    #expect(painted.contains("2,048  \u{1B}[31medge\u{1B}[0m         1.5"))
    #expect(painted.contains("r 500  \u{1B}[33mnot settled\u{1B}[0m    –"))
  }
}
