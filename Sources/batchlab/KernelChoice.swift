internal import Algebra

/// Which of OpenBLAS's kernels are in use, and why. They decide the speed and bits of results.
struct KernelChoice: CustomStringConvertible {
  enum Reason: Equatable {
    case openBLAS
    /// The lab found that OpenBLAS had chosen those of `instead`, for older processors.
    case batchlab(instead: String)
    /// The user set the variable.
    case variable(String)
  }

  var reason: Reason
  var coreType = CoreType.inUse
  var processor = Processor.current.instructions
  /// Whether they agree with the lab's own kernels.
  var areRight = KernelCheck.hasPassed

  var description: String {
    let name = CoreType.instructions(of: coreType).map { "\(coreType) (\($0))" } ?? coreType
    return "\(name), \(explanation); "
      + (areRight
        ? "products agree with batchlab's own kernels"
        : "wrong products, so batchlab's own kernels compute all")
  }

  private var explanation: String {
    switch reason {
    case .batchlab(let old):
      "chosen by batchlab: OpenBLAS had chosen \(old), for older processors"
    case .variable(let choice) where choice.lowercased() == coreType.lowercased():
      "set by the variable \(CoreType.variable)" + shortfall
    case .variable(let choice):
      "because OpenBLAS can't use '\(choice)', to which \(CoreType.variable) is set" + shortfall
    case .openBLAS: "chosen by OpenBLAS" + shortfall
    }
  }

  /// What the kernels leave unused.
  private var shortfall: String {
    guard let used = CoreType.instructions(of: coreType), used < processor else { return "" }
    return ", although the processor has \(processor)"
  }

  /// An assignment that makes another program use the kernels that batchlab chose; `nil` if it left
  /// the choice alone.
  var variable: String? {
    guard case .batchlab = reason else { return nil }
    return "\(CoreType.variable)=\(coreType)"
  }
}

extension KernelChoice {
  /// The choice in a process with these variables.
  init(in environment: [String: String]) {
    let choice = environment[CoreType.variable]
    let better = environment[Restart.variable].flatMap { CoreType.better(than: $0, on: .current) }
    if let old = environment[Restart.variable], let better, choice == better {
      self.init(reason: .batchlab(instead: old))
    } else {
      self.init(reason: choice.map(Reason.variable) ?? .openBLAS)
    }
  }
}
