/// The candidate that is most like a mistyped word, for "did you mean"; `nil` if none is close.
///
/// Closeness is the number of letters that were left out, added, replaced or swapped with their
/// neighbour (optimal string alignment); at most a third of the longer word, and one at least.
/// Of equally close candidates the first is returned. Capital letters don't count.
public func nearest(_ word: String, among candidates: some Sequence<String>) -> String? {
  let letters = Array(word.lowercased())
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let others = Array(candidate.lowercased())
    let longest = max(letters.count, others.count)
    let distance = editDistance(letters, others)
    guard distance <= max(1, longest / 3), distance < longest else { continue }
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
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
