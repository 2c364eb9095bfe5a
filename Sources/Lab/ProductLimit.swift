internal import Algebra
internal import Foundation

/// The fastest products of 64 rows through a square layer on this processor.
struct ProductLimit {
  /// Operations per second.
  var rate: Double
  /// Whose kernels they are: a core type of OpenBLAS, or "batchlab".
  var kernels: String
}

/// The rates of such products under one core type of OpenBLAS, in operations per second.
public struct KernelRates: Codable, Sendable {
  public var coreType: String
  public var width: Int
  public var openBLAS: Double
  /// With the lab's own kernel, measured in turns with OpenBLAS's.
  public var own: Double

  private enum CodingKeys: String, CodingKey {
    case coreType, width, openBLAS = "openblas", own
  }

  /// Measures the kernels of this process: the best of eight turns of a millisecond or two.
  public init(width: Int) {
    let x = Matrix(rows: 64, columns: width)
    let w = Matrix(rows: width, columns: width)
    let bias = Matrix(rows: 1, columns: width)
    let out = Matrix(rows: 64, columns: width)
    x.fill(0.01)
    w.fill(0.01)
    let operations = 2 * 64 * Double(width * width)
    let calls = max(1, Int(1e8 / operations))
    var best: [ProductKernel: Double] = [:]
    for _ in 0..<8 {
      for kernel in [ProductKernel.openBLAS, .own] {
        let seconds = ContinuousClock().measure {
          for _ in 0..<calls { kernel.multiply(x, w, plus: bias, into: out) }
        }.seconds
        best[kernel] = max(best[kernel] ?? 0, Double(calls) * operations / seconds)
      }
    }
    (coreType, self.width) = (CoreType.inUse, width)
    (openBLAS, own) = (best[.openBLAS] ?? 0, best[.own] ?? 0)
  }
}

/// The core types of OpenBLAS that beat the lab's own kernel, by width of the layer.
///
/// A process has one core type, so each of the others is measured once, in a process of its own, and
/// beside the lab's own kernel. What counts is the ratio of the two: the speed of the machine may
/// have changed when a workload is compared with it.
struct CoreTypeRates {
  private var best: [Int: (coreType: String, ratio: Double)] = [:]

  /// None but the kernels of this process.
  init() {}

  /// - Parameter program: the file of this program, whose `bench --widths` prints `KernelRates`.
  init(widths: Set<Int>, program: String) {
    guard !widths.isEmpty else { return }
    let list = widths.sorted().map(String.init).joined(separator: ",")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    for name in CoreType.names(for: .current) where name != CoreType.inUse {
      let text = output(
        of: program, ["bench", "--widths", list], environment: [CoreType.variable: name])
      let rates = text.flatMap { try? decoder.decode([KernelRates].self, from: Data($0)) } ?? []
      // Where OpenBLAS lacks the core type, it uses another.
      for rate in rates where rate.coreType.lowercased() == name.lowercased() {
        let ratio = rate.openBLAS / rate.own
        if ratio > best[rate.width]?.ratio ?? 1 { best[rate.width] = (rate.coreType, ratio) }
      }
    }
  }

  /// The limit at this moment.
  func limit(width: Int) -> ProductLimit {
    let here = KernelRates(width: width)
    var limits = [
      ProductLimit(rate: here.own, kernels: "batchlab"),
      ProductLimit(rate: here.openBLAS, kernels: here.coreType),
    ]
    if let other = best[width] {
      limits.append(ProductLimit(rate: here.own * other.ratio, kernels: other.coreType))
    }
    return limits.max { $0.rate < $1.rate } ?? limits[0]
  }
}
