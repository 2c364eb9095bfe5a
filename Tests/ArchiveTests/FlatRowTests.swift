import Foundation
import Records
import Testing

@testable import Archive

/// Rows as they are usually written are decoded without Foundation, whose word counts.
struct FlatRowTests {
  private func line(_ number: Int) throws -> String {
    let lines = try makeTrial().lines().split(separator: newline)
    return String(decoding: lines[number], as: UTF8.self)
  }

  /// What a line says, or what is wrong with it, by one of the two ways of reading.
  private func words(_ line: Result<ArchivedLine, LineFault>) -> String {
    switch line {
    case .success(let line): "\(line)"
    case .failure(let fault): fault.reason
    }
  }

  @Test(arguments: 0..<5)
  func `a written row is read by the fast decoder, with the same result`(number: Int) throws {
    let text = try line(number)
    let row = try #require(FlatRow([UInt8](text.utf8)))
    let short = try row.decode(ArchivedLine.self)
    #expect("\(short)" == words(ArchivedLine.readAnything([UInt8](text.utf8))))
    #expect("\(short)" == words(ArchivedLine.read(text.utf8)))
  }

  @Test(arguments: [
    "0", "-1", "17", "9007199254740991", "0.1", "1e-05", "1.5e+300", "-2.25E-7", "123456.789",
    "2.2250738585072014e-308", "0.30000000000000004",
  ])
  func `a number is read bit for bit as Foundation reads it`(number: String) throws {
    struct Row: Decodable { var x: Double }
    let text = "{\"x\":\(number)}"
    let read = try #require(FlatRow([UInt8](text.utf8))).decode(Row.self)
    let other = try JSONDecoder().decode(Row.self, from: Data(text.utf8))
    #expect(read.x.bitPattern == other.x.bitPattern)
  }

  @Test func `the columns of a line are the same either way it is read`() throws {
    let usual = #"{"a":null,"b":true,"c":-3,"d":0.1,"e":"x"}"#
    let columns = try FlatRow.columns(of: [UInt8](usual.utf8)).mapValues(\.text)
    #expect(columns == ["a": "", "b": "true", "c": "-3", "d": "0.1", "e": "x"])
    let unusual = usual.replacingOccurrences(of: ",", with: ", ")
    #expect(FlatRow([UInt8](unusual.utf8)) == nil)
    #expect(try FlatRow.columns(of: [UInt8](unusual.utf8)).mapValues(\.text) == columns)
  }

  @Test(arguments: [
    "", "{", "{}", "[1]", "{\"x\":1", "{\"x\":1}}", "{\"x\":1} ", "{ \"x\":1}", "{\"x\": 1}",
    "{\"x\":1,}", "{,}", "{\"x\"}", "{\"x\":}", "{\"x\":1,\"x\":2}", "{\"x\":{}}", "{\"x\":[]}",
    "{\"x\":\"a\\n\"}", "{\"x\":\"a\u{1}\"}", "{\"x\":\"ä\"}", "{\"x\":tru}", "{\"x\":nul}",
    "{\"x\":01}", "{\"x\":-}", "{\"x\":-0}", "{\"x\":.5}", "{\"x\":1.}", "{\"x\":1e}",
    "{\"x\":1e999}", "{\"x\":1e-999}", "{\"x\":+1}", "{\"x\":0x10}", "{\"x\":inf}",
    "{\"x\":9223372036854775808}", "{x:1}", "{\"x\":'a'}",
  ])
  func `any other line is left to Foundation`(text: String) {
    #expect(FlatRow([UInt8](text.utf8)) == nil)
  }

  @Test(arguments: [
    ("\"seed\":0", "\"seed\":0.5"), ("\"seed\":0", "\"seed\":\"0\""),
    ("\"seed\":0", "\"seed\":null"), ("\"seed\":0", "\"seed\":-0"),
    ("\"seed\":0", "\"seed\":1e0"), ("\"seed\":0,", ""), ("\"schema\":3", "\"schema\":4"),
    ("\"schema\":3", "\"schema\":2"),
    ("\"kind\":\"trial\"", "\"kind\":\"trail\""), ("\"hidden\":\"", "\"hidden\":\"x"),
    ("\"task\":\"catch\"", "\"task\":true"), ("\"batch\":", "\"batch\":1"),
  ])
  func `what is wrong with a row is described in the same words`(part: (String, String)) throws {
    let text = try line(0)
    let wrong = text.replacingOccurrences(of: part.0, with: part.1)
    #expect(wrong != text)
    let expected = words(ArchivedLine.readAnything([UInt8](wrong.utf8)))
    #expect(words(ArchivedLine.read(wrong.utf8)) == expected)
  }
}
