/// A vector register's worth of numbers.
typealias Lanes = SIMD16<Float>

extension Matrix {
  /// Calls `body` with the start and length of every contiguous run of numbers.
  @inline(__always)
  func forEachRun(_ body: (UnsafeMutablePointer<Float>, Int) -> Void) {
    if isContiguous {
      unsafe body(start(ofRow: 0), rows * columns)
    } else {
      for row in 0..<rows { unsafe body(start(ofRow: row), columns) }
    }
  }

  /// Calls `body` with the runs of two matrices of the same shape.
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

  /// Replaces every number.
  @inline(__always)
  func map(_ change: (Lanes) -> Lanes) {
    unsafe forEachRun { start, count in
      var index = 0
      while index + Lanes.scalarCount <= count {
        unsafe store(change(load(Lanes.self, start + index)), to: start + index)
        index += Lanes.scalarCount
      }
      guard index < count else { return }
      var rest = unsafe SingleStrip(at: start + index)
      rest.map(change)
      unsafe rest.write(to: start + index, count: count - index)
    }
  }

  /// Replaces every number, given the one at the same place of `other`.
  @inline(__always)
  func map(with other: Matrix, _ change: (Lanes, Lanes) -> Lanes) {
    unsafe forEachRun(with: other) { start, others, count in
      var index = 0
      while index + Lanes.scalarCount <= count {
        let changed = unsafe change(
          load(Lanes.self, start + index), load(Lanes.self, others + index))
        unsafe store(changed, to: start + index)
        index += Lanes.scalarCount
      }
      guard index < count else { return }
      var rest = unsafe SingleStrip(at: start + index)
      unsafe rest.map(with: SingleStrip(at: others + index), change)
      unsafe rest.write(to: start + index, count: count - index)
    }
  }

  public func fill(_ value: Float) {
    unsafe forEachRun { start, count in unsafe start.update(repeating: value, count: count) }
  }

  /// Copies the numbers of another matrix of the same shape.
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
    var sum = SquareSum()
    unsafe forEachRun { start, count in
      sum.add(count) {
        unsafe load(Lanes.self, start + $0)
      } rest: {
        unsafe start[$0]
      }
    }
    return sum.total
  }

  /// Σ `self` · `other`, number by number, in double precision.
  public func dot(_ other: Matrix) -> Double {
    var sum = 0.0
    unsafe forEachRun(with: other) { own, others, count in
      for index in 0..<count { sum += unsafe Double(own[index]) * Double(others[index]) }
    }
    return sum
  }

  /// Σ (`self` · `factors`)², products number by number, summed like `squaredNorm`.
  public func squaredNorm(times factors: Matrix) -> Double {
    var sum = SquareSum()
    unsafe forEachRun(with: factors) { own, factors, count in
      sum.add(count) { index in
        unsafe load(Lanes.self, own + index) * load(Lanes.self, factors + index)
      } rest: { index in
        unsafe own[index] * factors[index]
      }
    }
    return sum.total
  }

  /// Adds `factor · self` to another matrix of the same shape and sets `self` to zero, in one pass.
  ///
  /// - Returns: the squared norm of `self` before, summed like `squaredNorm`.
  public func addScaledAndClear(to other: Matrix, times factor: Float) -> Double {
    var sum = SquareSum()
    unsafe forEachRun(with: other) { from, to, count in
      sum.add(count) { index in
        let part = unsafe load(Lanes.self, from + index)
        let before = unsafe load(Lanes.self, to + index)
        unsafe store(before.addingProduct(part, Lanes(repeating: factor)), to: to + index)
        unsafe store(Lanes(), to: from + index)
        return part
      } rest: { index in
        let part = unsafe from[index]
        unsafe to[index] = to[index].addingProduct(part, factor)
        unsafe from[index] = 0
        return part
      }
    }
    return sum.total
  }

  /// Sets every row to the single row of `row`.
  func assign(toEveryRow row: Matrix) {
    precondition(row.rows == 1 && row.columns == columns, "\(row) is not a row of \(self)")
    let from = unsafe row.start(ofRow: 0)
    for index in 0..<rows { unsafe start(ofRow: index).update(from: from, count: columns) }
  }

  /// Adds every row of `other` to this single row, first row first.
  public func add(rowsOf other: Matrix) {
    precondition(rows == 1 && columns == other.columns, "\(self) is not a row of \(other)")
    var column = 0
    while column < columns {
      switch columns - column {
      case 49...: add(FourStrips.self, rowsOf: other, &column)
      case 17...: add(TwoStrips.self, rowsOf: other, &column)
      default: add(SingleStrip.self, rowsOf: other, &column)
      }
    }
  }

  @inline(__always)
  private func add<S: Strip>(_: S.Type, rowsOf other: Matrix, _ column: inout Int) {
    let own = unsafe start(ofRow: 0) + column
    var sums = unsafe S(at: own)
    for row in 0..<other.rows { unsafe sums.add(S(at: other.start(ofRow: row) + column)) }
    unsafe sums.write(to: own, count: columns - column)
    column += S.width
  }
}

/// A sum of squares in double precision: sixteen partial sums, and one for the remainder of a run.
private struct SquareSum {
  private var low = SIMD8<Double>()
  private var high = SIMD8<Double>()
  private var single = 0.0

  var total: Double { (low + high).sum() + single }

  @inline(__always)
  mutating func add(_ count: Int, lanes: (Int) -> Lanes, rest: (Int) -> Float) {
    var index = 0
    while index + Lanes.scalarCount <= count {
      let part = lanes(index)
      let (first, second) = (SIMD8<Double>(part.lowHalf), SIMD8<Double>(part.highHalf))
      low.addProduct(first, first)
      high.addProduct(second, second)
      index += Lanes.scalarCount
    }
    while index < count {
      let value = Double(rest(index))
      single += value * value
      index += 1
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
