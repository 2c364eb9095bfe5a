internal import COpenBLAS

/// OpenBLAS's kernels by the processor that they were written for. OpenBLAS chooses a core type when
/// the program is loaded, and takes another only from the variable `OPENBLAS_CORETYPE`.
///
/// OpenBLAS knows processors by their model, so it takes one that is newer than itself for one of
/// 2004: on an Emerald Rapids Xeon, 0.3.21 chooses Prescott, whose kernels use SSE3 alone.
public enum CoreType {
  /// The variable that chooses one.
  public static let variable = "OPENBLAS_CORETYPE"

  /// The one in use.
  public static var inUse: String {
    unsafe openblas_get_corename().map { unsafe String(cString: $0) } ?? "unknown"
  }

  /// The instructions that its kernels use; `nil` for a name that the lab doesn't know.
  public static func instructions(of name: String) -> InstructionSet? {
    switch name.lowercased() {
    case "katmai", "coppermine", "northwood", "prescott", "banias", "atom", "core2", "penryn",
      "dunnington", "nehalem", "athlon", "opteron", "opteron_sse3", "barcelona", "nano", "bobcat":
      .sse
    case "sandybridge", "bulldozer", "piledriver", "steamroller": .avx
    case "haswell", "zen", "excavator": .avx2
    case "skylakex", "cooperlake", "sapphirerapids": .avx512
    default: nil
    }
  }

  /// The core type to use instead of the one that OpenBLAS chose; `nil` if that uses all that the
  /// processor has, or if the lab doesn't know better.
  ///
  /// OpenBLAS 0.3.21 has kernels for newer processors than SkylakeX but can't be told their names.
  public static func better(than chosen: String, on processor: Processor) -> String? {
    guard let used = instructions(of: chosen), used < processor.instructions else { return nil }
    return switch processor.instructions {
    case .sse, .avx: nil
    case .avx2: processor.isAMD ? "Zen" : "Haswell"
    case .avx512: "SkylakeX"
    }
  }

  /// Names of core types whose kernels the processor can execute. An OpenBLAS may lack some, and
  /// then uses others instead. Kernels for one processor's own instructions are left out.
  public static func names(for processor: Processor) -> [String] {
    let needs: [(name: String, flags: Set<Substring>)] = [
      ("Prescott", ["pni"]), ("Nehalem", ["sse4_2"]), ("Sandybridge", ["avx"]),
      ("Haswell", InstructionSet.avx2.flags), ("Zen", InstructionSet.avx2.flags),
      ("SkylakeX", InstructionSet.avx512.flags),
      ("Cooperlake", InstructionSet.avx512.flags.union(["avx512_bf16"])),
      ("SapphireRapids", InstructionSet.avx512.flags.union(["avx512_bf16", "amx_bf16"])),
    ]
    return needs.filter { $0.flags.isSubset(of: processor.flags) }.map(\.name)
  }
}
