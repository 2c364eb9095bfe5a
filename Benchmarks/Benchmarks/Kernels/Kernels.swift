// The cost of each inner loop of training: nanoseconds a call, instructions if the machine can
// count them, objects created and references counted. `batchlab bench` measures whole updates; if
// it gets slower, look here for the loop that did.
//
//     make bench-kernels          # all of them, about half a minute once they are built
//     make bench-kernels-check    # compares objects and references with Thresholds
//     cd Benchmarks && swift package benchmark --filter '.*tanh.*'   # some of them
//
// Times vary by a third from run to run, and by more if other programs are running. Compare within
// one run, or compare the fastest samples (column p0), which usually vary by less than a tenth.
// Objects and references are the same in every run with one toolchain, so those are checked.

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

/// Registers a benchmark of `body`, which each sample calls `scale` times: other programs rarely
/// interrupt a sample of well under 4 ms. The name must have no space or slash, or its threshold is
/// not found.
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
  /// Numbers from −1 to 1 in arbitrary order.
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
