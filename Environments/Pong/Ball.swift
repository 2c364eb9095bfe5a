/// The ball of the Pong family, in widths of the court; velocities are per step.
package struct Ball: BitwiseCopyable, Sendable {
  static let serveSpeed: Float = 0.03
  static let topSpeed: Float = 0.06

  package var x: Float = 0.5
  package var y: Float = 0.5
  var velocityX: Float = 0
  var velocityY: Float = 0

  /// Starts from the middle at a height in [0.2, 0.8], towards either side and up or down with
  /// equal chance.
  mutating func serve(random: inout some RandomSource) {
    x = 0.5
    y = Float(random.real(from: 0.2, to: 0.8))
    velocityX = random.integer(below: 2) == 0 ? -Self.serveSpeed : Self.serveSpeed
    velocityY = Float(random.real(from: -0.03, to: 0.03))
  }

  /// Moves y for a share of a step; walls reflect.
  mutating func fly(for share: Float) {
    y += velocityY * share
    guard y < 0 || y > 1 else { return }
    y = y < 0 ? -y : 2 - y
    velocityY = -velocityY
  }

  /// Turns back at `line`, met `offset` off the middle of a paddle after `share` of the step,
  /// and flies for the rest of it.
  mutating func bounce(at line: Float, offset: Float, after share: Float) {
    let speed = min(abs(velocityX) * 1.05, Self.topSpeed)
    velocityX = velocityX > 0 ? -speed : speed
    velocityY = min(max(0.3 * velocityY + 0.5 * offset, -Self.topSpeed), Self.topSpeed)
    x = line + velocityX * (1 - share)
    fly(for: 1 - share)
  }
}

/// A paddle of the Pong family: moves up and down its line and stays in the court.
package struct Paddle: BitwiseCopyable, Sendable {
  /// From its middle to either end.
  package static let reach: Float = 0.1
  /// A player's paddle moves by it, or stays.
  static let playerSpeed: Float = 0.04

  package var y: Float = 0.5

  mutating func move(by distance: Float) {
    y = min(max(y + distance, Self.reach), 1 - Self.reach)
  }

  mutating func follow(_ height: Float, topSpeed: Float) {
    move(by: min(max(height - y, -topSpeed), topSpeed))
  }

  /// Its place in what it can reach, scaled to [−1, 1].
  var observation: Float { (y - 0.5) / (0.5 - Self.reach) }
}
