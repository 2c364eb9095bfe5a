internal import COpenBLAS
internal import Glibc

/// Sets OpenBLAS to one thread: lanes are the only parallelism. Call once, before any product.
public func useOneThreadPerLane() { openblas_set_num_threads(1) }

/// OpenBLAS's words about itself: version, build options, the kernel it chose.
public func engineDescription() -> String {
  let configuration = unsafe openblas_get_config().map { unsafe String(cString: $0) } ?? "unknown"
  let core = unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
  return configuration.contains(core) ? configuration : "\(configuration) \(core)"
}

/// Rows from which on OpenBLAS is called for a layer.
private let narrowRows = 64

/// `out = x·w + bias` in every row. Shapes [n × k]·[k × m] + [1 × m] → [n × m].
public func multiply(_ x: Matrix, _ w: Matrix, plus bias: Matrix, into out: Matrix) {
  precondition(
    x.columns == w.rows && out.rows == x.rows && out.columns == w.columns
      && bias.rows == 1 && bias.columns == w.columns,
    "cannot multiply \(x) by \(w) plus \(bias) into \(out)")
  guard out.rows > 0, out.columns > 0 else { return }
  guard out.rows >= narrowRows else { return multiplyNarrow(x, w, plus: bias, into: out) }
  out.assign(toEveryRow: bias)
  unsafe cblas_sgemm(
    CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(out.rows), Int32(out.columns),
    Int32(x.columns), 1, x.start(ofRow: 0), Int32(x.stride), w.start(ofRow: 0), Int32(w.stride),
    1, out.start(ofRow: 0), Int32(out.stride))
}

/// `out += xᵀ·y`. Shapes [n × k]ᵀ·[n × m] → [k × m].
public func addProduct(ofTransposed x: Matrix, _ y: Matrix, to out: Matrix) {
  precondition(
    x.rows == y.rows && out.rows == x.columns && out.columns == y.columns,
    "cannot multiply transposed \(x) by \(y) into \(out)")
  guard x.rows > 0 else { return }
  unsafe cblas_sgemm(
    CblasRowMajor, CblasTrans, CblasNoTrans, Int32(out.rows), Int32(out.columns), Int32(x.rows),
    1, x.start(ofRow: 0), Int32(x.stride), y.start(ofRow: 0), Int32(y.stride),
    1, out.start(ofRow: 0), Int32(out.stride))
}

/// `out = x·wᵀ`. Shapes [n × m]·[k × m]ᵀ → [n × k].
public func multiply(_ x: Matrix, transposed w: Matrix, into out: Matrix) {
  precondition(
    x.columns == w.columns && out.rows == x.rows && out.columns == w.rows,
    "cannot multiply \(x) by transposed \(w) into \(out)")
  guard out.rows > 0, out.columns > 0 else { return }
  unsafe cblas_sgemm(
    CblasRowMajor, CblasNoTrans, CblasTrans, Int32(out.rows), Int32(out.columns),
    Int32(x.columns), 1, x.start(ofRow: 0), Int32(x.stride), w.start(ofRow: 0), Int32(w.stride),
    0, out.start(ofRow: 0), Int32(out.stride))
}

/// The version of the C library whose exponentials and logarithms the kernels call.
public func libcVersion() -> String {
  var name = [CChar](repeating: 0, count: 64)
  _ = unsafe confstr(Int32(_CS_GNU_LIBC_VERSION), &name, name.count)
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
