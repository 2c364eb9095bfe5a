internal import Algebra
internal import Benchmark

/// Dense products, in the shapes of the layers of a 64-64 and a 256-256 network. A name gives
/// rows, inputs and outputs.
func products() {
  for rows in [1, 8, 64, 1_024] { forward(rows: rows, inputs: 64, outputs: 64) }
  for rows in [1, 8, 64, 1_024] { gradient(rows: rows, inputs: 64, outputs: 64) }
  forward(rows: 64, inputs: 64, outputs: 4)
  gradient(rows: 64, inputs: 64, outputs: 4)
  // More than 64 outputs are computed by OpenBLAS.
  forward(rows: 64, inputs: 256, outputs: 256)
  gradient(rows: 64, inputs: 256, outputs: 256)
}

/// `out = x·w + bias`
private func forward(rows: Int, inputs: Int, outputs: Int) {
  let x = Matrix.mixed(rows: rows, columns: inputs)
  let w = Matrix.mixed(rows: inputs, columns: outputs)
  let bias = Matrix.mixed(rows: 1, columns: outputs)
  let out = Matrix(rows: rows, columns: outputs)
  kernel("product-\(rows)x\(inputs)x\(outputs)", scale: calls(rows * inputs * outputs)) {
    multiply(x, w, plus: bias, into: out)
  }
}

/// `sum += xᵀ·slope`
private func gradient(rows: Int, inputs: Int, outputs: Int) {
  let x = Matrix.mixed(rows: rows, columns: inputs)
  let slope = Matrix.mixed(rows: rows, columns: outputs)
  let sum = Matrix(rows: inputs, columns: outputs)
  kernel("gradient-\(rows)x\(inputs)x\(outputs)", scale: calls(rows * inputs * outputs)) {
    addProduct(ofTransposed: x, slope, to: sum)
  }
}

/// Calls in a sample: a thousand of the short ones.
private func calls(_ products: Int) -> BenchmarkScalingFactor {
  products > 100_000 ? .one : .kilo
}

/// The first layer on binary observations: 64 rows with 30 ones among 400, as in breakout.
func sparseProducts() {
  let (rows, inputs, ones) = (64, 400, 30)
  let x = SparseRows(rows: rows, columns: inputs, capacity: ones)
  x.withMutableSpan { lists in
    for row in 0..<rows {
      let first = row * (1 + ones)
      lists[first] = UInt16(ones)
      for one in 0..<ones { lists[first + 1 + one] = UInt16(one * 13 + row % 13) }
    }
  }
  let w = Matrix.mixed(rows: inputs, columns: 64)
  let bias = Matrix.mixed(rows: 1, columns: 64)
  let out = Matrix(rows: rows, columns: 64)
  kernel("sparse-product-64x400x64", scale: .one) {
    multiply(x, w, plus: bias, into: out)
  }
  let slope = Matrix.mixed(rows: rows, columns: 64)
  let sum = Matrix(rows: inputs, columns: 64)
  kernel("sparse-gradient-64x400x64", scale: .one) { addProduct(ofTransposed: x, slope, to: sum) }
}
