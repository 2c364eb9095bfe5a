/// A vector register's worth of numbers.
typealias Lanes = SIMD16<Float>

extension Matrix {
  /// Calls `body` with the start and length of every run of neighbouring numbers.
  @inline(__always)
  func forEachRun(_ body: (UnsafeMutablePointer<Float>, Int) -> Void) {
    if isContiguous {
      unsafe body(start(ofRow: 0), rows * columns)
    } else {
      for row in 0..<rows { unsafe body(start(ofRow: row), columns) }
    }
  }

  /// Calls `body` with the runs of two matrices of one shape.
  @inline(__always)
  func forEachRun(
    with other: Matrix,
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    precondition(rows == other.rows && columns == other.columns, "\(self) is not \(other)")
    if isContiguous && other.isContiguous {
      unsafe body(start(ofRow: 0), other.start(ofRow: 0), rows * columns)
    } else {
      for row in 0..<rows { unsafe body(start(ofRow: row), other.start(ofRow: row), columns) }
    }
  }

  public func fill(_ value: Float) {
    unsafe forEachRun { start, count in unsafe start.update(repeating: value, count: count) }
  }

  /// Takes over the numbers of another matrix of the same shape.
  public func assign(_ other: Matrix) {
    unsafe forEachRun(with: other) { to, from, count in unsafe to.update(from: from, count: count) }
  }

  /// `self += factor · other`.
  public func add(_ other: Matrix, times factor: Float = 1) {
    unsafe forEachRun(with: other) { to, from, count in
      for index in 0..<count { unsafe to[index] += factor * from[index] }
    }
  }

  public func scale(by factor: Float) {
    unsafe forEachRun { start, count in
      for index in 0..<count { unsafe start[index] *= factor }
    }
  }

  /// Σ of the squares, summed in double precision in a fixed order.
  public func squaredNorm() -> Double {
    var sums = SIMD8<Double>()
    var rest = 0.0
    unsafe forEachRun { start, count in
      var index = 0
      while index + 8 <= count {
        let part = unsafe SIMD8<Double>(load(SIMD8<Float>.self, start + index))
        sums += part * part
        index += 8
      }
      while index < count {
        let value = unsafe Double(start[index])
        rest += value * value
        index += 1
      }
    }
    return sums.sum() + rest
  }

  /// Sets every row to the single row of `row`.
  public func assign(toEveryRow row: Matrix) {
    precondition(row.rows == 1 && row.columns == columns, "\(row) is no row of \(self)")
    let from = unsafe row.start(ofRow: 0)
    for index in 0..<rows { unsafe start(ofRow: index).update(from: from, count: columns) }
  }

  /// Adds every row of `other` to this single row, first row first.
  public func add(rowsOf other: Matrix) {
    precondition(rows == 1 && columns == other.columns, "\(self) is no row of \(other)")
    let to = unsafe start(ofRow: 0)
    for row in 0..<other.rows {
      let from = unsafe other.start(ofRow: row)
      for column in 0..<columns { unsafe to[column] += from[column] }
    }
  }
}

@inline(__always)
func load<Vector>(_: Vector.Type, _ pointer: UnsafeMutablePointer<Float>) -> Vector {
  unsafe UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
}

@inline(__always)
func store<Vector: BitwiseCopyable>(_ vector: Vector, to pointer: UnsafeMutablePointer<Float>) {
  unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: vector, as: Vector.self)
}
