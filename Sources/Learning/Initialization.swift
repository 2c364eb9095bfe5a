internal import Algebra
public import Environments
internal import Glibc

extension Network {
  /// Draws the parameters, as PPO implementations usually do: orthogonal weights scaled by √2 in
  /// hidden layers, 0.01 for the logits and 1 for the value; biases 0 (Saxe et al. 2014).
  public func initialize(from seed: Seed) {
    var random = seed.stream(.parameters)
    parameters.fill(0)
    for tower in shape.towers {
      for index in tower.layers {
        let (layer, tensors) = (shape.layers[index], parameterSet.tensors[index])
        guard index == tower.layers.upperBound - 1 else {
          layer.initialize(
            tensors, outputs: 0..<layer.outputs, scale: 2.0.squareRoot(), random: &random)
          continue
        }
        for (columns, scale) in [(0..<shape.actions, 0.01), (shape.actions..<shape.actions + 1, 1)]
        where tower.heads.contains(columns.lowerBound) {
          let first = columns.lowerBound - tower.heads.lowerBound
          layer.initialize(
            tensors, outputs: first..<first + columns.count, scale: scale, random: &random)
        }
      }
    }
  }
}

extension Matrix {
  /// Orthonormal columns (or rows, if there are more columns than rows) times `scale`, by
  /// Gram–Schmidt on normal deviates.
  func fillOrthogonal(scale: Double, random: inout RandomStream) {
    let isTall = rows >= columns
    let (count, length) = isTall ? (columns, rows) : (rows, columns)
    var vectors: [[Double]] = []
    while vectors.count < count {
      var vector = (0..<length).map { _ in random.normal() }
      // Twice is enough (Giraud et al. 2005).
      for _ in 0..<2 {
        for other in vectors {
          let overlap = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for index in 0..<length { vector[index] -= overlap * other[index] }
        }
      }
      let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      if norm > 1e-6 { vectors.append(vector.map { $0 / norm }) }
    }
    for row in 0..<rows {
      for column in 0..<columns {
        self[row, column] = Float(scale * (isTall ? vectors[column][row] : vectors[row][column]))
      }
    }
  }
}

extension RandomSource {
  /// A standard normal deviate (Box and Muller 1958; the second of each pair is not used).
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - unit())).squareRoot()
    return radius * cos(2 * .pi * unit())
  }
}
