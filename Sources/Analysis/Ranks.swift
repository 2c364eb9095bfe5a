/// Ranks in ascending order, from 1; equal values share the mean of their ranks.
func midRanks(_ values: [Double]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var first = 0
  while first < order.count {
    var last = first
    while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
    for place in first...last { ranks[order[place]] = Double(first + last) / 2 + 1 }
    first = last + 1
  }
  return ranks
}

/// The least-squares line of y on x, and their correlation; `nil` if either has no spread.
func straightLine(
  _ x: [Double], _ y: [Double]
) -> (slope: Double, level: Double, correlation: Double)? {
  let (centreX, centreY) = (mean(x), mean(y))
  var (squaresX, squaresY, products) = (0.0, 0.0, 0.0)
  for (x, y) in zip(x, y) {
    squaresX += (x - centreX) * (x - centreX)
    squaresY += (y - centreY) * (y - centreY)
    products += (x - centreX) * (y - centreY)
  }
  // Differences of the size of rounding errors are no spread.
  let least = 1e-20 * Double(x.count)
  guard squaresX > least * (1 + centreX * centreX), squaresY > least * (1 + centreY * centreY)
  else { return nil }
  let slope = products / squaresX
  let correlation = products / (squaresX * squaresY).squareRoot()
  return (slope, centreY - slope * centreX, min(max(correlation, -1), 1))
}

/// Rank correlation (Spearman 1904), with mid-ranks for ties; `nil` if either has no spread.
func rankCorrelation(_ x: [Double], _ y: [Double]) -> Double? {
  straightLine(midRanks(x), midRanks(y))?.correlation
}

/// With more pairs there are too many orders to enumerate.
let mostPermutedPairs = 9

/// The exact two-sided p-value of the rank correlation: the share of all orders of y in which it is
/// at least as far from 0. `nil` without spread or with more than nine pairs.
func permutationProbability(_ x: [Double], _ y: [Double]) -> Double? {
  guard x.count <= mostPermutedPairs, let observed = rankCorrelation(x, y) else { return nil }
  let (ranksX, centre) = (midRanks(x), Double(x.count + 1) / 2)
  let deviations = ranksX.map { $0 - centre }
  var ranksY = midRanks(y).map { $0 - centre }
  func product() -> Double { zip(deviations, ranksY).reduce(0) { $0 + $1.0 * $1.1 } }
  // Products of half-integers are exact, so that ties are equal.
  let limit = product().magnitude
  guard observed != 0 else { return 1 }
  var (orders, extremes) = (0, 0)
  // Heap's algorithm (Heap 1963): every order once, each a swap from the previous one.
  func permute(_ count: Int) {
    guard count > 1 else {
      orders += 1
      if product().magnitude >= limit { extremes += 1 }
      return
    }
    for index in 0..<count {
      permute(count - 1)
      if index < count - 1 { ranksY.swapAt(count.isMultiple(of: 2) ? index : 0, count - 1) }
    }
  }
  permute(ranksY.count)
  return Double(extremes) / Double(orders)
}
