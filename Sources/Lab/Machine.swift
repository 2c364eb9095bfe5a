internal import Algebra
internal import Foundation
public import Records

/// The version of the package.
public let packageVersion = "0.1.0"

extension Provenance {
  /// The machine that this process runs on and the source that it was built from.
  public static let current = Provenance(
    version: packageVersion, revision: sourceRevision(), swift: swiftVersion,
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

/// The revision of the checkout that contains the program, with `-dirty` if it has changes;
/// "unknown" outside a checkout.
private func sourceRevision() -> String {
  let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  let git = Process()
  git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  git.arguments = [
    "git", "-C", program.deletingLastPathComponent().path, "describe", "--always", "--dirty",
    "--abbrev=12",
  ]
  let output = Pipe()
  git.standardOutput = output
  git.standardError = FileHandle.nullDevice
  guard (try? git.run()) != nil else { return "unknown" }
  let data = output.fileHandleForReading.readDataToEndOfFile()
  git.waitUntilExit()
  let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  return git.terminationStatus == 0 && !text.isEmpty ? text : "unknown"
}
