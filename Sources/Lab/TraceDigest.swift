internal import Archive
public import Environments

/// Digest and totals of a task's byte stream up to a checkpoint.
public struct TraceDigest: Codable, Equatable, Sendable {
  /// The first 16 hexadecimal digits of the stream's SHA-256.
  var sha: String
  /// The sum of all rewards, rounded to 9 decimals.
  var return_sum: Double
  /// Episodes that have ended.
  var episodes: Int

  /// The numbers of steps after which the digest is taken.
  static let checkpoints = [100, 1_000, 5_000]
}

/// Computes the digests of a stream at every checkpoint up to `steps`, keyed by the checkpoint.
public func traceDigests(
  of trace: CatalogueEntry.Trace, seed: UInt32, steps: Int
) -> [Int: TraceDigest] {
  let checkpoints = TraceDigest.checkpoints.filter { $0 <= steps }
  var fingerprint = Fingerprint()
  var digests: [Int: TraceDigest] = [:]
  trace(seed, checkpoints.last ?? 0) { step in
    fingerprint.add(step.bytes)
    guard checkpoints.contains(step.count) else { return }
    digests[step.count] = TraceDigest(
      sha: String(fingerprint.text.prefix(16)),
      return_sum: (step.returnSum * 1e9).rounded() / 1e9, episodes: step.episodes)
  }
  return digests
}
