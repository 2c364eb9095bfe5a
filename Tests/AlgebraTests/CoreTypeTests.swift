import Testing

@testable import Algebra

/// Which kernels a processor should use, from what Linux says of it.
struct CoreTypeTests {
  struct Machine: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var vendor = "GenuineIntel"
    var flags: String
    var instructions: InstructionSet
    /// What replaces kernels for a Pentium 4, and for AVX2.
    var insteadOfOldest: String?
    var insteadOfHaswell: String?
  }

  private static let oldest = "fpu mmx sse sse2 pni ssse3 sse4_1 sse4_2"
  private static let avx2 = oldest + " avx f16c fma avx2 bmi1 bmi2"
  private static let avx512 = avx2 + " avx512f avx512dq avx512cd avx512bw avx512vl"

  static let machines = [
    Machine(
      testDescription: "Emerald Rapids", flags: avx512 + " avx512_bf16 amx_bf16 amx_tile",
      instructions: .avx512, insteadOfOldest: "SkylakeX", insteadOfHaswell: "SkylakeX"),
    Machine(
      testDescription: "Zen 4", vendor: "AuthenticAMD", flags: avx512 + " avx512_bf16",
      instructions: .avx512, insteadOfOldest: "SkylakeX", insteadOfHaswell: "SkylakeX"),
    Machine(
      testDescription: "Milan", vendor: "AuthenticAMD", flags: avx2, instructions: .avx2,
      insteadOfOldest: "Zen"),
    Machine(
      testDescription: "Alder Lake", flags: avx2, instructions: .avx2, insteadOfOldest: "Haswell"),
    // Has some of AVX-512, but not what SkylakeX needs.
    Machine(
      testDescription: "Knights Landing", flags: avx2 + " avx512f avx512cd avx512er avx512pf",
      instructions: .avx2, insteadOfOldest: "Haswell"),
    Machine(
      testDescription: "AVX2 without FMA", vendor: "CentaurHauls", flags: oldest + " avx avx2",
      instructions: .avx),
    Machine(testDescription: "Ivy Bridge", flags: oldest + " avx f16c", instructions: .avx),
    Machine(testDescription: "Westmere", flags: oldest, instructions: .sse),
    // Linux takes a flag away if the system doesn't save the registers.
    Machine(testDescription: "no flags", flags: "", instructions: .sse),
  ]

  private static func processor(_ machine: Machine) -> Processor {
    Processor(
      description: """
        processor\t: 0
        vendor_id\t: \(machine.vendor)
        cpu family\t: 6
        model name\t: a name: with a colon
        flags\t\t: \(machine.flags)
        bugs\t\t: spectre_v1

        processor\t: 1
        vendor_id\t: \(machine.vendor)
        flags\t\t: fpu \(avx512)
        """)
  }

  @Test(arguments: machines)
  func `only kernels for fewer instructions are replaced`(machine: Machine) {
    let processor = Self.processor(machine)
    #expect(processor.instructions == machine.instructions)
    for old in ["Prescott", "Nehalem", "Barcelona", "Core2"] {
      #expect(CoreType.better(than: old, on: processor) == machine.insteadOfOldest)
    }
    for middle in ["Haswell", "Zen", "Excavator"] {
      #expect(CoreType.better(than: middle, on: processor) == machine.insteadOfHaswell)
    }
    for new in ["SkylakeX", "Cooperlake", "SapphireRapids", "unknown", "Z80", ""] {
      #expect(CoreType.better(than: new, on: processor) == nil)
    }
  }

  /// A guess may not kill the command.
  @Test(arguments: machines)
  func `what replaces kernels has no more instructions than the processor`(machine: Machine) throws
  {
    let processor = Self.processor(machine)
    let names = CoreType.names(for: processor)
    for name in names + [machine.insteadOfOldest, machine.insteadOfHaswell].compactMap({ $0 }) {
      #expect(try #require(CoreType.instructions(of: name)) <= machine.instructions)
    }
    for name in [machine.insteadOfOldest, machine.insteadOfHaswell].compactMap({ $0 }) {
      #expect(names.contains(name))
    }
  }

  @Test func `kernels for special instructions need those`() {
    let (rapids, zen, milan) = (Self.machines[0], Self.machines[1], Self.machines[2])
    #expect(
      CoreType.names(for: Self.processor(rapids)).suffix(2) == ["Cooperlake", "SapphireRapids"])
    #expect(CoreType.names(for: Self.processor(zen)).last == "Cooperlake")
    #expect(
      CoreType.names(for: Self.processor(milan))
        == ["Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen"])
  }

  @Test func `this machine is one of them`() {
    #expect(CoreType.instructions(of: CoreType.inUse) ?? .sse <= Processor.current.instructions)
    #expect(CoreType.names(for: .current).first == "Prescott")
    #expect(engineDescription().contains(CoreType.inUse))
  }
}
