/// eˣ in single precision; relative error below 10⁻⁷. Below −87.33, where results would be
/// subnormal, it is 0; NaN stays NaN, ±∞ become ∞ and 0.
///
/// x = n·ln 2 + r with |r| ≤ ½·ln 2: eʳ is its Taylor polynomial of degree 7, and 2ⁿ is assembled
/// from its bits, in two halves since n may be 128.
@inline(__always)
func exponential(_ x: Lanes) -> Lanes {
  var bounded = x
  bounded.replace(with: Lanes(repeating: 89), where: x .> 89)
  bounded.replace(with: Lanes(repeating: -88), where: x .< -88)
  // Adding 1.5·2²³ rounds to a whole number and leaves it in the low bits.
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

/// log x of positive normal numbers in single precision; relative error of 1 + log x below
/// 2·10⁻⁷. NaN stays NaN.
///
/// x = 2ⁿ·m with m in [√½, √2): log m is a polynomial of degree 9 in m − 1 (the coefficients of
/// Cephes' logf), and n·ln 2 is added in two parts.
@inline(__always)
func logarithm(_ x: Lanes) -> Lanes {
  // Subtracting the bits of √½ makes the exponent field that of x/√½.
  let shifted = bits(x) &- 0x3f35_04f3
  let exponent = shifted &>> 23
  let mantissa = (shifted & 0x007f_ffff) &+ 0x3f35_04f3
  let m = unsafe unsafeBitCast(mantissa, to: Lanes.self) - 1
  let n = Lanes(exponent)
  var p = Lanes(repeating: 7.0376836292e-2)
  p = Lanes(repeating: -1.1514610310e-1).addingProduct(p, m)
  p = Lanes(repeating: 1.1676998740e-1).addingProduct(p, m)
  p = Lanes(repeating: -1.2420140846e-1).addingProduct(p, m)
  p = Lanes(repeating: 1.4249322787e-1).addingProduct(p, m)
  p = Lanes(repeating: -1.6668057665e-1).addingProduct(p, m)
  p = Lanes(repeating: 2.0000714765e-1).addingProduct(p, m)
  p = Lanes(repeating: -2.4999993993e-1).addingProduct(p, m)
  p = Lanes(repeating: 3.3333331174e-1).addingProduct(p, m)
  let square = m * m
  var y = p * m * square
  y = y.addingProduct(n, Lanes(repeating: -2.12194440e-4))
  y -= square * 0.5
  let result = (m + y).addingProduct(n, Lanes(repeating: 0.693359375))
  return result.replacing(with: x, where: x .!= x)
}

extension SIMD16<Float> {
  /// Sum of the lanes, pairwise.
  @inline(__always)
  var total: Float {
    let eight = lowHalf + highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two.x + two.y
  }
}
