/// The candidate most like a mistyped word, for "did you mean"; `nil` if none is close.
///
/// A candidate is close if its edit distance is 1, or at most a third of the longer word. Of
/// equally close candidates, the first is returned. Case is ignored.
public func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let longest = max(word.count, candidate.count)
    let distance = editDistance(word.lowercased(), candidate.lowercased())
    guard distance <= max(1, longest / 3), distance < longest else { continue }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// The fewest letters to add, drop, replace or swap with a neighbour to turn one word into the
/// other (optimal string alignment).
public func editDistance(_ first: String, _ second: String) -> Int {
  let (left, right) = (Array(first), Array(second))
  var before: [Int] = []
  var above = Array(0...right.count)
  for i in left.indices {
    var row = [i + 1]
    for j in right.indices {
      let replaced = above[j] + (left[i] == right[j] ? 0 : 1)
      var distance = min(replaced, above[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
        distance = min(distance, before[j - 1] + 1)
      }
      row.append(distance)
    }
    (before, above) = (above, row)
  }
  return above[right.count]
}
