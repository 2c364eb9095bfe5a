/// The left factor of a product: the number that row `i` of the result takes from row `d` of the
/// right factor stands at `start + i · row + d · depth`. So one kernel serves x·w and xᵀ·y.
@unsafe struct LeftFactor {
  var start: UnsafeMutablePointer<Float>
  var row: Int
  var depth: Int
}

/// Where the sums of a product begin: every row at the numbers `start + i · row`.
@unsafe struct SumStart {
  var start: UnsafeMutablePointer<Float>
  var row: Int
}

/// `out[i] = start[i] + Σ_d left[i, d] · right[d]` for results of few columns, summed in
/// registers in the order of d.
///
/// Four rows at a time sum into up to four registers each: sixteen sums in flight hide the
/// latency of the additions, and every loaded number is used four times. A strip may read past
/// the end of the last row of a matrix: `Numbers` keeps room for that. OpenBLAS 0.3.21 packs both
/// factors for every call unless its kernels are those for AVX-512. Measured for
/// [n × 64]·[64 × 64] against its AVX2 kernels, ns a row: n = 1: 204 and 1,400; 8: 64 and 182;
/// 64: 64 and 144; 2,048: 98 and 170. Its AVX-512 kernels are as fast as this one up to 64 rows.
func multiplyInStrips(
  _ left: LeftFactor, rows: Int, depth: Int, _ right: Matrix, from start: SumStart,
  into out: Matrix
) {
  var column = 0
  while column < out.columns {
    switch out.columns - column {
    case 49...:
      unsafe sumStrip(FourStrips.self, left, rows, depth, right, start, out, &column)
    case 17...: unsafe sumStrip(TwoStrips.self, left, rows, depth, right, start, out, &column)
    default: unsafe sumStrip(SingleStrip.self, left, rows, depth, right, start, out, &column)
    }
  }
}

@inline(__always)
private func sumStrip<S: Strip>(
  _: S.Type, _ left: LeftFactor, _ rows: Int, _ depth: Int, _ right: Matrix, _ start: SumStart,
  _ out: Matrix, _ column: inout Int
) {
  let (across, step, count) = unsafe (left.row, left.depth, out.columns - column)
  let strips = unsafe right.start(ofRow: 0) + column
  var row = 0
  while row + 4 <= rows {
    let sums = unsafe start.start + row * start.row + column
    var a = unsafe S(at: sums)
    var b = unsafe S(at: sums + start.row)
    var c = unsafe S(at: sums + 2 * start.row)
    var d = unsafe S(at: sums + 3 * start.row)
    var factor = unsafe left.start + row * across
    var strip = unsafe strips
    for _ in 0..<depth {
      let shared = unsafe S(at: strip)
      unsafe a.add(factor[0], times: shared)
      unsafe b.add(factor[across], times: shared)
      unsafe c.add(factor[2 * across], times: shared)
      unsafe d.add(factor[3 * across], times: shared)
      unsafe factor += step
      unsafe strip += right.stride
    }
    let to = unsafe out.start(ofRow: row) + column
    unsafe a.write(to: to, count: count)
    unsafe b.write(to: to + out.stride, count: count)
    unsafe c.write(to: to + 2 * out.stride, count: count)
    unsafe d.write(to: to + 3 * out.stride, count: count)
    row += 4
  }
  while row < rows {
    var sum = unsafe S(at: start.start + row * start.row + column)
    let factor = unsafe left.start + row * across
    for index in 0..<depth {
      unsafe sum.add(factor[index * step], times: S(at: strips + index * right.stride))
    }
    unsafe sum.write(to: out.start(ofRow: row) + column, count: count)
    row += 1
  }
  column += S.width
}
