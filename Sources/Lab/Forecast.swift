internal import Records

/// An estimate of the remaining time of a sweep, from the trials so far, and with it the order of
/// the cells. It feeds the display; results don't depend on it.
///
/// All sums are kept up to date, so the time per trial grows with the logarithm of the number of
/// cells, and with the number of tasks.
struct Forecast {
  private struct Entry {
    /// Index of its task.
    var task: Int
    var expected: Int
    var finished = 0
    var seconds = 0.0
    var isDone = false
    /// The number of the cell's last offer; earlier ones no longer count.
    var offer = 0

    /// Seconds of work left, from the cell's own trials; 0 without any.
    var left: Double {
      finished == 0 || isDone
        ? 0 : Double(max(expected - finished, 1)) * seconds / Double(finished)
    }
  }

  /// The cells of a task.
  private struct TaskSum {
    var finished = 0
    var seconds = 0.0
    /// Seconds of work left in the cells that have finished a trial.
    var left = 0.0
    /// Trials expected of the other cells.
    var untried = 0
    /// The other cells that were offered; the last one is tried first.
    var offers: [Int] = []

    /// Seconds of a trial; `nil` if none has finished.
    var average: Double? { finished > 0 ? seconds / Double(finished) : nil }
  }

  /// Rates that a search usually tries: 3 to 6, with a mean of 3.9 over 24 cells.
  static let usualRounds = 4

  private var entries: [Entry]
  /// By task.
  private var sums: [TaskSum]
  private var all = TaskSum()
  /// Offers of cells that have finished a trial.
  private var offers = Heap()
  private let lanes: Int

  init(cells: [Cell], lanes: Int) {
    var tasks: [TaskVariant: Int] = [:]
    entries = cells.map { cell in
      let task = tasks[cell.task.name] ?? tasks.count
      tasks[cell.task.name] = task
      return Entry(task: task, expected: cell.usualTuning + cell.usualMeasuring)
    }
    sums = tasks.map { _ in TaskSum() }
    for entry in entries { sums[entry.task].untried += entry.expected }
    self.lanes = lanes
  }

  mutating func note(cell: Int, seconds: Double) {
    change(cell) { entry, sum, all in
      entry.finished += 1
      entry.seconds += seconds
      sum.finished += 1
      sum.seconds += seconds
      all.finished += 1
      all.seconds += seconds
    }
  }

  /// Notes that no trial of a cell is left to run.
  ///
  /// - Returns: `false` if that was already known.
  mutating func close(cell: Int) -> Bool {
    if entries[cell].isDone { return false }
    change(cell) { entry, _, _ in entry.isDone = true }
    return true
  }

  private mutating func change(
    _ cell: Int, _ body: (inout Entry, inout TaskSum, inout TaskSum) -> Void
  ) {
    let task = entries[cell].task
    func add(_ sign: Double) {
      let entry = entries[cell]
      sums[task].left += sign * entry.left
      if entry.finished == 0, !entry.isDone { sums[task].untried += Int(sign) * entry.expected }
    }
    add(-1)
    body(&entries[cell], &sums[task], &all)
    add(1)
  }

  // MARK: The order of cells

  /// Notes that a cell may have a waiting trial. A cell whose trials have all begun is offered again
  /// when one of them ends.
  mutating func offer(cell: Int) {
    guard !entries[cell].isDone else { return }
    entries[cell].offer += 1
    let entry = entries[cell]
    if entry.finished == 0 {
      sums[entry.task].offers.append(cell)
    } else {
      offers.push(Heap.Item(left: entry.left, cell: cell, offer: entry.offer))
    }
  }

  /// The offered cell with the most work left, among cells with a waiting trial. For a cell without
  /// finished trials, the work is estimated from its task, or else guessed so that later cells come
  /// first.
  mutating func next(where isWaiting: (Int) -> Bool) -> Int? {
    while let top = offers.top,
      top.offer != entries[top.cell].offer || entries[top.cell].isDone || !isWaiting(top.cell)
    {
      offers.pop()
    }
    var best = offers.top.map { (left: $0.left, cell: $0.cell) }
    for task in sums.indices {
      while let cell = sums[task].offers.last {
        if entries[cell].finished == 0, !entries[cell].isDone, isWaiting(cell) {
          let left = Double(entries[cell].expected) * (sums[task].average ?? Double(cell + 1))
          if left > best?.left ?? -1 { best = (left, cell) }
          break
        }
        sums[task].offers.removeLast()
      }
    }
    return best?.cell
  }

  // MARK: The remaining time

  /// Smallest share of the expected work that must be done before there is an estimate.
  static let smallestShare = 0.05

  /// Seconds until the end; `nil` before enough is done. Tasks without a finished trial are assumed
  /// to take as long per trial as the others.
  var secondsLeft: Double? {
    guard let average = all.average else { return nil }
    let rest = sums.reduce(0) {
      $0 + $1.left + Double($1.untried) * ($1.average ?? average)
    }
    guard all.seconds >= Self.smallestShare * (all.seconds + rest) else { return nil }
    // Sums of what came and went end close to 0, on either side.
    return rest > 0 ? rest / Double(lanes) : 0
  }
}

/// Offers of cells with the most work left at the top.
private struct Heap {
  struct Item {
    var left: Double
    var cell: Int
    var offer: Int
  }

  private var items: [Item] = []

  var top: Item? { items.first }

  mutating func push(_ item: Item) {
    items.append(item)
    var child = items.count - 1
    while child > 0, items[(child - 1) / 2].left < items[child].left {
      items.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() {
    guard let last = items.popLast(), !items.isEmpty else { return }
    items[0] = last
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < items.count }
      guard let child = children.max(by: { items[$0].left < items[$1].left }),
        items[child].left > items[parent].left
      else { return }
      items.swapAt(parent, child)
      parent = child
    }
  }
}
