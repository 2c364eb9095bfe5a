/// The contents of a cell in one byte: kind, colour, and the state of a door.
///
/// MiniGrid also has boxes and floors, but none of the lab's layouts contains them.
package struct MiniGridCell: BitwiseCopyable, Equatable, Sendable {
  /// In the order of the network's features.
  package enum Kind: UInt8 { case empty, wall, door, key, ball, goal, lava }

  /// With MiniGrid's numbers.
  package enum Colour: UInt8 {
    case red, green, blue, purple, yellow, grey

    /// The colour at this rank in alphabetical order, the order in which MiniGrid draws them.
    static func named(_ rank: Int32) -> Colour {
      switch rank {
      case 0: .blue
      case 1: .green
      case 2: .grey
      case 3: .purple
      case 4: .red
      default: .yellow
      }
    }

    static func random(_ random: inout some RandomSource) -> Colour {
      named(random.integer(below: 6))
    }

    /// Any colour but this one.
    func randomOther(_ random: inout some RandomSource) -> Colour {
      let rank = random.integer(below: 5)
      let others = (0..<rank + 1).contains { Self.named($0) == self }
      return Self.named(others ? rank + 1 : rank)
    }
  }

  /// The state of a door, with MiniGrid's numbers. Everything else counts as open.
  package enum State: UInt8 { case open, closed, locked }

  /// Kind in the lowest three bits, colour in the next three, a door's state in two more. Walls
  /// have 3 as their state, so that everything opaque has a state other than 0.
  private let bits: UInt8

  private init(_ kind: Kind, _ colour: Colour, top: UInt8 = 0) {
    bits = kind.rawValue | colour.rawValue << 3 | top << 6
  }

  package static var empty: Self { Self(.empty, .red) }
  static var wall: Self { Self(.wall, .grey, top: 3) }
  static var goal: Self { Self(.goal, .green) }
  static var lava: Self { Self(.lava, .red) }
  static func key(_ colour: Colour) -> Self { Self(.key, colour) }
  static func ball(_ colour: Colour) -> Self { Self(.ball, colour) }
  static func door(_ colour: Colour, _ state: State) -> Self {
    Self(.door, colour, top: state.rawValue)
  }

  package var kind: Kind { Kind(rawValue: kindNumber) ?? .empty }
  /// Raw value of the cell's kind.
  var kindNumber: UInt8 { bits & 7 }
  package var colour: Colour { Colour(rawValue: bits >> 3 & 7) ?? .red }
  package var state: State { State(rawValue: bits >> 6) ?? .open }

  /// Whether it blocks the view: walls, and doors that aren't open.
  var isOpaque: Bool { bits >> 6 != 0 }

  var isPortable: Bool { kind == .key || kind == .ball }

  /// Whether its colour carries information, that is, whether its kind comes in several colours.
  var hasColourOfItsOwn: Bool {
    kindNumber >= Kind.door.rawValue && kindNumber <= Kind.ball.rawValue
  }

  /// MiniGrid's number for its kind.
  var originalKind: UInt8 {
    switch kind {
    case .empty: 1
    case .wall: 2
    case .door: 4
    case .key: 5
    case .ball: 6
    case .goal: 8
    case .lava: 9
    }
  }
}
