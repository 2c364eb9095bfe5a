internal import Glibc

/// Vector instructions of x86-64 processors. Each set includes those before it.
public enum InstructionSet: Comparable, CaseIterable, Sendable, CustomStringConvertible {
  case sse, avx, avx2, avx512

  public var description: String {
    switch self {
    case .sse: "SSE"
    case .avx: "AVX"
    case .avx2: "AVX2"
    case .avx512: "AVX-512"
    }
  }

  /// What Linux lists for a processor that has these.
  var flags: Set<Substring> {
    switch self {
    case .sse: []
    case .avx: ["avx"]
    case .avx2: ["avx", "avx2", "fma"]
    case .avx512:
      ["avx", "avx2", "fma", "avx512f", "avx512cd", "avx512dq", "avx512bw", "avx512vl"]
    }
  }
}

/// What this processor can execute, as far as Linux lets it: a flag is missing from /proc/cpuinfo
/// also if the system doesn't save the registers that its instructions use.
public struct Processor: Sendable {
  var flags: Set<Substring>
  public var isAMD: Bool

  /// - Parameter description: the beginning of /proc/cpuinfo, with the first processor.
  public init(description: String) {
    var facts: [Substring: Substring] = [:]
    for line in description.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let name = parts[0].split(whereSeparator: \.isWhitespace).first,
        facts[name] == nil
      else { continue }
      facts[name] = parts[1]
    }
    flags = Set((facts["flags"] ?? "").split(separator: " "))
    isAMD = ["AuthenticAMD", "HygonGenuine"].contains((facts["vendor_id"] ?? "").drop { $0 == " " })
  }

  public static let current = Processor(description: beginning(of: "/proc/cpuinfo"))

  public var instructions: InstructionSet {
    InstructionSet.allCases.last { $0.flags.isSubset(of: flags) } ?? .sse
  }
}

/// The first 16 KiB of a file, which hold the first processor; empty if it can't be read. Later ones
/// can take long: Linux may ask each of them for its frequency.
private func beginning(of path: String) -> String {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { return "" }
  defer { close(file) }
  let text = unsafe [UInt8](unsafeUninitializedCapacity: 16_384) { room, count in
    count = unsafe max(read(file, room.baseAddress, room.count), 0)
  }
  return String(decoding: text, as: UTF8.self)
}
