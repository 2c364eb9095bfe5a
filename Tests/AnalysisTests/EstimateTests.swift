import Analysis
import Records
import Testing

struct EstimateTests {
  @Test func `an interval that is open on one side is written as such`() {
    #expect(Format.interval(Estimate(value: 555, low: nil, high: 632)) == "555 [–, 632]")
    #expect(Format.interval(Estimate(value: 555, low: 480, high: nil)) == "555 [480, –]")
    #expect(Format.interval(Estimate(value: 555, low: 480, high: 632)) == "555 [480, 632]")
    #expect(Format.interval(Estimate(value: 555)) == "555")
    #expect(Format.interval(Estimate(value: nil, low: 480)) == "> 480")
    #expect(Format.interval(Estimate(value: nil, high: 632)) == "< 632")
    #expect(Format.interval(Estimate(value: nil)) == "–" && Format.interval(nil) == "–")
  }
}
