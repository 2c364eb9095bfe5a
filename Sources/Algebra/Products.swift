internal import COpenBLAS
internal import Glibc

/// Makes OpenBLAS compute each product on the thread that asks for it. Call once, before any product.
public func useOneThreadPerLane() { openblas_set_num_threads(1) }

/// OpenBLAS's description of itself: version, build options and the kernels in use.
public func engineDescription() -> String {
  let configuration = unsafe openblas_get_config().map { unsafe String(cString: $0) } ?? "unknown"
  let core = CoreType.inUse
  let text = configuration.contains(core) ? configuration : "\(configuration) \(core)"
  return KernelCheck.hasPassed ? text : "\(text), wrong products: batchlab's own kernels"
}

/// The widest result that is summed in registers. OpenBLAS computes wider ones if it does so right.
var widestStripProduct: Int { KernelCheck.hasPassed ? 64 : .max }

/// `out = f(x·w + bias)` in every row. Shapes [n × k]·[k × m] + [1 × m] → [n × m].
///
/// - Parameter function: f; the identity if not given.
public func multiply(
  _ x: Matrix, _ w: Matrix, plus bias: Matrix, applying function: Nonlinearity? = nil,
  into out: Matrix
) {
  precondition(
    x.columns == w.rows && out.rows == x.rows && out.columns == w.columns
      && bias.rows == 1 && bias.columns == w.columns,
    "cannot multiply \(x) by \(w) plus \(bias) into \(out)")
  guard out.columns <= widestStripProduct else {
    out.assign(toEveryRow: bias)
    multiplyByBLAS(x, isTransposed: false, w, addingTo: out)
    if let function { out.apply(function) }
    return
  }
  unsafe multiplyInStrips(
    x, w, from: SumStart(start: bias.start(ofRow: 0), row: 0),
    function?.finish ?? .none, into: out)
}

/// `out = x·w` in every row. Shapes [n × k]·[k × m] → [n × m].
func multiply(_ x: Matrix, _ w: Matrix, into out: Matrix) {
  precondition(
    x.columns == w.rows && out.rows == x.rows && out.columns == w.columns,
    "cannot multiply \(x) by \(w) into \(out)")
  guard out.columns <= widestStripProduct else {
    out.fill(0)
    return multiplyByBLAS(x, isTransposed: false, w, addingTo: out)
  }
  unsafe multiplyInStrips(x, w, from: .zero, .none, into: out)
}

/// `out = (x·w) ⊙ f′`, with f′ the slope of a function where its value is the one in `values`.
/// Shapes [n × k]·[k × m] ⊙ [n × m] → [n × m].
public func multiply(
  _ x: Matrix, _ w: Matrix, timesSlopeOf function: Nonlinearity, at values: Matrix,
  into out: Matrix
) {
  precondition(
    x.columns == w.rows && out.rows == x.rows && out.columns == w.columns
      && values.rows == out.rows && values.columns == out.columns,
    "cannot multiply \(x) by \(w) and slopes \(values) into \(out)")
  guard out.columns <= widestStripProduct else {
    out.fill(0)
    multiplyByBLAS(x, isTransposed: false, w, addingTo: out)
    return out.multiplyBySlope(of: function, at: values)
  }
  unsafe multiplyInStrips(x, w, from: .zero, function.slopeFinish(at: values), into: out)
}

func multiplyInStrips(
  _ x: Matrix, _ w: Matrix, from start: SumStart, _ finish: Finish, into out: Matrix
) {
  let left = unsafe LeftFactor(start: x.start(ofRow: 0), row: x.stride, depth: 1)
  unsafe StripProduct(
    left: left, rows: x.rows, depth: x.columns, right: w.start(ofRow: 0), rightRow: w.stride,
    start: start, out: out.start(ofRow: 0), outRow: out.stride, columns: out.columns,
    finish: finish
  ).run()
}

