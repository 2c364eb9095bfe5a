import Algebra
import Foundation
import TestSupport
import Testing

@testable import batchlab

/// Which of OpenBLAS's kernels a command uses, whatever OpenBLAS chose. A preloaded library makes
/// it choose badly.
struct KernelTests {
  /// The core type that replaces kernels for a Pentium 4 here.
  private static let better = CoreType.better(than: "Prescott", on: .current)

  /// Runs a line of the shell in which `$0` is the command, where OpenBLAS chooses kernels of 2004.
  private func start(
    _ line: String, environment: [String: String] = [:], in folder: Scratch
  ) throws -> Command {
    let command = try Command.executable()
    let library = URL(filePath: command).deletingLastPathComponent().appending(
      path: "libFaultInjector.so")
    return try Command(
      ["-c", "unset OPENBLAS_CORETYPE; \(line)", command], in: folder, running: "/bin/sh",
      environment: ["LD_PRELOAD": library.path, "BATCHLAB_CHOSEN_CORETYPE": "Prescott"].merging(
        environment
      ) { $1 })
  }

  private func run(_ line: String, environment: [String: String] = [:]) throws -> Finished {
    try start(line, environment: environment, in: try Scratch()).finish()
  }

  @Test(.enabled(if: better != nil))
  func `kernels for older processors are replaced, and the doctor says so`() throws {
    let better = try #require(Self.better)
    let result = try run(#"exec "$0" doctor"#)
    #expect(result.status == 0 && result.errors == "")
    #expect(result.output.contains("\nkernels     \(better) ("))
    #expect(
      result.output.contains(
        "chosen by batchlab: OpenBLAS had chosen Prescott, for older processors; products agree"))
    #expect(try run(#"exec "$0" doctor --variables"#).output == "OPENBLAS_CORETYPE=\(better)\n")
  }

  @Test func `kernels for this processor are left alone`() throws {
    let name = CoreType.inUse
    let result = try run(#"exec "$0" doctor"#, environment: ["BATCHLAB_CHOSEN_CORETYPE": name])
    if CoreType.better(than: name, on: .current) == nil {
      #expect(result.output.contains(", chosen by OpenBLAS; products agree"))
    }
    let unknown = try run(#"exec "$0" doctor"#, environment: ["BATCHLAB_CHOSEN_CORETYPE": "Z80"])
    #expect(unknown.output.contains("\nkernels     Z80, chosen by OpenBLAS; products agree"))
    #expect(
      try run(
        #"exec "$0" doctor --variables"#, environment: ["BATCHLAB_CHOSEN_CORETYPE": "Z80"]
      ).output == "")
  }

  @Test func `the user's choice stays`() throws {
    let result = try run(#"OPENBLAS_CORETYPE=Prescott exec "$0" doctor"#)
    #expect(
      result.output.contains("\nkernels     Prescott (SSE), set by the variable OPENBLAS_CORE"))
    #expect(result.output.contains(", although the processor has ") == (Self.better != nil))
  }

  @Test(arguments: ["Nonsense", ""])
  func `a name that OpenBLAS can't use is no reason to start again`(name: String) throws {
    let result = try run("OPENBLAS_CORETYPE='\(name)' exec \"$0\" doctor")
    #expect(result.status == 0)
    #expect(
      result.output.contains(
        "because OpenBLAS can't use '\(name)', to which OPENBLAS_CORETYPE is set"))
  }

  @Test(
    .enabled(if: better != nil),
    arguments: [
      ("train pogn", 64), ("fit none.csv", 1), ("tasks >&-", 141), ("tasks >&- 2>&- <&-", 141),
    ])
  func `a command that was started again ends with its own status`(words: String, status: Int32)
    throws
  {
    #expect(try run("exec \"$0\" \(words)").status == status)
  }

