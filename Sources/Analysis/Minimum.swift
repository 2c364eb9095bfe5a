import Foundation

/// The minimum of a function of one variable within a bracket, to about a tolerance: parabolas
/// through the best three points, golden sections if those fail (Brent 1973, "Algorithms for
/// Minimization Without Derivatives", chapter 5). If the function falls towards an end, the result
/// is that end.
func minimum(
  in bracket: ClosedRange<Double>, tolerance precision: Double, of function: (Double) -> Double
) -> Double {
  let golden = (3 - 5.0.squareRoot()) / 2
  var (lower, upper) = (bracket.lowerBound, bracket.upperBound)
  var best = lower + golden * (upper - lower)
  var (second, third) = (best, best)
  var bestValue = function(best)
  var (secondValue, thirdValue) = (bestValue, bestValue)
  var (step, earlierStep) = (0.0, 0.0)
  for _ in 0..<100 {
    let middle = (lower + upper) / 2
    let tolerance = precision / 4 + 1e-15 * best.magnitude
    if (best - middle).magnitude <= 2 * tolerance - (upper - lower) / 2 { break }
    let parabola = parabolaStep(
      (best, bestValue), (second, secondValue), (third, thirdValue))
    let target = best + parabola
    if parabola.isFinite, parabola.magnitude < earlierStep.magnitude / 2,
      target > lower + 2 * tolerance, target < upper - 2 * tolerance
    {
      (earlierStep, step) = (step, parabola)
    } else {
      earlierStep = best < middle ? upper - best : lower - best
      step = golden * earlierStep
    }
    let smallest = step < 0 ? -tolerance : tolerance
    let next = best + (step.magnitude >= tolerance ? step : smallest)
    let value = function(next)
    if value <= bestValue {
      if next < best { upper = best } else { lower = best }
      (third, thirdValue) = (second, secondValue)
      (second, secondValue) = (best, bestValue)
      (best, bestValue) = (next, value)
    } else {
      if next < best { lower = next } else { upper = next }
      if value <= secondValue || second == best {
        (third, thirdValue) = (second, secondValue)
        (second, secondValue) = (next, value)
      } else if value <= thirdValue || third == best || third == second {
        (third, thirdValue) = (next, value)
      }
    }
  }
  return best
}

/// The distance from the first of three points to the vertex of the parabola through them; not
/// finite if they lie on a line.
private func parabolaStep(
  _ first: (x: Double, y: Double), _ second: (x: Double, y: Double),
  _ third: (x: Double, y: Double)
) -> Double {
  let left = (first.x - second.x) * (first.y - third.y)
  let right = (first.x - third.x) * (first.y - second.y)
  let numerator = (first.x - third.x) * right - (first.x - second.x) * left
  return -numerator / (2 * (right - left))
}
