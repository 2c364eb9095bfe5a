import Records
import Testing

struct JSONDocumentTests {
  private struct Sample: Encodable {
    var operationsFromSeconds = 1.5
    var path = "a/b"
    @Nullable var seed: Int?
    var split = ["policyForward": 2]
  }

  @Test func `keys are in snake_case and in order, and those of dictionaries unchanged`() throws {
    #expect(
      String(decoding: try jsonDocument([Sample()]), as: UTF8.self) == """
        [
          {
            "operations_from_seconds" : 1.5,
            "path" : "a/b",
            "seed" : null,
            "split" : {
              "policyForward" : 2
            }
          }
        ]
        """)
  }

  @Test func `a document that is not pretty is one line`() throws {
    let line = String(decoding: try jsonDocument(Sample(), isPretty: false), as: UTF8.self)
    #expect(
      line == #"{"operations_from_seconds":1.5,"path":"a\/b","seed":null,"#
        + #""split":{"policyForward":2}}"#)
  }

  @Test func `a number that is not finite is null`() throws {
    let line = try jsonDocument([.nan, 1, .infinity, -.infinity] as [Double], isPretty: false)
    #expect(String(decoding: line, as: UTF8.self) == "[null,1,null,null]")
  }
}
