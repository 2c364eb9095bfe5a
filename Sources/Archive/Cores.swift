import Dispatch
import Foundation
import Records

/// Computes a value for each item on several cores at once, and returns them in the items' order.
func onAllCores<Item: Sendable, Value: Sendable>(
  _ items: [Item], _ body: @Sendable (Item) -> Value
) -> [Value] {
  unsafe [Value](unsafeUninitializedCapacity: items.count) { results, count in
    nonisolated(unsafe) let places = unsafe results
    let shares = min(items.count, coreCount)
    DispatchQueue.concurrentPerform(iterations: shares) { share in
      for index in items.count * share / shares..<items.count * (share + 1) / shares {
        unsafe places.initializeElement(at: index, to: body(items[index]))
      }
    }
    count = items.count
  }
}

/// Does the same for work that can fail, and throws the first failure in the items' order.
func tryOnAllCores<Item: Sendable, Value: Sendable>(
  _ items: [Item], _ body: @Sendable (Item) throws(ArchiveError) -> Value
) throws(ArchiveError) -> [Value] {
  let results = onAllCores(items) { item in
    Result { () throws(ArchiveError) in try body(item) }
  }
  var values: [Value] = []
  values.reserveCapacity(items.count)
  for result in results { values.append(try result.get()) }
  return values
}

let coreCount = ProcessInfo.processInfo.activeProcessorCount

extension [TrialRecord] {
  /// Blocks of trials to encode at a time, each a few megabytes of lines.
  var blocks: some Sequence<[TrialRecord]> {
    stride(from: 0, to: count, by: 256).lazy.map { start in
      Array(self[start..<Swift.min(start + 256, count)])
    }
  }
}
