import Records
import Testing

@Suite struct `Formatting` {
  @Test(arguments: [
    (0, "0"), (-1, "-1"), (999, "999"), (-999, "-999"), (1000, "1,000"), (-1000, "-1,000"),
    (12_345, "12,345"), (1_234_567, "1,234,567"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func `separates thousands`(value: Int, text: String) {
    #expect(Format.grouped(value) == text)
    if value.magnitude < 1 << 40 {
      #expect(Format.grouped(Double(value)) == text)
      #expect(
        Format.grouped(Double(value + (value < 0 ? -1 : 1)) - (value < 0 ? -0.75 : 0.75)) == text
          + ".25")
    }
  }

  @Test func `gives a count its noun`() {
    #expect(
      [0, 1, 2, 12_708].map { Format.counted($0, "trial") }
        == ["0 trials", "1 trial", "2 trials", "12,708 trials"])
  }

  @Test(arguments: [
    (0.9, "0.9"), (-0.0, "0"), (-13, "-13"), (0.1 + 0.2, "0.30000000000000004"),
    (0x1p53, "9007199254740992"), (1e300, "1e+300"), (.infinity, "inf"),
  ])
  func `writes the shortest decimal`(value: Double, text: String) {
    #expect(Format.shortest(value) == text)
  }

  @Test(arguments: [
    (0.0, "0"), (9.996, "10.0"), (0.99999, "1.00"), (0.0123456, "0.0123"), (1234.5, "1,230"),
    (-1_234_567, "−1,230,000"), (999.6, "1,000"), (1e-9, "1e-9"), (3.14e18, "3.14e18"),
    (.infinity, "∞"), (-.infinity, "–"), (.nan, "–"), (1.23e12, "1.23e12"),
    (9.99e11, "999,000,000,000"),
  ])
  func `keeps three digits of a number`(value: Double, text: String) {
    #expect(Format.number(value) == text)
  }

  @Test(arguments: [
    (0.0, "0"), (5, "5"), (0.15, "0.15"), (0.158273, "0.158"), (1234.5, "1,230"), (-0.5, "-0.5"),
  ])
  func `writes a brief number without trailing zeros`(value: Double, text: String) {
    #expect(Format.brief(value) == text)
  }

  @Test(arguments: [
    (0.5, "0.5"), (20_000, "20k"), (3e6, "3M"), (1e9, "1G"), (-2, "−2"), (0.0001, "0.0001"),
    (2e-7, "2e-7"), (1500, "1.5k"), (0, "0"), (5e15, "5e15"), (0.30000000000000004, "0.3"),
  ])
  func `shortens the labels of an axis`(value: Double, text: String) {
    #expect(Format.tick(value) == text)
  }

  @Test(arguments: [
    .leastNonzeroMagnitude, -.leastNormalMagnitude / 4, 1e-300, 1e300, -1.7976931348623157e308,
    .infinity, -.infinity, .nan, 1e15,
    1e18,
  ])
  func `writes numbers of any size`(value: Double) {
    for text in [
      Format.number(value), Format.brief(value), Format.tick(value), Format.percent(value),
      Format.seconds(value), Format.bytes(value), Format.score(value), Format.grouped(value),
    ] {
      #expect(!text.isEmpty)
    }
    #expect(value.isFinite || Format.seconds(value) == "–" && Format.percent(value) == "–")
    #expect(!value.isFinite || value.magnitude > 1e-300 || Format.number(value) == "\(value)")
  }

  @Test func `knows scores, shares, durations and sizes`() {
    #expect(Format.score(0.125) == "0.12" && Format.score(.nan) == "–")
    #expect(Format.score(-1, error: 0.034) == "-1.00 ± 0.03")
    #expect(Format.percent(0.996) == "100 %")
    #expect(
      [4.25, 42, 91, 5369, 5400].map(Format.seconds)
        == ["4.2 s", "42 s", "2 min", "89 min", "1.5 h"])
    #expect([1234, 1_500_000].map(Format.bytes) == ["1.23 kB", "1.50 MB"])
  }

  @Test(arguments: [
    ("plan.yaml", "plan.yaml"), ("my plan", "'my plan'"), ("it's", #"'it'\''s'"#), ("", "''"),
  ])
  func `quotes words for a shell`(word: String, text: String) {
    #expect(Format.shellWord(word) == text)
  }
}
