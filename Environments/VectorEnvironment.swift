/// The index of copy `i` in a column: `first + i · stride`.
public struct StridedIndices: Sendable {
  public var first: Int
  var stride: Int

  public init(first: Int = 0, stride: Int = 1) {
    self.first = first
    self.stride = stride
  }

  public subscript(copy: Int) -> Int { first + copy * stride }
}

/// Many copies of one task, stepped in lockstep, with automatic resets, time limits and scores.
///
/// A subclass per kind of source plays the copies; `TaskCopies` plays the tasks of this module.
/// Each copy has its own random stream, split from the seed by the copy's index, so that its
/// episodes are the same however many copies there are. Each call is dispatched once for all
/// copies, never once per copy.
public class VectorEnvironment {
  public let facts: EnvironmentFacts
  /// Upper bound on an observation's nonzeros, if the source can list them (see
  /// `BinaryEnvironment`).
  let maxNonzeros: Int?
  /// Number of copies being stepped.
  public internal(set) var count: Int
  /// Number of random steps that staggered the starts.
  public internal(set) var staggerSteps = 0
  /// Episodes that have ended so far, and the sums of their scores and of their steps.
  public internal(set) var finishedEpisodes = 0
  public internal(set) var finishedScores = 0.0
  public internal(set) var finishedLengths = 0

  init(_ facts: EnvironmentFacts, count: Int, maxNonzeros: Int? = nil) {
    (self.facts, self.count, self.maxNonzeros) = (facts, count, maxNonzeros)
  }

  private func missing(_ function: String = #function) -> Never {
    preconditionFailure("\(type(of: self)) does not implement \(function)")
  }

  /// Writes the observation of every copy into its row.
  ///
  /// - Parameters:
  ///   - rows: consecutive rows of `facts.observationSize` numbers.
  ///   - indices: the row of each copy.
  public func observe(into rows: inout MutableSpan<Float>, at indices: StridedIndices) {
    missing()
  }

  /// Writes the observation of every copy as a list of its nonzeros: rows of 1 + `maxNonzeros`
  /// numbers, the count first and then the indices.
  public func observe(into rows: inout MutableSpan<UInt16>, at indices: StridedIndices) {
    missing()
  }

  /// Steps every copy; a copy whose episode ended starts its next one.
  ///
  /// - Parameters:
  ///   - actions: read at `indices`.
  ///   - rewards: written at `indices`.
  ///   - endings: written at `indices`.
  ///   - last: receives the final observation of each truncated episode, in the order of the
  ///     copies, from row 0 on.
  /// - Returns: the number of truncated episodes, that is, of rows of `last` that were written.
  public func advance(
    _ actions: [Int32], rewards: inout [Float], endings: inout [Ending],
    at indices: StridedIndices, last: inout MutableSpan<Float>
  ) -> Int { missing() }

  /// The same, with the final observations as lists of nonzeros.
  public func advance(
    _ actions: [Int32], rewards: inout [Float], endings: inout [Ending],
    at indices: StridedIndices, last: inout MutableSpan<UInt16>
  ) -> Int { missing() }

  /// The score of the last episode that a copy finished.
  public func score(of copy: Int) -> Double { missing() }

  /// The current state of a copy, for drawing it; `nil` if the source can't show it. Allocates.
  public func task(of copy: Int) -> (any Environment)? { nil }

  /// Stops stepping a copy. The last copy takes its index.
  public func remove(_ copy: Int) { missing() }

  /// Everything that the copies' future depends on, for a checkpoint. The counts of finished
  /// episodes are not part of it.
  public var savedMemory: [UInt8] { missing() }

  /// Restores the state that was saved from as many copies of the same task.
  ///
  /// - Returns: `false`, changing nothing, if the number of copies differs.
  public func restore(savedMemory: [UInt8]) -> Bool { missing() }
}
