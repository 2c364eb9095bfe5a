import Foundation
import TestSupport
import Testing

@testable import Algebra
@testable import Lab

/// The fastest products of a processor, and the programs that measure them.
struct ProductLimitTests {
  @Test func `the output of a program that ends well is read to its end`() throws {
    let script = "yes | head -c 300000; echo $LAB_WORD; echo no >&2 2> /dev/null"
    let bytes = try #require(
      output(of: "/bin/sh", ["-c", script], environment: ["LAB_WORD": "a=b"]))
    #expect(bytes.count == 300_004)
    #expect(bytes.suffix(4) == Array("a=b\n".utf8))
    // Its input is empty.
    #expect(output(of: "/bin/cat", [], environment: [:]) == [])
  }

  @Test(arguments: ["exit 1", "kill -ILL $$", "echo some; exit 3"])
  func `a program that fails has no output`(script: String) {
    #expect(output(of: "/bin/sh", ["-c", script], environment: [:]) == nil)
    #expect(output(of: "/nowhere/at-all", [], environment: [:]) == nil)
  }

  /// A program that stands for `batchlab bench --widths`, with a ratio for every core type.
  private func program(_ text: String) throws -> (Scratch, String) {
    let folder = try Scratch()
    try folder.write("#!/bin/sh\n\(text)\n", to: "program")
    let path = folder.path + "/program"
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return (folder, path)
  }

  @Test func `the limit is that of the fastest kernels`() throws {
    let (folder, path) = try program(
      #"""
      case $OPENBLAS_CORETYPE in Prescott) ratio=1000;; Nehalem) ratio=2000;; *) ratio=2;; esac
      echo "[{\"core_type\": \"$OPENBLAS_CORETYPE\", \"width\": 64, \"openblas\": ${ratio}e9,"
      echo "\"own\": 1e9}]"
      """#)
    let rates = CoreTypeRates(widths: [64], program: path)
    let fastest = CoreType.names(for: .current).contains("Nehalem") ? "Nehalem" : "Prescott"
    let limit = rates.limit(width: 64)
    #expect(limit.kernels == fastest)
    #expect(limit.rate > 300 * KernelRates(width: 64).own)
    // Nothing was measured at this width but the kernels in use.
    #expect(["batchlab", CoreType.inUse].contains(rates.limit(width: 65).kernels))
    withExtendedLifetime(folder) {}
  }

  @Test(arguments: [
    // What OpenBLAS does for a core type that it lacks.
    #"echo '[{"core_type": "Other", "width": 64, "openblas": 1e15, "own": 1e9}]'"#,
    #"echo '[{"core_type": "Prescott", "width": 64, "openblas": 1e15, "own"'"#,
    "exit 1", "kill -ILL $$",
  ])
  func `core types that can't be measured set no limit`(script: String) throws {
    let (folder, path) = try program(script)
    let limit = CoreTypeRates(widths: [64], program: path).limit(width: 64)
    #expect(["batchlab", CoreType.inUse].contains(limit.kernels))
    withExtendedLifetime(folder) {}
  }

  @Test func `the limit without others is that of the kernels in use`() {
    let here = KernelRates(width: 128)
    #expect(here.coreType == CoreType.inUse && here.own > 1e8 && here.openBLAS > 1e8)
    let limit = CoreTypeRates().limit(width: 128)
    // Other programs may slow either measurement down.
    #expect(limit.rate > max(here.own, here.openBLAS) / 10)
  }
}
