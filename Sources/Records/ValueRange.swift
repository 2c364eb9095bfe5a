/// The values that a setting can have, and how to describe them.
public struct ValueRange<Value: PlainValue>: Sendable {
  /// As in "must be a number from 0 to 1".
  public let form: String
  /// The form on a command line, if different.
  let wordForm: String
  public let contains: @Sendable (Value) -> Bool

  init(
    _ form: String, wordForm: String? = nil,
    contains: @escaping @Sendable (Value) -> Bool = { _ in true }
  ) {
    self.form = form
    self.wordForm = wordForm ?? form
    self.contains = contains
  }
}

extension ValueRange where Value == Double {
  public static func from(_ low: Double, to high: Double) -> Self {
    Self("a number from \(words(low)) to \(words(high))") { low <= $0 && $0 <= high }
  }

  public static var any: Self { Self("a number") }

  public static func atLeast(_ low: Double) -> Self {
    Self("a number of at least \(words(low))") { low <= $0 }
  }

  public static func above(_ low: Double, to high: Double = .greatestFiniteMagnitude) -> Self {
    let end = high == .greatestFiniteMagnitude ? "" : " and at most \(words(high))"
    return Self("a number above \(words(low))\(end)") { low < $0 && $0 <= high }
  }
}

extension ValueRange where Value == Int {
  public static func from(_ low: Int, to high: Int) -> Self {
    Self("a whole number from \(Format.grouped(low)) to \(Format.grouped(high))") {
      low <= $0 && $0 <= high
    }
  }
}

extension ValueRange where Value == Bool {
  static var either: Self { Self("true or false") }
}

extension ValueRange where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
  static var anyCase: Self { Self(listed(Value.allCases.map(\.rawValue), "or")) }
}

extension ValueRange where Value == LayerSizes {
  /// Widths joined by `-`.
  public static func layers(_ count: Int, width: Int) -> Self {
    Self(
      "at most \(count) widths such as 64-64, each from 1 to \(Format.grouped(width))"
    ) { $0.sizes.count <= count && $0.sizes.allSatisfy { $0 <= width } }
  }
}

extension ValueRange where Value == [Double] {
  /// A list of different numbers.
  static func rates(from low: Double, to high: Double) -> Self {
    let words = "different numbers from \(words(low)) to \(words(high))"
    return Self(
      "a list of \(words) such as [500, 2000]", wordForm: "\(words) such as 500,2000"
    ) { list in
      Set(list).count == list.count && list.allSatisfy { low <= $0 && $0 <= high }
    }
  }
}

extension ValueRange where Value == PlanSettings.Batches {
  static var batches: Self {
    Self(
      "a list of different batches such as [16, 64] or {from: 16, to: 1024, factor: 2}",
      wordForm: "A...B, A...B:factor or a list of different batches such as 16,64,256"
    ) { batches in
      switch batches {
      case .list(let list):
        !list.isEmpty && Set(list).count == list.count
          && list.allSatisfy { (1...PlanSettings.Batches.largest).contains($0) }
      case .range(let from, let to, let factor):
        from > 0 && to >= from && to <= PlanSettings.Batches.largest && factor > 1
          && batches.count <= 1_000
      }
    }
  }
}

extension ValueRange where Value == PlanSettings.Centre {
  static var centre: Self {
    Self(
      "auto, a positive number or {rate: …, batch: …, exponent: …}",
      wordForm: "auto or a positive number"
    ) { centre in
      guard case .given(let curve) = centre else { return true }
      return curve.rate > 0 && curve.batch >= 0 && curve.exponent >= 0
    }
  }
}

private func words(_ number: Double) -> String { Format.grouped(number) }
