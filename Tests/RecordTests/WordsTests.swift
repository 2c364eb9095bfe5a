import Records
import Testing

@Suite struct `Numbers in sentences` {
  @Test(arguments: [
    (0, "0"), (-1, "-1"), (999, "999"), (-999, "-999"), (1000, "1,000"), (-1000, "-1,000"),
    (12_345, "12,345"), (1_234_567, "1,234,567"), (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func `have their thousands separated`(value: Int, text: String) {
    #expect(grouped(value) == text)
    #expect(grouped(decimal: "\(value).12345") == text + ".12345")
  }

  @Test func `come with their noun`() {
    #expect(
      [0, 1, 2, 12_708].map { counted($0, "trial") }
        == ["0 trials", "1 trial", "2 trials", "12,708 trials"])
  }
}
