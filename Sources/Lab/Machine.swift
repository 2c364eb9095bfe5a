internal import Algebra
internal import Foundation
public import Records
internal import Revision

/// The version of the package.
public let packageVersion = "0.1.0"

extension Provenance {
  /// The machine that this process runs on and the source that it was built from.
  public static let current = Provenance(
    version: packageVersion, revision: unsafe String(cString: batchlab_revision()),
    swift: swiftVersion,
    host: ProcessInfo.processInfo.hostName, cpu: processorName(), openblas: engineDescription(),
    libc: libcVersion())
}

/// The version of Swift that compiled this program, as far as it is known.
private var swiftVersion: String {
  #if swift(>=6.4)
    "6.4 or later"
  #elseif swift(>=6.3)
    "6.3"
  #else
    "6.2"
  #endif
}

/// The processor's name with family, model and stepping.
private func processorName() -> String {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  var facts: [String: String] = [:]
  for line in text.split(separator: "\n").prefix(40) {
    let parts = line.split(separator: ":", maxSplits: 1).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    if parts.count == 2, facts[parts[0]] == nil { facts[parts[0]] = parts[1] }
  }
  let name = facts["model name"] ?? "unknown processor"
  let numbers = ["cpu family", "model", "stepping"].compactMap { facts[$0] }
  return numbers.isEmpty ? name : "\(name) (\(numbers.joined(separator: "-")))"
}
