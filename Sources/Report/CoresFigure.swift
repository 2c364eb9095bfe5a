import Analysis
import Records

extension Figure {
  /// (i) The time to the target against the number of cores, a line for each batch.
  static func cores(_ task: TaskReport, _ target: TargetReport, _ times: CoreTimes) -> Figure {
    let name = task.figureName("i-cores", target)
    let legend = Legend(
      batches: times.batches.map { Format.grouped($0.batch) },
      and: [
        ("measured", { [Mark.outline(.circle, at: $0, style: "shape", size: 4)] }),
        ("soonest", { [Mark.outline(.circle, at: $0, style: "ring", size: 6)] }),
      ])
    let (boxes, height) = Layout.stack(1, each: 290, top: legend.bottom)
    let lines = times.batches.map { $0.line(times.model, to: times.mostCores) }
    let ends = times.best.flatMap { [$0.time.seconds.low, $0.time.seconds.high] }
    let all = lines.joined().map(\.seconds) + ends.compactMap { $0 }
    let unit: (name: String, seconds: Double) =
      (all.max() ?? 0) > 36_000 ? ("hours", 3600) : ("seconds", 1)
    let panel = Panel(
      boxes[0], x: Axis(logarithmic: [1, Double(times.mostCores)], title: "cores"),
      y: Axis(
        logarithmic: all.map { $0 / unit.seconds }, title: "\(unit.name) to the target"),
      name: name)
    let count = lines.count
    let curves = lines.enumerated().map { index, line in
      panel.curve(
        "curve \(Style.batchLine(index, of: count))" + (times.model.isAssumed ? " doubtful" : ""),
        line.map { (Double($0.cores), $0.seconds / unit.seconds) })
    }
    let measured = times.batches.enumerated().flatMap { index, batch in
      batch.times.filter { $0.origin == .measured }.compactMap { time in
        panel.mark(batch, time, unit.seconds, index, of: count)
      }
    }
    return Figure(
      name: name, title: "\(task.title)\(target.ending): time by cores",
      caption: times.caption, height: height,
      [task.heading(target)] + legend.elements + [panel.axes(), panel.clipped(curves)] + measured
        + panel.best(times, unit.seconds))
  }
}

extension CoreTimes {
  fileprivate var mostCores: Int { best.last?.time.cores ?? 1 }

  /// How the figure is to be read, and the best batches.
  fileprivate var caption: String {
    let threads = Set(batches.flatMap(\.timed).map(\.threads)).subtracting([1]).sorted()
    let timed =
      threads.isEmpty
      ? ""
      : " and, with \(threads.map(String.init).joined(separator: ", ")) threads, timed on "
        + "this machine when the page was written"
    let sentence = self.sentence.prefix(1).uppercased() + self.sentence.dropFirst()
    let isAssumed = self.model.isAssumed
    let model = self.model.sentence.prefix(1).uppercased() + self.model.sentence.dropFirst()
    return "S of the law × the time of an update on \(cpu). Marks are measured: on one core in "
      + "the runs\(timed). Lines\(isAssumed ? ", dotted because two numbers are assumed," : "") are "
      + "modelled. \(model). Rings, with the 95 % interval of S: the soonest batch. \(sentence)."
      + (change.map { " " + $0.prefix(1).uppercased() + $0.dropFirst() + "." } ?? "")
  }
}

extension CoreTimes.AtBatch {
  /// The model from one core to the most. Beyond 16 cores no part is left for another one.
  fileprivate func line(
    _ model: UpdateModel, to most: Int
  ) -> [(cores: Int, seconds: Double)] {
    let all = (Array(1...16) + [max(most, 17)]).map { ($0, modelledSeconds(cores: $0, model)) }
    // The corners are enough, because the line has steps.
    return all.indices.filter { index in
      index == 0 || index == all.count - 1 || all[index].1 != all[index - 1].1
        || all[index].1 != all[index + 1].1
    }.map { all[$0] }
  }
}

extension Panel {
  /// A measured time.
  fileprivate func mark(
    _ batch: CoreTimes.AtBatch, _ time: CoreTimes.Time, _ unit: Double, _ index: Int, of count: Int
  ) -> Element? {
    guard let seconds = time.seconds.value else { return nil }
    let timed = batch.timed.first { $0.threads == time.cores }
    return Mark.element(
      Style.batchShape(index, of: count), at: place(Double(time.cores), seconds / unit),
      style: Style.batch(index, of: count),
      label:
        "batch \(Format.grouped(batch.batch)) on \(Format.counted(time.cores, "core")): \(time.words)"
        + (timed.map { "; an update timed now takes \(Format.time($0.seconds))" } ?? ""),
      size: 3.8)
  }

  /// Rings around the soonest batch for each number of cores, with its name and interval.
  fileprivate func best(_ times: CoreTimes, _ unit: Double) -> [Element] {
    let places = times.best.map {
      place(Double($0.time.cores), ($0.time.seconds.value ?? .nan) / unit)
    }
    var labels = Labels(in: box, avoiding: places)
    let rings = zip(times.best, places).map { best, at in
      let index = times.batches.firstIndex { $0.batch == best.batch } ?? 0
      let ends = [best.time.seconds.low, best.time.seconds.high].compactMap { $0 }
      var ring = Element.group("mark \(Style.batch(index, of: times.batches.count))", [])
      if ends.count == 2 {
        let (low, high) = (ends[0] / unit, ends[1] / unit)
        ring.children.append(
          .line(
            "interval", place(Double(best.time.cores), low), place(Double(best.time.cores), high)))
      }
      ring.children.append(Mark.outline(.circle, at: at, style: "ring", size: 7.5))
      ring.label =
        "soonest on \(Format.counted(best.time.cores, "core")): batch "
        + "\(Format.grouped(best.batch)), \(best.time.words)"
      labels.add(Format.grouped(best.batch), at: at, style: "small aimed")
      return ring
    }
    return rings + labels.elements
  }
}
