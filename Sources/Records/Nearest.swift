/// The candidate that is most like a mistyped word, for "did you mean"; `nil` if none is close.
///
/// Closeness is the number of letters that were left out, added, replaced or swapped with their
/// neighbour (optimal string alignment); at most a third of the longer word, and one at least.
/// Of equally close candidates the first is returned. Capital letters don't count.
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

/// The smallest number of letters to add, leave out, replace or swap with their neighbour that turns
/// one word into another (optimal string alignment).
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
