import Yams

/// A fault in a YAML text; lines count from 1.
struct YAMLFault: Error {
  var line: Int?
  var reason: String
}

/// Largest size of a plan in bytes.
let largestPlan = 1 << 20

/// Largest size of a plan's file, which may be UTF-16.
let largestPlanFile = 2 * largestPlan + 2

/// The text of a plan's bytes: UTF-8, or UTF-16 if a byte-order mark says so; `nil` if they are no
/// text.
func planText(_ bytes: [UInt8]) -> String? {
  let high: Int
  switch bytes.prefix(2) {
  case [0xFE, 0xFF]: high = 0
  case [0xFF, 0xFE]: high = 1
  default: return String(validating: bytes, as: UTF8.self)
  }
  guard bytes.count.isMultiple(of: 2) else { return nil }
  let units = stride(from: 2, to: bytes.count, by: 2).map {
    UInt16(bytes[$0 + high]) << 8 | UInt16(bytes[$0 + 1 - high])
  }
  return String(validating: units, as: UTF16.self)
}

/// Parses the single document of a YAML text; `nil` if there is none.
///
/// An anchor is refused wherever it stands, and with it every alias: aliases can make a small file an
/// enormous tree, and no plan needs them.
func composeYAML(_ text: String) throws(YAMLFault) -> Node? {
  guard text.utf8.count <= largestPlan else {
    throw YAMLFault(line: nil, reason: "it is too large for a plan")
  }
  // A byte-order mark.
  let text =
    text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
  // The parser hashes keys, and with enough aliases that takes for ever.
  if let line = lineOfManyAliases(in: text) { throw aliasFault(line) }
  do {
    // Types are read from texts by `PlanValue` and `PlanTree`, not resolved by the parser.
    let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
    // Nodes know their anchors as long as the parser lives.
    return try withExtendedLifetime(parser) {
      let root = try parser.singleRoot()
      if let anchored = root?.firstAnchored { throw aliasFault(anchored.mark?.line) }
      return root
    }
  } catch let fault as YAMLFault {
    throw fault
  } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
    let key = duplicates.first ?? ""
    throw YAMLFault(
      line: lineOfSecond(key, in: text, from: context.mark.line),
      reason: "the key '\(key)' is given twice")
  } catch YamlError.scanner(let context, let problem, let mark, _) {
    throw YAMLFault(line: mark.line, reason: words(context, problem))
  } catch YamlError.parser(let context, let problem, let mark, _) {
    throw YAMLFault(line: mark.line, reason: words(context, problem))
  } catch YamlError.composer(_, "found undefined alias", let mark, _) {
    throw aliasFault(mark.line)
  } catch YamlError.composer(let context, let problem, let mark, _) {
    throw YAMLFault(line: mark.line, reason: words(context, problem))
  } catch YamlError.reader(let problem, _, _, _) {
    throw YAMLFault(line: nil, reason: "not YAML: \(problem)")
  } catch {
    throw YAMLFault(line: nil, reason: "not YAML")
  }
}

private func words(_ context: YamlError.Context?, _ problem: String) -> String {
  guard let context, !context.text.isEmpty else { return "not YAML: \(problem)" }
  return "not YAML: \(problem), \(context.text)"
}

private func aliasFault(_ line: Int?) -> YAMLFault {
  YAMLFault(line: line, reason: "a plan can't contain anchors or aliases ('&', '*')")
}

extension Node {
  /// The first node with an anchor. An alias is a copy of one, so it is never looked into.
  fileprivate var firstAnchored: Node? {
    if anchor != nil { return self }
    switch self {
    case .scalar, .alias: return nil
    case .sequence(let nodes): return nodes.lazy.compactMap(\.firstAnchored).first
    case .mapping(let pairs):
      return pairs.lazy.compactMap { $0.key.firstAnchored ?? $0.value.firstAnchored }.first
    }
  }
}

/// The line of the first alias if there are more than eight; otherwise `nil`. Eight or fewer can't
/// make a text much longer.
///
/// An alias is a `*` before a letter or digit. Some of those counted may be words in quoted text,
/// but none is missed. Only comments are skipped, and a comment only up to its first quotation mark,
/// because a `#` within quotes begins no comment.
private func lineOfManyAliases(in text: String) -> Int? {
  var (line, first, count) = (1, 1, 0)
  var isComment = false
  var before: Unicode.Scalar = "\n"
  for character in text.unicodeScalars {
    if isLineBreak(character) {
      if !(character == "\n" && before == "\r") { line += 1 }
      isComment = false
    } else if character == "\"" || character == "'" {
      isComment = false
    } else if character == "#", isLineBreak(before) || before == " " || before == "\t" {
      isComment = true
    } else if before == "*", !isComment,
      character.isASCII,
      Character(character).isLetter || "0123456789_-".contains(Character(character))
    {
      if count == 0 { first = line }
      count += 1
      if count > 8 { return first }
    }
    before = character
  }
  return nil
}

/// Whether YAML 1.1 ends a line here.
private func isLineBreak(_ character: Unicode.Scalar) -> Bool {
  switch character {
  case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
  default: false
  }
}

/// The line of the second of two equal keys; the first is on `line`.
private func lineOfSecond(_ key: String, in text: String, from line: Int) -> Int {
  let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
  let later = lines.enumerated().dropFirst(line).first { _, text in
    let words = text.drop { $0 == " " || $0 == "-" }
    guard words.hasPrefix(key) else { return false }
    return words.dropFirst(key.count).drop { $0 == " " }.first == ":"
  }
  return later.map { $0.offset + 1 } ?? line
}
