// What the inner loops of training cost, one by one: nanoseconds a call, instructions where the
// machine lets them be counted, objects that are made and references that are counted.
// `batchlab bench` measures whole updates; when it gets slower, look here for the loop that did.
//
//     make bench-kernels          # all of them, about half a minute once they are built
//     make bench-kernels-check    # objects and references against those in Thresholds
//     cd Benchmarks && swift package benchmark --filter '.*tanh.*'   # some of them
//
// Times vary by a third from run to run, by more beside other programs: compare within one run,
// or the fastest samples (column p0), which keep within a tenth most of the time. Objects and
// references are the same in every run of a toolchain, so they are what is checked.

internal import Algebra
internal import Benchmark

let benchmarks: @Sendable () -> Void = {
  useOneThreadPerLane()
  products()
  sparseProducts()
  elementwiseKernels()
  policyHead()
  tasksAndRollouts()
}

/// A benchmark of `body`, called as often in each sample as `scale` says: other programs seldom
/// interrupt a sample of well under 4 ms. A name with a space or a slash would not find its
/// threshold again.
func kernel(
  _ name: String, scale: BenchmarkScalingFactor = .kilo, _ body: @escaping () -> Void
) {
  let configuration = Benchmark.Configuration(
    metrics: [.wallClock, .instructions, .objectAllocCount, .retainCount],
    timeUnits: .nanoseconds, warmupIterations: 3, scalingFactor: scale,
    maxDuration: .milliseconds(500), maxIterations: 100_000,
    thresholds: [.objectAllocCount: .strict, .retainCount: .strict])
  Benchmark(name, configuration: configuration) { benchmark in
    for _ in benchmark.scaledIterations { body() }
  }
}

extension Matrix {
  /// Numbers from −1 to 1 in no order that matters.
  static func mixed(rows: Int, columns: Int) -> Matrix {
    let matrix = Matrix(rows: rows, columns: columns)
    for row in 0..<rows {
      for column in 0..<columns {
        matrix[row, column] = Float((row * 31 + column * 17) % 41 - 20) / 20
      }
    }
    return matrix
  }
}
