import Testing

@testable import Records

struct WrittenNumberTests {
  @Test(arguments: [
    ("1e5", 100_000), ("10_000", 10_000), ("10,240", 10_240), ("0.5M", 500_000), ("2k", 2000),
    ("2K", 2000), ("1.5e3", 1500), ("−1", -1), ("-12", -12), ("+7", 7), ("1_000.0", 1000),
    ("1,024,000", 1_024_000), ("12.50e2", 1250), ("1G", 1_000_000_000), ("1\u{A0}000", 1000),
    ("1’024’000", 1_024_000), ("0", 0), ("-0.0", 0),
    ("0e999999999", 0), ("007", 7), ("9223372036854775807", Int.max),
    ("-9223372036854775808", Int.min), ("9007199254740993", 9_007_199_254_740_993), ("5.", 5),
  ])
  func `reads whole numbers exactly`(text: String, value: Int) {
    #expect(WrittenNumber(text)?.whole == value)
    #expect(WrittenNumber(text)?.value == Double(value))
  }

  @Test(arguments: ["1.5", "0.5", "1e-1", "9223372036854775808", "1e19", "1e400", "1.0001k"])
  func `does not round to a whole number`(text: String) {
    #expect(WrittenNumber(text) != nil && WrittenNumber(text)?.whole == nil)
  }

  @Test(arguments: [
    "", "-", ".", "e5", "1e", "1e1.5", "k", "1kk", "1e3k", "0x10", "nan", "inf", "1,5", "1,0240",
    ",024", "0,125", "1234,567", "1,024.5.1", "1.024,5", "1__0", "_1", "1_", "1 000", "1'00",
    "1'000,000", "--1", "1-",
    "1e99999999999999999999", "1e1000000000", "٣", "1\u{301}",
  ])
  func `refuses what is not a number`(text: String) {
    #expect(WrittenNumber(text) == nil)
  }

  @Test(arguments: [
    ("1,5", 1.5), ("0,125", 0.125), ("1.024,5", 1024.5), ("1,024", 1.024), ("1.024", 1024),
    ("−0,5M", -500_000), ("1.5", nil), ("1,024.5", nil),
  ])
  func `reads decimal commas where it is told to`(text: String, value: Double?) {
    #expect(WrittenNumber(text, decimalMark: .comma)?.value == value)
  }

  @Test func `reads back what is printed`() {
    for value in [-1, 1.5, -2.25e-7, 10_240, 0.1, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
      as [Double]
    {
      #expect(WrittenNumber(Format.shortest(value))?.value == value)
      #expect(WrittenNumber(Format.grouped(value))?.value == value)
    }
    for value in [-1, 1230, 0.5, 1.23e15, -12_300] as [Double] {
      #expect(WrittenNumber(Format.number(value))?.value == value)
    }
    for value in [0.5, 20_000, 3e6, 2e9, 4e12] {
      #expect(WrittenNumber(Format.tick(value))?.value == value)
    }
  }

  @Test(arguments: ["1e400", "-1e400"])
  func `has no value beyond the finite ones`(text: String) {
    #expect(WrittenNumber(text)?.value == nil)
  }
}
