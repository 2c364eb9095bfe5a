/// The machine and software that a trial ran on. The digest doesn't cover it, because it is
/// measured, not planned.
public struct Provenance: Codable, Hashable, Sendable {
  /// Version of the package. `revision` is that of its sources, with `-dirty` if they were changed.
  public var version: String
  public var revision: String
  public var swift: String
  public var host: String
  public var cpu: String
  /// OpenBLAS's own description of itself: version, build options, kernel, threads.
  public var openblas: String
  public var libc: String

  public init(
    version: String, revision: String, swift: String, host: String, cpu: String,
    openblas: String, libc: String
  ) {
    self.version = version
    self.revision = revision
    self.swift = swift
    self.host = host
    self.cpu = cpu
    self.openblas = openblas
    self.libc = libc
  }
}

/// How the search for the learning rate of a cell ended for one target.
public enum RateVerdict: String, Codable, Sendable {
  /// Rates on both sides are clearly worse.
  case interior
  /// The same, but the next rate above has more stragglers, diverges or does not reach the target.
  case stabilityLimited = "stability-limited"
  /// The grid ended before one side was settled, so the rate is not a data point.
  case edge
  /// No rate reached the target with more than half of its seeds.
  case unreached
  /// The plan fixes the rate, so there was no search.
  case untuned
}
