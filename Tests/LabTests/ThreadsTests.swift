import Synchronization
import Testing

@testable import Lab

struct ThreadsTests {
  /// Cores of each running lane.
  private static func shares(_ cores: SharedCores, _ lanes: [Int]) -> [Int] {
    lanes.map { cores.share(of: $0) }
  }

  @Test func `every trial has a core, and the last ones share the idle ones`() {
    let cores = SharedCores(8)
    for lane in 0..<8 { cores.begin(lane) }
    #expect(Self.shares(cores, Array(0..<8)) == Array(repeating: 1, count: 8))
    for lane in [0, 2, 3, 6, 7] { cores.end(lane) }
    #expect(Self.shares(cores, [1, 4, 5]) == [3, 3, 2])
    cores.end(4)
    #expect(Self.shares(cores, [1, 5]) == [4, 4])
    cores.end(5)
    #expect(cores.share(of: 1) == 8)
    cores.begin(0)
    #expect(Self.shares(cores, [0, 1]) == [4, 4])
  }

  @Test func `more trials than cores have one each`() {
    let cores = SharedCores(2)
    for lane in 0..<3 { cores.begin(lane) }
    #expect(Threads.automatic { cores.share(of: 2) }.limit == 1)
  }

  /// Times by the number of threads: the rest of the run is on the faster ones.
  @Test(arguments: [(10, 4), (100, 95), (300, 160), (300, 290)])
  func `the first updates decide whether several threads pay`(one: Int, several: Int) {
    var choice = ThreadChoice(.automatic { 4 })
    var counts: [Int] = []
    for _ in 0..<40 {
      let threads = choice.next(batch: 64, most: 16)
      counts.append(threads)
      choice.note(.milliseconds(threads == 1 ? one : several), threads: threads)
    }
    let best = 10 * several < 9 * one ? 4 : 1
    #expect(counts.suffix(10).allSatisfy { $0 == best } && !choice.isOpen)
    // Both were tried; long updates need fewer trials.
    let open = counts.firstIndex(of: 4) != nil ? counts.count { $0 != best } : 0
    #expect(open > 0 && open <= (one > 20 ? 2 : 12))
    // Another batch is measured anew.
    #expect(choice.next(batch: 128, most: 16) == 1 && choice.isOpen)
  }

  @Test func `a given number is kept, and one core needs no choice`() {
    var fixed = ThreadChoice(.exactly(3))
    #expect(fixed.next(batch: 8, most: 16) == 3 && !fixed.isOpen)
    fixed.note(.seconds(9), threads: 3)
    #expect(fixed.next(batch: 8, most: 16) == 3)
    var alone = ThreadChoice(.automatic { 1 })
    #expect(alone.next(batch: 8, most: 16) == 1 && !alone.isOpen)
  }

  @Test func `no more threads are used than have work`() {
    var fixed = ThreadChoice(.exactly(64))
    #expect(fixed.next(batch: 8, most: 16) == 16)
    #expect(fixed.next(batch: 8, most: 1) == 1)
    var automatic = ThreadChoice(.automatic { 64 })
    #expect(automatic.next(batch: 8, most: 1) == 1 && !automatic.isOpen)
  }

  @Test func `threads that become free later are tried then`() {
    let free = Atomic(1)
    var choice = ThreadChoice(.automatic { free.load(ordering: .relaxed) })
    func run(_ updates: Int) -> [Int] {
      (0..<updates).map { _ in
        let threads = choice.next(batch: 8, most: 16)
        choice.note(.milliseconds(threads == 1 ? 9 : 5), threads: threads)
        return threads
      }
    }
    #expect(run(20) == Array(repeating: 1, count: 20))
    free.store(2, ordering: .relaxed)
    #expect(run(32).suffix(8) == Array(repeating: 2, count: 8)[...])
    free.store(1, ordering: .relaxed)
    #expect(run(3) == [1, 1, 1])
  }
}
