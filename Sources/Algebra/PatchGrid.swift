/// The patches of an image that a convolution multiplies: squares of `kernel` × `kernel` cells,
/// `stride` cells apart, on an image with a border of `padding` zeros.
///
/// An image is a row of numbers [y][x][channel], and so is the result of a convolution. A patch is
/// a row [y][x][channel] too.
public struct PatchGrid: Hashable, Sendable {
  public let height: Int
  public let width: Int
  public let channels: Int
  public let kernel: Int
  public let stride: Int
  public let padding: Int
  /// Patches along the height and the width.
  public let rows: Int
  public let columns: Int

  public init(
    height: Int, width: Int, channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0
  ) {
    precondition(
      min(height, width, channels, kernel, stride) > 0 && (0..<kernel).contains(padding)
        && min(height, width) + 2 * padding >= kernel,
      "no patches of \(kernel) × \(kernel) in \(height) × \(width) cells")
    (self.height, self.width, self.channels) = (height, width, channels)
    (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
    rows = (height + 2 * padding - kernel) / stride + 1
    columns = (width + 2 * padding - kernel) / stride + 1
  }

  /// Patches of an image.
  public var count: Int { rows * columns }
  /// Numbers of a patch.
  public var patchSize: Int { kernel * kernel * channels }
  /// Numbers of an image.
  public var imageSize: Int { height * width * channels }

  /// The first cell of a patch along an axis, which may lie in the border, and the cells of the
  /// kernel that lie on the image.
  @inline(__always)
  private func extent(_ index: Int, of side: Int) -> (first: Int, inside: Range<Int>) {
    let first = index * stride - padding
    return (first, min(max(-first, 0), kernel)..<max(min(kernel, side - first), 0))
  }

  /// Calls `body` with every run of numbers that is contiguous both in the image and in a patch:
  /// its starts in the image and in the patches, counted from the first patch, and its length.
  @inline(__always)
  func forEachRun(_ body: (_ image: Int, _ patches: Int, _ count: Int) -> Void) {
    for row in 0..<rows {
      let (top, down) = extent(row, of: height)
      for column in 0..<columns {
        let (left, across) = extent(column, of: width)
        let patch = (row * columns + column) * patchSize
        let count = across.count * channels
        for y in down {
          body(
            ((top + y) * width + left + across.lowerBound) * channels,
            patch + (y * kernel + across.lowerBound) * channels, count)
        }
      }
    }
  }

  /// Calls `body` with every use of a cell: the number of the patch and the cell's place in it.
  func forEachUse(y: Int, x: Int, _ body: (_ patch: Int, _ cell: Int) -> Void) {
    for row in 0..<rows {
      let down = y - (row * stride - padding)
      guard (0..<kernel).contains(down) else { continue }
      for column in 0..<columns {
        let across = x - (column * stride - padding)
        guard (0..<kernel).contains(across) else { continue }
        body(row * columns + column, down * kernel + across)
      }
    }
  }
}

extension Matrix {
  /// Writes the patches of images, one per row of `images`, into the rows of this matrix.
  func assign(patchesOf images: Matrix, _ grid: PatchGrid) {
    precondition(
      images.columns == grid.imageSize && columns == grid.patchSize && isContiguous
        && rows == images.rows * grid.count, "\(self) doesn't hold the patches of \(images)")
    if grid.padding > 0 { fill(0) }
    for row in 0..<images.rows {
      let from = unsafe images.start(ofRow: row)
      let to = unsafe start(ofRow: row * grid.count)
      grid.forEachRun { image, patches, count in
        unsafe copyRun(from + image, to: to + patches, count)
      }
    }
  }

  /// Sets images to the sums of their patches in the rows of `patches`: of each number of an image,
  /// the sum over its places in patches.
  func assign(sumsOf patches: Matrix, _ grid: PatchGrid) {
    precondition(
      columns == grid.imageSize && patches.columns == grid.patchSize && patches.isContiguous
        && patches.rows == rows * grid.count, "\(self) isn't the image of \(patches)")
    fill(0)
    for row in 0..<rows {
      let to = unsafe start(ofRow: row)
      let from = unsafe patches.start(ofRow: row * grid.count)
      grid.forEachRun { image, patches, count in
        unsafe addRun(from + patches, to: to + image, count)
      }
    }
  }
}

@inline(__always)
private func copyRun(
  _ from: UnsafeMutablePointer<Float>, to: UnsafeMutablePointer<Float>, _ count: Int
) {
  var index = 0
  while index + 16 <= count {
    unsafe store(load(SIMD16<Float>.self, from + index), to: to + index)
    index += 16
  }
  while index + 4 <= count {
    unsafe store(load(SIMD4<Float>.self, from + index), to: to + index)
    index += 4
  }
  while index < count {
    unsafe to[index] = from[index]
    index += 1
  }
}

@inline(__always)
private func addRun(
  _ from: UnsafeMutablePointer<Float>, to: UnsafeMutablePointer<Float>, _ count: Int
) {
  var index = 0
  while index + 16 <= count {
    let sum = unsafe load(SIMD16<Float>.self, to + index) + load(SIMD16<Float>.self, from + index)
    unsafe store(sum, to: to + index)
    index += 16
  }
  while index + 4 <= count {
    let sum = unsafe load(SIMD4<Float>.self, to + index) + load(SIMD4<Float>.self, from + index)
    unsafe store(sum, to: to + index)
    index += 4
  }
  while index < count {
    unsafe to[index] += from[index]
    index += 1
  }
}
