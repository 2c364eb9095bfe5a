internal import Dispatch
internal import Synchronization

/// Calls `body` for every index below `count`, on up to `threads` threads, the caller's among them.
/// Each call is also given the number of its thread, from 0. It returns when all calls have.
///
/// Which thread gets which index differs from run to run, so results must not depend on it. Calls
/// for different indices run at the same time: the compiler can't check that none writes what
/// another one reads.
public func inParallel(
  _ count: Int, threads: Int, _ body: (_ index: Int, _ thread: Int) -> Void
) {
  guard threads > 1, count > 1 else {
    for index in 0..<count { body(index, 0) }
    return
  }
  let next = Atomic(0)
  withoutActuallyEscaping(body) { body in
    let work = unsafe Work(body: body)
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { thread in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        unsafe work.body(index, thread)
      }
    }
  }
}

/// The sum of `count` terms, added in their order, which are computed on up to `threads` threads.
///
/// - Parameter add: adds a term to the sum of the earlier ones.
public func orderedSum<Number>(
  _ count: Int, threads: Int, from zero: Number, add: (inout Number, Number) -> Void,
  _ term: (_ index: Int) -> Number
) -> Number {
  var sum = zero
  guard threads > 1 else {
    for index in 0..<count { add(&sum, term(index)) }
    return sum
  }
  let terms = unsafe [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
    guard let start = buffer.baseAddress else { return }
    inParallel(count, threads: threads) { index, _ in
      unsafe (start + index).initialize(to: term(index))
    }
    initialized = count
  }
  for term in terms { add(&sum, term) }
  return sum
}

@unsafe private struct Work: @unchecked Sendable {
  let body: (Int, Int) -> Void
}
