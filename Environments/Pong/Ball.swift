/// The ball of the Pong tasks. Lengths are in widths of the court, velocities per step.
package struct Ball: BitwiseCopyable, Sendable {
  static let serveSpeed: Float = 0.03
  static let topSpeed: Float = 0.06

  package var x: Float = 0.5
  package var y: Float = 0.5
  var velocityX: Float = 0
  var velocityY: Float = 0

  /// Starts in the middle at a height in [0.2, 0.8], towards either side and up or down with equal
  /// probability.
  mutating func serve(random: inout some RandomSource) {
    x = 0.5
    y = Float(random.real(from: 0.2, to: 0.8))
    velocityX = random.integer(below: 2) == 0 ? -Self.serveSpeed : Self.serveSpeed
    velocityY = Float(random.real(from: -0.03, to: 0.03))
  }

  /// Moves y for a fraction of a step; walls reflect.
  mutating func fly(for share: Float) {
    y += velocityY * share
    guard y < 0 || y > 1 else { return }
    y = y < 0 ? -y : 2 - y
    velocityY = -velocityY
  }

  /// Bounces off a paddle and flies for the rest of the step.
  ///
  /// - Parameters:
  ///   - line: x of the paddle.
  ///   - offset: y of the contact relative to the paddle's middle.
  ///   - share: fraction of the step before the contact.
  mutating func bounce(at line: Float, offset: Float, after share: Float) {
    let speed = min(abs(velocityX) * 1.05, Self.topSpeed)
    velocityX = velocityX > 0 ? -speed : speed
    velocityY = min(max(0.3 * velocityY + 0.5 * offset, -Self.topSpeed), Self.topSpeed)
    x = line + velocityX * (1 - share)
    fly(for: 1 - share)
  }
}

/// A paddle of the Pong tasks. It moves up and down along a line and stays in the court.
package struct Paddle: BitwiseCopyable, Sendable {
  /// Distance from its middle to either end.
  package static let reach: Float = 0.1
  /// Distance by which the player's paddle moves in a step, unless it stays.
  static let playerSpeed: Float = 0.04

  package var y: Float = 0.5

  mutating func move(by distance: Float) {
    y = min(max(y + distance, Self.reach), 1 - Self.reach)
  }

  mutating func follow(_ height: Float, topSpeed: Float) {
    move(by: min(max(height - y, -topSpeed), topSpeed))
  }

  /// Its position within its range, scaled to [−1, 1].
  var observation: Float { (y - 0.5) / (0.5 - Self.reach) }
}
