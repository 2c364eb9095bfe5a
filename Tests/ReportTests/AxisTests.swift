import Testing

@testable import Report

struct CoordinateTests {
  @Test(arguments: [(0.0, "0"), (-0.04, "0"), (12.34, "12.3"), (-7.96, "-8"), (100, "100")])
  func `a coordinate is rounded to a tenth`(value: Double, text: String) {
    #expect(Element.coordinate(value) == text)
  }
}

struct AxisTests {
  /// Over ranges of all widths there are at least two labels, and not so many that they touch.
  @Test(arguments: [1.0, 1.3, 3, 10, 40, 200, 1e3, 1e5, 1e8, 1e14], [2, 4, 10])
  func `a logarithmic axis has labels within it, in order`(width: Double, count: Int) {
    for start in [0.003, 0.7, 17, 4_200] {
      let axis = Axis(logarithmic: [start, start * width], title: "")
      let ticks = axis.ticks(count: count)
      let labelled = ticks.filter { $0.label != nil }
      #expect(labelled.count >= 2 || count == 2 && !labelled.isEmpty, "\(start) \(width) \(count)")
      #expect(labelled.count <= 2 * count + 6)
      #expect(ticks.allSatisfy { axis.contains($0.value) })
      #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0.value < $1.value })
      #expect(axis.share(axis.low) == 0 && (axis.share(axis.high) - 1).magnitude < 1e-12)
    }
  }

  @Test func `a linear axis steps by 1, 2 or 5`() {
    let axis = Axis(linear: [-4.2, 2.3], title: "")
    #expect(axis.ticks(count: 4).map(\.label) == ["−4", "−2", "0", "2"])
    #expect(Axis(linear: [0, 1], title: "").ticks(count: 5).map(\.label).count == 6)
    // One value, or none, still makes an axis.
    #expect(Axis(linear: [3], title: "").contains(3))
    #expect(Axis(logarithmic: [], title: "").ticks(count: 3).count > 1)
  }
}
