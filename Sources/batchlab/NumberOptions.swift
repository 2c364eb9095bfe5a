internal import ArgumentParser
internal import Records

/// Declarations such as `@Option(help: "…") var batch: Int?` use these initializers, not the
/// parser's own. So an option reads numbers as plans and tables do (`WrittenNumber`): 10,240 or 2k.
extension Option where Value: WrittenValue {
  init(wrappedValue: Value, help: ArgumentHelp) {
    var help = help
    help.abstract += " (default: \(wrappedValue))"
    self.init(wrappedValue: wrappedValue, help: help, transform: Value.read)
  }
}

extension Option {
  init<Number: WrittenValue>(help: ArgumentHelp) where Value == Number? {
    self.init(help: help, transform: Number.read)
  }
}

/// A number that an option can have.
protocol WrittenValue: PlainValue, ExpressibleByArgument {
  static var form: String { get }
  init?(option word: String)
}

extension Int: WrittenValue {
  static var form: String { "a whole number such as 10240, 10,240 or 2k" }
  init?(option word: String) { self.init(word: word) }
}

extension Double: WrittenValue {
  static var form: String { "a number such as 0.5 or 1e-3" }

  /// Also reads infinities and "nan", which the range of an option refuses in its own words.
  init?(option word: String) {
    let endless = Self(word).flatMap { $0.isFinite ? nil : $0 }
    guard let value = Self(word: word) ?? endless else { return nil }
    self = value
  }
}

extension WrittenValue {
  @Sendable fileprivate static func read(_ word: String) throws -> Self {
    guard let value = Self(option: word) else { throw ValidationError("expected \(form)") }
    return value
  }
}
