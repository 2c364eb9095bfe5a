/// A value that a setting can have, written as one word on a command line and archived as one JSON
/// value.
public protocol PlainValue: SettingValue where Plain == Self {
  /// `nil` unless the word is a value of this type.
  init?(word: String)
  /// As a user would write it.
  var word: String { get }
  /// What help shows in place of a value.
  static var placeholder: String { get }
}

/// The type of a setting: a plain value, or an optional one.
public protocol SettingValue: Codable, Hashable, Sendable {
  associatedtype Plain: PlainValue
  /// `nil` if a value is required and missing.
  init?(plain: Plain?)
  var plain: Plain? { get }
}

extension PlainValue {
  public init?(plain: Self?) {
    guard let plain else { return nil }
    self = plain
  }
  public var plain: Self? { self }

  func equals(_ other: any PlainValue) -> Bool { other as? Self == self }
}

extension Optional: SettingValue where Wrapped: PlainValue {
  public init?(plain: Wrapped?) { self = plain }
  public var plain: Wrapped? { self }
}

extension Int: PlainValue {
  public typealias Plain = Int
  /// A whole number as `WrittenNumber` reads it: `20_000_000`, `2e7`, `20M`.
  public init?(word: String) {
    guard let value = WrittenNumber(word)?.whole else { return nil }
    self = value
  }
  public var word: String { String(self) }
  public static var placeholder: String { "count" }
}

extension Double: PlainValue {
  public typealias Plain = Double
  /// A finite decimal number as `WrittenNumber` reads it.
  public init?(word: String) {
    guard let value = WrittenNumber(word)?.value else { return nil }
    self = value
  }
  public var word: String { Format.shortest(self) }
  public static var placeholder: String { "number" }
}

extension Bool: PlainValue {
  public typealias Plain = Bool
  public init?(word: String) { self.init(word) }
  public var word: String { String(self) }
  public static var placeholder: String { "true|false" }
}

extension PlainValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  public init?(word: String) { self.init(rawValue: word) }
  public var word: String { rawValue }
  public static var placeholder: String { "name" }
}

extension Algorithm: PlainValue { public typealias Plain = Self }
extension OptimizerKind: PlainValue { public typealias Plain = Self }
extension Activation: PlainValue { public typealias Plain = Self }
extension Trunks: PlainValue { public typealias Plain = Self }

extension LayerSizes: PlainValue {
  public typealias Plain = Self
  public init?(word: String) { self.init(word) }
  public var word: String { description }
  public static var placeholder: String { "widths" }
}

extension String {
  /// The items of a list with commas. A comma separates them; it never groups thousands.
  ///
  /// - Returns: `nil` if an item can only be the rest of a number with grouped thousands.
  var listed: [String]? {
    let items = split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return items.contains(where: \.isRestOfGroupedNumber) ? nil : items
  }

  /// Whether the text is like the `024` that a list cuts off `1,024`.
  public var isRestOfGroupedNumber: Bool {
    utf8.count == 3 && hasPrefix("0") && utf8.allSatisfy { (48...57).contains($0) }
  }
}

extension [Double]: SettingValue, PlainValue {
  public typealias Plain = Self
  /// Numbers separated by commas.
  public init?(word: String) {
    guard let parts = word.listed else { return nil }
    let numbers = parts.compactMap { Double(word: $0) }
    guard numbers.count == parts.count else { return nil }
    self = numbers
  }
  public var word: String { map(\.word).joined(separator: ",") }
  public static var placeholder: String { "numbers" }
}

/// Values of settings, by name or by column.
struct SettingValues: Hashable, Sendable {
  var values: [String: any PlainValue] = [:]

  static func == (left: Self, right: Self) -> Bool {
    left.values.count == right.values.count
      && left.values.allSatisfy { key, value in
        right.values[key].map { value.equals($0) } ?? false
      }
  }

  func hash(into hasher: inout Hasher) {
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      hasher.combine(key)
      value.hash(into: &hasher)
    }
  }
}