  @Test(.enabled(if: better != nil))
  func `process, arguments, signals and limits are what they were`() throws {
    let folder = try Scratch()
    let command = try start(
      #"""
      echo $$ > pid.new; mv pid.new pid; trap '' HUP; ulimit -n 100
      exec "$0" train pong --total-timesteps 100G --target 21 --save "$(printf '\377.policy')"
      """#, in: folder)
    defer {
      command.send(SIGKILL)
      _ = try? command.finish()
    }
    try command.wait(for: folder.url("pid"))
    let process = URL(filePath: "/proc/\(folder.text("pid").dropLast())")
    func facts(_ name: String) throws -> [UInt8] {
      // Files of /proc have no size.
      let file = try FileHandle(forReadingFrom: process.appending(path: name))
      return [UInt8](try file.readToEnd() ?? Data())
    }
    func text(_ name: String) throws -> String { String(decoding: try facts(name), as: UTF8.self) }
    let deadline = ContinuousClock.now + .seconds(60)
    while try !text("environ").contains("BATCHLAB_REPLACED_CORETYPE=Prescott") {
      try #require(command.isRunning && ContinuousClock.now < deadline)
      Thread.sleep(forTimeInterval: 0.005)
    }
    #expect(try text("comm") == "batchlab\n")
    let words = try facts("cmdline").split(separator: 0).map(Array.init)
    #expect(words.first == Array(try Command.executable().utf8))
    #expect(words.last == [0xFF] + Array(".policy".utf8))
    #expect(words.count == 9)
    let status = try text("status").split(separator: "\n")
    let ignored = try #require(status.first { $0.hasPrefix("SigIgn:") }?.suffix(16))
    #expect((Int(ignored, radix: 16) ?? 0) & 1 << (SIGHUP - 1) != 0)
    #expect(
      try text("limits").split(separator: "\n").contains {
        $0.hasPrefix("Max open files") && $0.contains(" 100 ")
      })
  }

  @Test func `wrong kernels multiply nothing, and rows say so`() throws {
    let wrong = ["BATCHLAB_WRONG_PRODUCTS": "1", "BATCHLAB_CHOSEN_CORETYPE": "Z80"]
    let doctor = try run(#"exec "$0" doctor"#, environment: wrong)
    #expect(doctor.output.contains("; wrong products, so batchlab's own kernels compute all\n"))
    #expect(doctor.output.contains(" Z80, wrong products: batchlab's own kernels, each product"))
    let result = try run(
      #"exec "$0" train catch --hidden 96-96 --total-timesteps 3000 --json"#,
      environment: wrong)
    let document = try #require(try result.json() as? [String: Any], "\(result.errors)")
    let row = try #require((document["rows"] as? [[String: Any]])?.first)
    // With a NaN in every product, it would be a divergence.
    #expect(row["ending"] as? String != "diverged")
    #expect((row["openblas"] as? String ?? "").hasSuffix("wrong products: batchlab's own kernels"))
  }

  @Test func `each reason has its sentence`() {
    var choice = KernelChoice(
      reason: .openBLAS, coreType: "Zen", processor: .avx2, areRight: true)
    #expect(
      choice.description
        == "Zen (AVX2), chosen by OpenBLAS; products agree with batchlab's own kernels")
    choice.processor = .avx512
    #expect(choice.description.contains("by OpenBLAS, although the processor has AVX-512; "))
    choice.reason = .batchlab(instead: "Zen")
    choice.coreType = "SkylakeX"
    #expect(choice.description.hasPrefix("SkylakeX (AVX-512), chosen by batchlab: OpenBLAS had "))
    #expect(choice.variable == "OPENBLAS_CORETYPE=SkylakeX")
    choice.reason = .variable("skylakex")
    #expect(choice.description.contains("set by the variable OPENBLAS_CORETYPE; "))
    #expect(choice.variable == nil)
    choice.areRight = false
    #expect(choice.description.hasSuffix("wrong products, so batchlab's own kernels compute all"))
  }
}
