import Yams

/// A fault in a YAML text; lines count from 1.
struct YAMLFault: Error {
  var line: Int?
  var reason: String
}

/// Largest size of a plan in bytes.
let largestPlan = 1 << 20

/// Parses the single document of a YAML text; `nil` if there is none.
func composeYAML(_ text: String) throws(YAMLFault) -> Node? {
  guard text.utf8.count <= largestPlan else {
    throw YAMLFault(line: nil, reason: "it is too large for a plan")
  }
  if let line = lineOfAlias(in: text) {
    throw YAMLFault(line: line, reason: "a plan can't contain anchors or aliases ('&', '*')")
  }
  do {
    return try compose(yaml: text)
  } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
    let key = duplicates.first ?? ""
    throw YAMLFault(
      line: lineOfSecond(key, in: text, from: context.mark.line),
      reason: "the key '\(key)' is given twice")
  } catch YamlError.scanner(let context, let problem, let mark, _) {
    throw YAMLFault(line: mark.line, reason: words(context, problem))
  } catch YamlError.parser(let context, let problem, let mark, _) {
    throw YAMLFault(line: mark.line, reason: words(context, problem))
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

/// The line of the first anchor or alias. With them a small file could expand to an enormous one,
/// and no plan needs them.
private func lineOfAlias(in text: String) -> Int? {
  for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    var before: Character = " "
    for character in line {
      if character == "#", before.isWhitespace { break }
      if character == "&" || character == "*", " \t[{,:-".contains(before) { return index + 1 }
      before = character
    }
  }
  return nil
}

/// The line of the second of two equal keys; the first is on `line`.
private func lineOfSecond(_ key: String, in text: String, from line: Int) -> Int {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  let later = lines.enumerated().dropFirst(line).first { _, text in
    let words = text.drop { $0 == " " || $0 == "-" }
    guard words.hasPrefix(key) else { return false }
    return words.dropFirst(key.count).drop { $0 == " " }.first == ":"
  }
  return later.map { $0.offset + 1 } ?? line
}
