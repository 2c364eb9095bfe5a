/// eˣ in single precision; relative error below 10⁻⁷. Below −87.33, where results would be
/// subnormal, it is 0; NaN stays NaN, ±∞ become ∞ and 0.
///
/// x = n·ln 2 + r with |r| ≤ ½·ln 2: eʳ is its Taylor polynomial of degree 7, and 2ⁿ is put
/// together from its bits, in two halves since n may be 128.
@inline(__always)
func exponential(_ x: Lanes) -> Lanes {
  var bounded = x
  bounded.replace(with: Lanes(repeating: 89), where: x .> 89)
  bounded.replace(with: Lanes(repeating: -88), where: x .< -88)
  // Adding 1.5·2²³ rounds to a whole number and leaves that in the low bits.
  let magic = Lanes(repeating: 0x1.8p23)
  let shifted = magic.addingProduct(bounded, Lanes(repeating: 1.442695041))
  let n = shifted - magic
  let rough = bounded.addingProduct(n, Lanes(repeating: -0.693359375))
  let r = rough.addingProduct(n, Lanes(repeating: 2.12194440e-4))
  var p = Lanes(repeating: 1 / 5_040)
  p = Lanes(repeating: 1 / 720).addingProduct(p, r)
  p = Lanes(repeating: 1 / 120).addingProduct(p, r)
  p = Lanes(repeating: 1 / 24).addingProduct(p, r)
  p = Lanes(repeating: 1 / 6).addingProduct(p, r)
  p = Lanes(repeating: 0.5).addingProduct(p, r)
  p = Lanes(repeating: 1).addingProduct(p, r)
  p = Lanes(repeating: 1).addingProduct(p, r)
  let whole = bits(shifted) &- bits(magic)
  let half = whole &>> 1
  var y = p * powerOfTwo(half) * powerOfTwo(whole &- half)
  y.replace(with: Lanes(repeating: 0), where: x .< -87.33654)
  y.replace(with: Lanes(repeating: .infinity), where: x .> 88.72283)
  return y
}

@inline(__always)
private func bits(_ x: Lanes) -> SIMD16<Int32> { unsafe unsafeBitCast(x, to: SIMD16<Int32>.self) }

@inline(__always)
private func powerOfTwo(_ exponent: SIMD16<Int32>) -> Lanes {
  unsafe unsafeBitCast((exponent &+ 127) &<< 23, to: Lanes.self)
}

extension SIMD16<Float> {
  /// Sum of the lanes, in halves.
  @inline(__always)
  var total: Float {
    let eight = lowHalf + highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }

  /// The largest lane; a NaN may or may not be noticed.
  @inline(__always)
  var largest: Float {
    let eight = lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf)
    let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
    return Swift.max(Swift.max(four.x, four.y), Swift.max(four.z, four.w))
  }
}
