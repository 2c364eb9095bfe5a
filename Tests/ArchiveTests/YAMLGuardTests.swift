import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

/// Plans that try to be larger than they look, and plans in unusual files.
struct YAMLGuardTests {
  private static let refusal = "a plan can't contain anchors or aliases ('&', '*')"

  /// Nine lines, each of nine aliases of the one before; the last is a key, which the parser hashes.
  private static func bomb(_ lineBreak: String, before: String = "", after: String = "") -> String {
    let names = Array("abcdefghi")
    let lines = names.enumerated().map { index, name in
      let items = Array(repeating: index == 0 ? "x" : "*\(names[index - 1])", count: 9)
      return "\(name): \(before)&\(name) [\(items.joined(separator: ","))]\(after)"
    }
    return (lines + ["? *i", ": 1", "tasks: [catch]", ""]).joined(separator: lineBreak)
  }

  @Test(arguments: ["\n", "\r\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"])
  func `an alias bomb is refused, whatever ends its lines`(lineBreak: String) {
    for text in [
      Self.bomb(lineBreak), "# a comment\(lineBreak)" + Self.bomb(lineBreak),
      "\u{FEFF}" + Self.bomb(lineBreak), Self.bomb(lineBreak, after: " # \"it's\" a comment"),
    ] {
      let fault = #expect(throws: YAMLFault.self) { try composeYAML(text) }
      #expect(fault?.reason == Self.refusal)
    }
  }

  @Test(arguments: [
    "a: &x 1\nb: *x", "a: *x", "{\"a # \": &x 1, 'b # ': *x}", "- &x\n- *x", "? &x a\n: *x",
    "a: |\n  text # &y\nb: &x 1", "&x a: 1", "a: !t &x 1", "[[[&x [1]]]]", "a:\r\n  - &x 1\r\n",
    "\"#\": {b: [1, *x]}",
  ])
  func `an anchor or alias is refused wherever it stands`(text: String) {
    let fault = #expect(throws: YAMLFault.self) { try composeYAML(text) }
    #expect(fault?.reason == Self.refusal)
  }

  @Test(arguments: [
    "tasks: [catch] # *all* of it & more", "# &x *x *y *z *a *b *c *d *e *f *g\ntasks: [catch]",
    "tasks: [catch]\r\n# it's *the* plan &c\r\nseed: 1\r\n", "a: \"*x\"\nb: '&x'", "a: 2*x",
    "a: \"# *1 *2 *3\"",
  ])
  func `stars and ampersands in comments and texts are neither`(text: String) throws {
    #expect(try composeYAML(text) != nil)
  }

  @Test(arguments: ["\n", "\r\n"])
  func `a key that is given twice is named with its line`(lineBreak: String) {
    let text = ["tasks: [catch]", "seed: 1", "", "seed: 2"].joined(separator: lineBreak)
    let fault = #expect(throws: YAMLFault.self) { try composeYAML(text) }
    #expect(fault?.reason == "the key 'seed' is given twice" && fault?.line == 4)
  }

  @Test func `a plan with a byte-order mark is read`() throws {
    let scratch = try Scratch()
    let (text, file) = ("tasks: [catch] # ä\nseed: 7\n", scratch.path + "/plan.yaml")
    let units = Array(text.utf16)
    let little = units.flatMap { unit -> [UInt8] in [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
    let big = units.flatMap { unit -> [UInt8] in [UInt8(unit >> 8), UInt8(unit & 0xFF)] }
    let forms: [[UInt8]] = [
      [0xEF, 0xBB, 0xBF] + Array(text.utf8), [0xFF, 0xFE] + little, [0xFE, 0xFF] + big,
    ]
    for bytes in forms {
      try scratch.write(bytes, to: file)
      #expect(try PlanReader.document(file: file).plan.seed == 7)
      let place = try PlanPlace(file)
      #expect(try place.document().plan.seed == 7)
      #expect(place.text.hasSuffix(text))
    }
  }

  @Test func `a plan is read from a pipe to its end`() throws {
    let scratch = try Scratch()
    let file = scratch.path + "/pipe"
    #expect(unsafe mkfifo(file, 0o600) == 0)
    // Longer than what a pipe holds at a time.
    let text =
      "tasks: [catch]\n" + String(repeating: "# a long plan\n", count: 10_000) + "seed: 7\n"
    let writer = Thread {
      try? Data(text.utf8).write(to: URL(filePath: file), options: [])
    }
    writer.start()
    let place = try PlanPlace(file)
    #expect(place.text == text)
    #expect(try place.document().plan.seed == 7)
  }

  @Test func `a file without an end is too large for a plan`() throws {
    let fault = #expect(throws: PlanError.self) { try PlanReader.document(file: "/dev/zero") }
    #expect(fault?.description.contains("too large for a plan") == true)
  }
}
