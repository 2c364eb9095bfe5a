/// The machine and the software with which a trial ran. It is not part of the digest, because it is
/// measured and not planned.
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
  /// The rates above diverge or never reach the target, and the rates below are worse.
  case stabilityLimited = "stability-limited"
  /// The best rate is at the end of the range that was tried, so it is not a data point.
  case edge
  /// No rate that was tried reached the target.
  case unreached
}
