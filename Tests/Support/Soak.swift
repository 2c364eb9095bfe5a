internal import Foundation

/// Whether `make soak` asks for the long variants of tests.
public let isSoak = ProcessInfo.processInfo.environment["BATCHLAB_SOAK"] != nil

/// The root of the repository.
public let repository = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path
