/// How an observation that shows a grid of cells is ordered: a number for each cell and channel, and
/// maybe some numbers that hold for the whole grid.
///
/// It only describes the order that the observation has. Networks with convolutions read it.
public struct PlaneLayout: Hashable, Sendable {
  public enum Order: String, Sendable, CaseIterable {
    /// [y][x][channel]
    case cells
    /// [channel][y][x]
    case planes
  }

  public let height: Int
  public let width: Int
  public let channels: Int
  public let order: Order
  /// Numbers after those of the cells that hold for all of them, such as a direction.
  public let uniform: Int

  init(height: Int, width: Int, channels: Int, order: Order, uniform: Int = 0) {
    (self.height, self.width, self.channels) = (height, width, channels)
    (self.order, self.uniform) = (order, uniform)
  }

  public var observationSize: Int { height * width * channels + uniform }

  /// The distance in the observation between neighbours along each axis.
  public var strides: (y: Int, x: Int, channel: Int) {
    switch order {
    case .cells: (width * channels, channels, 1)
    case .planes: (width, 1, height * width)
    }
  }

  /// The place of a cell's number in the observation. Channels from `channels` on are the uniform
  /// numbers, which are the same in every cell.
  public func index(y: Int, x: Int, channel: Int) -> Int {
    guard channel < channels else { return height * width * channels + channel - channels }
    let (down, right, deep) = strides
    return y * down + x * right + channel * deep
  }
}
