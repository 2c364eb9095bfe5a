import Analysis
import Foundation
import Records
import Testing

@testable import Report

/// Figures and page of unusual studies.
struct OddStudyTests {
  /// Alpha with its hardest target only, changed.
  private static func alpha(
    _ name: String = "alpha", _ change: (inout Fixture.Task) -> Void = { _ in }
  ) -> Fixture.Task {
    var task = Fixture.alpha
    task.name = name
    task.targets = [1]
    change(&task)
    return task
  }

  private func figure(_ name: String, of report: StudyReport) throws -> Figure {
    try #require(report.figures.first { $0.name == name })
  }

  private func marks(_ name: String, of report: StudyReport) throws -> [Drawing.Mark] {
    try Drawing(try figure(name, of: report).svg).panels.flatMap(\.marks)
  }

  @Test func `batches with censored seeds are hollow and get no mark on curves`() throws {
    let report = Fixture.report([Self.alpha { $0.lost = [180: 1] }])
    let front = try figure("a-front-alpha-to-1", of: report)
    #expect(front.caption.contains("Hollow marks include seeds that did not reach the target"))
    let marks = try marks("a-front-alpha-to-1", of: report).filter {
      !$0.style.contains("critical")
    }
    #expect(marks.count == 6 && marks.count { $0.isHollow } == 1)
    #expect(marks.first(where: \.isHollow)?.label.contains("3 seeds, 1 censored") == true)
    let curves = try self.marks("f-curves-alpha-to-1", of: report)
    #expect(curves.count == 2 * 5 && !curves.contains { $0.label.contains("batch 180:") })
    #expect(try figure("c-noise-alpha-to-1", of: report).caption.contains("not in the prediction"))
    let page = report.page(reloadingAfter: nil)
    #expect(page.contains("seeds: 3, censored runs: 1"))
    #expect(page.contains(/fixture,alpha,pg,10,1,fitted,180,[0-9.]+,,,[0-9.]+,3,2,1,/))
    #expect(page.contains(/fixture,alpha,pg,10,1,fitted,60,([0-9.]+,){4}3,3,0,/))
    // Seconds are computed from the law; the other costs from the measurement.
    let costs = try self.marks("h-cost-alpha-to-1", of: report)
    #expect(costs.count { $0.isHollow } == 3)
    #expect(
      costs.filter(\.isHollow).allSatisfy {
        $0.label.hasPrefix("batch 180: ") && $0.label.hasSuffix("; 3 seeds, 1 censored")
      })
    #expect(try figure("h-cost-alpha-to-1", of: report).caption.contains("Hollow marks "))
    #expect(try !figure("h-cost-alpha-to-1", of: Fixture.report()).caption.contains("Hollow"))
  }

  @Test func `a batch without a finished seed has no point, and means without a law are marked`()
    throws
  {
    let report = Fixture.report([Self.alpha { $0.lost = [180: 3] }])
    for name in ["a-front-alpha-to-1", "b-scaling-alpha-to-1", "h-cost-alpha-to-1"] {
      let marks = try marks(name, of: report)
      #expect(!marks.contains { $0.isHollow || $0.label.contains(", 3 censored") }, "\(name)")
    }
    let page = report.page(reloadingAfter: nil)
    #expect(
      page.contains("Batches without a point: 180 (no measuring seed has reached the target)."))
    #expect(!page.contains("fixture,alpha,pg,10,1,fitted,180,"))

    let few = Fixture.report([Self.alpha { ($0.batches, $0.lost) = ([20, 4860], [20: 1]) }])
    #expect(
      try figure("a-front-alpha-to-1", of: few).caption.contains(
        "Hollow marks leave out the seeds that did not reach the target"))
  }

  @Test func `an unfinished study does not claim that untried rates fail`() throws {
    let task = Self.alpha {
      ($0.unfinished, $0.unreached, $0.lost) = ([540], [4860], [1620: 3])
    }
    let page = Fixture.report([task], digest: nil).page(reloadingAfter: nil)
    #expect(
      page.contains(
        "Batches without a point: 540 (not finished), 1,620 (no measuring seed has reached the "
          + "target yet), 4,860 (no learning rate has reached the target yet)."))
  }

  @Test func `a run that was set aside is in no figure, and captions say so`() throws {
    let task = Self.alpha { $0.outlier = 180 }
    let report = Fixture.report([task])
    for name in ["c-noise-alpha-to-1", "f-curves-alpha-to-1"] {
      let caption = try figure(name, of: report).caption
      #expect(
        caption.contains("Not drawn: runs set aside as broken, batch 180 seed 2 ("), "\(caption)")
    }
    // The curve of batch 180 ends with its remaining seeds, not fifty times later.
    let curves = try #require(report.tasks.first?.targets.first?.scores)
    let curve = try #require(curves.first { $0.batch == 180 })
    #expect(try #require(curve.points.last).updates < 2 * task.updates(0, 180))
    #expect(report.page(reloadingAfter: nil).contains("set aside as broken: batch 180 seed 2"))
  }

  @Test func `batches that are not in the fit are named with the reason`() throws {
    let report = Fixture.report([
      Self.alpha {
        ($0.shortened, $0.edges, $0.unreached) = ([20], [1620], [4860])
        $0.batches += [14580]
      }
    ])
    let page = report.page(reloadingAfter: nil)
    #expect(
      page.contains(
        "Batches without a point: 20 (smaller than the horizon), 1,620 (best learning rate at the "
          + "edge of those tried), 4,860 (no learning rate has reached the target)."))
    let rates = try figure("g-rates-alpha-to-1", of: report)
    #expect(rates.svg.contains(">20*</text>") && rates.svg.contains(">60</text>"))
    #expect(rates.caption.contains("*: shortened horizon (the batch is smaller than the horizon)"))
    let all = try figure("g-rates-alpha-to-1", of: Fixture.report())
    #expect(!all.svg.contains(">20*</text>") && !all.caption.contains("shortened"))
  }

  @Test func `figures work with one seed or two batches`() throws {
    let single = Fixture.report([Self.alpha { $0.measuring = 1 }])
    #expect(single.page(reloadingAfter: nil).contains("Batches: 6, seeds: 1."))
    let marks = try marks("a-front-alpha-to-1", of: single)
    let points = marks.filter { $0.label.hasSuffix("; 1 seed") }
    #expect(marks.count == 7 && points.count == 6)
    #expect(points.allSatisfy { !$0.label.contains("[") })

    let few = Fixture.report([Self.alpha { $0.batches = [20, 4860] }])
    let page = few.page(reloadingAfter: nil)
    #expect(page.contains("Target 1: too-few.") && page.contains("alpha,pg,10,1,too-few,20,"))
    #expect(try self.marks("a-front-alpha-to-1", of: few).count == 2)
    let prediction = try figure("d-prediction-pg", of: few)
    #expect(prediction.caption.hasPrefix("No target is fitted. "))
    #expect(!page.contains("The sliders in the sections below"))
    #expect(
      Fixture.report().page(reloadingAfter: nil).contains("The sliders in the sections below"))
  }

  @Test func `the second study of a task stays faint, and the names differ`() throws {
    let tasks = Array(Fixture.tasks.prefix(4))
    let report = Fixture.report(
      ["mine", "mine", "mine (2)"].map { Fixture.study(tasks, name: $0, plan: "# \($0)") },
      of: tasks)
    let names = ["mine", "mine (3)", "mine (2)"]
    #expect(report.sources.map(\.name) == names)
    let page = report.page(reloadingAfter: nil)
    #expect(page.contains("<title>BatchLab: mine, mine (3), mine (2)</title>"))
    for name in names {
      #expect(page.contains("<summary>Plan of \(name)</summary>"))
      #expect(page.contains(">alpha, \(name)</a>"))
    }
    for (figure, count) in [("d-prediction-pg", 1), ("e-complexity-pg-minimum_observations", 2)] {
      let marks = try marks(figure, of: report)
      // Five fitted targets a study; alpha has two.
      #expect(marks.count == 15 * count)
      #expect(marks.count { $0.style.hasSuffix(" elsewhere") } == 10 * count)
      #expect(marks.count { $0.style.hasSuffix(" other") } == count)
      #expect(
        marks.filter { $0.style.hasSuffix(" elsewhere") }.allSatisfy {
          $0.label.contains(", mine (2) to") || $0.label.contains(", mine (3) to")
        })
    }
    let caption = try figure("d-prediction-pg", of: report).caption
    #expect(caption.contains("based on the hardest fitted target of each task"))
  }

  @Test func `a heading stays in its figure, whatever its study is called`() throws {
    let tasks = [Self.alpha()]
    let report = Fixture.report(
      ["a/", "b/"].map { Fixture.study(tasks, name: $0 + String(repeating: "name-", count: 40)) },
      of: tasks)
    let figures = report.figures.filter { $0.name.contains("-to-") }
    #expect(figures.count == 14)
    for figure in figures {
      let heading = try #require(figure.svg.firstMatch(of: /class="head">([^<]*)</)).output.1
      #expect(heading.hasPrefix("alpha, ") && heading.contains("…") && heading.hasSuffix(" to 1"))
      #expect(Layout.left + Labels.width(String(heading), size: 14) < 540)
    }
    for figure in report.figures {
      let words = figure.svg.matches(of: /<text[^>]*>([^<]*)</).map { String($0.output.1) }
      #expect(words.allSatisfy { Labels.width($0, size: 11) < Figure.width })
    }
  }

  @Test(arguments: [10, 13, 20, 27])
  func `any number of batches differ in color, dashes or shape`(count: Int) throws {
    let lines = (0..<count).map { Style.batchLine($0, of: count) }
    #expect(Set(lines).count == count)
    let marks = (0..<count).map {
      "\(Style.batch($0, of: count)) \(Style.batchShape($0, of: count))"
    }
    #expect(Set(marks).count == count)
    guard count == 10 else { return }
    let task = Self.alpha { $0.batches = (0..<count).map { 20 << $0 } }
    let svg = try figure("f-curves-alpha-to-1", of: Fixture.report([task])).svg
    let drawn = svg.matches(of: /class="curve (b[^"]*)" d="M/).map { String($0.output.1) }
    // A key and two panels.
    #expect(drawn.count == 3 * count && Set(drawn).count == count)
  }

  @Test func `up to nine batches each have their own color`() {
    for count in 1...9 {
      #expect(Set((0..<count).map { Style.batchLine($0, of: count) }).count == count)
      #expect((0..<count).allSatisfy { Style.batchShape($0, of: count) == .circle })
      #expect((0..<count).allSatisfy { Style.batchLine($0, of: count).count == 2 })
    }
  }

  @Test func `twenty tasks differ in color or shape, and a key names them`() throws {
    let styles = (0..<49).map { "\(Style.series($0)) \(Mark.shape($0))" }
    #expect(Set(styles).count == 49)
    let tasks = (0..<20).map { index in
      Self.alpha("task-with-a-name-\(index)") {
        $0.criticalBatch = 200 * pow(1.04, Double(index))
      }
    }
    let report = Fixture.report(tasks)
    for name in ["d-prediction-pg", "e-complexity-pg-minimum_observations"] {
      let svg = try figure(name, of: report).svg
      for task in tasks {
        #expect(svg.contains("class=\"small\">\(task.name)</text>"), "\(task.name) in \(name)")
      }
      // Names without room beside their marks are left out.
      let names = svg.matches(of: /class="name halo"/).count
      #expect(names > 0 && names < 20)
    }
    let small = try figure("d-prediction-pg", of: Fixture.report()).svg
    #expect(small.matches(of: /class="name halo"/).count == 4)
    #expect(!small.contains("class=\"small\">alpha</text>"))
  }

  @Test func `a prediction that is only a bound is drawn as an arrow, and the caption says so`()
    throws
  {
    let tasks = Array(Fixture.tasks.dropFirst().prefix(3)) + [Self.alpha { $0.isNoisy = true }]
    let report = Fixture.report(tasks)
    let target = try #require(report.tasks.first { $0.name == "alpha" }?.targets.first)
    try #require(target.isFitted && target.compared.predictedBatch?.value == nil)
    let low = try #require(target.compared.predictedBatch?.low)
    let prediction = try figure("d-prediction-pg", of: report)
    #expect(prediction.caption.contains("A hollow mark with an arrow is a lower bound"))
    let marks = try marks("d-prediction-pg", of: report)
    #expect(marks.count == 4 && marks.filter(\.isHollow).count == 1)
    #expect(
      marks.first(where: \.isHollow)?.label.contains("predicted > \(Format.number(low))") == true)
    #expect(try !figure("d-prediction-pg", of: Fixture.report()).caption.contains("arrow"))
    let only = try figure("d-prediction-pg", of: Fixture.report([tasks[3]]))
    #expect(!only.caption.contains("No target is fitted"))
  }

  @Test func `captions describe what is drawn, and nothing else`() throws {
    let few = Fixture.report([Self.alpha { ($0.batches, $0.unreached) = ([20, 60, 4860], []) }])
    let noise = try figure("c-noise-alpha-to-1", of: few)
    #expect(!noise.svg.contains("class=\"aim\"") && !noise.caption.contains("Dashed"))
    #expect(noise.caption.contains("No critical batch is known (too-few)."))
    for name in ["a-front-alpha-to-1", "b-scaling-alpha-to-1"] {
      let figure = try figure(name, of: few)
      #expect(figure.svg.contains("doubtful\" d") == figure.caption.contains("dotted line"))
    }
    let fitted = try figure("c-noise-alpha-to-1", of: Fixture.report())
    #expect(fitted.svg.contains("class=\"aim\"") && fitted.caption.contains("Dashed: the measured"))
    #expect(fitted.caption.contains("arrow") == fitted.svg.contains("class=\"hollow\""))
    let noisy = Fixture.report([Self.alpha { $0.isNoisy = true }])
    #expect(try figure("c-noise-alpha-to-1", of: noisy).caption.contains("arrow is a lower bound"))
  }

  @Test func `with four games correlations have no interval, and say so`() throws {
    let four = Fixture.report(Array(Fixture.tasks.prefix(4)))
    let prediction = try figure("d-prediction-pg", of: four)
    #expect(prediction.caption.contains("r²: too few games for an interval."))
    #expect(prediction.svg.contains("(too few games"))
    let axis = try figure("e-complexity-pg-minimum_observations", of: four)
    #expect(axis.caption.contains(/Rank correlation [0-9.]+ \(too few games for an interval\)/))
    let fifth = Self.alpha("fifth") { $0.criticalBatch = 1100 }
    let five = Fixture.report(Array(Fixture.tasks.prefix(4)) + [fifth])
    #expect(try !figure("d-prediction-pg", of: five).svg.contains("too few games"))
    #expect(
      try figure("e-complexity-pg-minimum_observations", of: five).caption.contains(
        /Rank correlation [0-9.]+ \[/))
  }

  /// A mark among four that leave its name no room, and two far from them.
  @Test func `a name is next to its own mark, or connected to it by a line`() throws {
    let marks = [(200, 200), (214, 200), (186, 200), (200, 214), (200, 186), (60, 60), (330, 330)]
      .map { Point(x: $0.0, y: $0.1) }
    var labels = Labels(in: Box(x: 0, y: 0, width: 400, height: 400), avoiding: marks)
    var boxes: [Box] = []
    for mark in marks {
      let before = labels.elements.count
      let others = marks.filter { $0 != mark }
      let isWritten = labels.add("door-key", at: mark, style: "name", apartFrom: others)
      let new = Array(labels.elements.dropFirst(before))
      #expect(new.map(\.name) == (!isWritten ? [] : new.count > 1 ? ["path", "text"] : ["text"]))
      guard let text = new.last else { continue }
      let (x, y) = (Double(text["x"] ?? "") ?? .nan, Double(text["y"] ?? "") ?? .nan)
      let shifts: [String: Double] = ["middle": 0.5, "end": 1]
      let width = Labels.width("door-key")
      let shift = width * (text["text-anchor"].flatMap { shifts[$0] } ?? 0)
      let box = Box(x: x - shift, y: y - 12, width: width, height: 15)
      #expect(!boxes.contains { $0.overlaps(box) })
      let own = box.distance(to: mark)
      #expect(new.count > 1 || others.allSatisfy { box.distance(to: $0) > own + 4 })
      #expect(mark != marks[0] || new.count > 1)
      boxes.append(box)
    }
    #expect(boxes.count > 4)
  }

  @Test func `adaptive batches have a table in their target`() throws {
    let page = Fixture.report([Self.alpha { $0.exchangeRates = [40, 160] }]).page(
      reloadingAfter: nil)
    let table = try #require(
      page.firstMatch(
        of: /<caption>Batches that follow the noise scale.*?<\/table>/.dotMatchesNewlines()))
    #expect(table.output.matches(of: /<th scope="row">(40|160)\.?0?<\/th>/).count == 2)
    #expect(table.output.contains("<td>3/3</td>") && table.output.contains("predicted γ"))
    #expect(
      !Fixture.report().page(reloadingAfter: nil).contains("Batches that follow the noise scale"))
  }
}