/// `out += xᵀ·y`. Shapes [n × k]ᵀ·[n × m] → [k × m].
public func addProduct(ofTransposed x: Matrix, _ y: Matrix, to out: Matrix) {
  precondition(
    x.rows == y.rows && out.rows == x.columns && out.columns == y.columns,
    "cannot multiply transposed \(x) by \(y) into \(out)")
  guard out.columns <= widestStripProduct else {
    return multiplyByBLAS(x, isTransposed: true, y, addingTo: out)
  }
  addInStrips(ofTransposed: x, y, to: out)
}

/// `out += xᵀ·y`, by the lab's own kernel.
func addInStrips(ofTransposed x: Matrix, _ y: Matrix, to out: Matrix) {
  if out.columns < Lanes.scalarCount && out.columns < out.rows {
    return addNarrowProduct(ofTransposed: x, y, to: out)
  }
  let left = unsafe LeftFactor(start: x.start(ofRow: 0), row: 1, depth: x.stride)
  unsafe StripProduct(
    left: left, rows: x.columns, depth: x.rows, right: y.start(ofRow: 0), rightRow: y.stride,
    start: SumStart(start: out.start(ofRow: 0), row: out.stride),
    out: out.start(ofRow: 0), outRow: out.stride, columns: out.columns
  ).run()
}

/// `out += xᵀ·y` for a result of few columns, such as the weights of a head. Summed as yᵀ·x, it
/// fills whole registers: for [64 × 64]ᵀ·[64 × 4] that is a quarter of the work.
private func addNarrowProduct(ofTransposed x: Matrix, _ y: Matrix, to out: Matrix) {
  let (width, group) = (FourStrips.width, 4)
  // 1,024 bytes, the most that Swift takes from the stack and not from the heap.
  unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: group * width) { room in
    guard let sums = room.baseAddress else { return }
    for column in stride(from: 0, to: y.columns, by: group) {
      let columns = min(group, y.columns - column)
      let left = unsafe LeftFactor(start: y.start(ofRow: 0) + column, row: 1, depth: y.stride)
      for first in stride(from: 0, to: x.columns, by: width) {
        let count = min(width, x.columns - first)
        unsafe StripProduct(
          left: left, rows: columns, depth: x.rows, right: x.start(ofRow: 0) + first,
          rightRow: x.stride, start: .zero, out: sums, outRow: width, columns: count
        ).run()
        for row in 0..<count {
          let to = unsafe out.start(ofRow: first + row) + column
          for index in 0..<columns { unsafe to[index] += sums[index * width + row] }
        }
      }
    }
  }
}

/// `out += x·w` or `out += xᵀ·w`.
func multiplyByBLAS(
  _ x: Matrix, isTransposed: Bool, _ w: Matrix, addingTo out: Matrix
) {
  guard out.rows > 0, w.rows > 0 else { return }
  ProductCount.add(2 * out.rows * out.columns * w.rows)
  unsafe cblas_sgemm(
    CblasRowMajor, isTransposed ? CblasTrans : CblasNoTrans, CblasNoTrans, Int32(out.rows),
    Int32(out.columns), Int32(w.rows), 1, x.start(ofRow: 0), Int32(x.stride),
    w.start(ofRow: 0), Int32(w.stride), 1, out.start(ofRow: 0), Int32(out.stride))
}

extension Matrix {
  /// Writes the transpose of another matrix into this one.
  public func assign(transposed other: Matrix) {
    precondition(
      rows == other.columns && columns == other.rows, "\(self) is not the shape of \(other)ᵀ")
    for row in 0..<rows {
      let to = unsafe start(ofRow: row)
      let from = unsafe other.start(ofRow: 0) + row
      for column in 0..<columns { unsafe to[column] = from[column * other.stride] }
    }
  }
}

/// The version of the C library, whose `expf`, `log` and `cos` affect results.
public func libcVersion() -> String {
  var name = [CChar](repeating: 0, count: 64)
  _ = unsafe confstr(Int32(_CS_GNU_LIBC_VERSION), &name, name.count)
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
