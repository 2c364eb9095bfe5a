import Foundation
import Records

@testable import Environments
@testable import Learning

/// The network and its loss once more: one observation at a time, in double precision, straight
/// from their formulas, with derivatives by central differences.
struct Twin {
  var inputs = 5
  var actions = 3
  var hidden = [7, 6]
  var activation = Activation.tanh
  var trunks = Trunks.shared
  /// Before the dense layers.
  var convolutions: [NetworkLayers.Convolution] = []
  var planes: PlaneLayout?
  /// Observations are lists of at most this many ones.
  var maxNonzeros: Int?

  var shape: NetworkShape {
    NetworkShape(
      inputs: inputs, planes: planes, maxNonzeros: maxNonzeros, actions: actions,
      hidden: NetworkLayers(
        convolutions.map { .convolution($0) } + hidden.map { .dense($0) }),
      activation: activation, trunks: trunks)
  }

  private func apply(_ z: Double) -> Double { activation == .tanh ? tanh(z) : max(z, 0) }

  /// The outputs [y][x][channel] of all convolutions.
  private func convolve(
    _ observation: [Double], _ parameters: [Double], _ next: inout Int
  ) -> [Double] {
    guard let planes, !convolutions.isEmpty else { return observation }
    var (height, width, channels) = (planes.height, planes.width, planes.channels + planes.uniform)
    var image: [[[Double]]] = (0..<height).map { y in
      (0..<width).map { x in
        (0..<channels).map { observation[planes.index(y: y, x: x, channel: $0)] }
      }
    }
    for own in convolutions {
      let (weights, bias) = (next, next + own.kernel * own.kernel * channels * own.outputs)
      var result: [[[Double]]] = []
      for top in stride(
        from: -own.padding, through: height + own.padding - own.kernel, by: own.stride)
      {
        var row: [[Double]] = []
        for left in stride(
          from: -own.padding, through: width + own.padding - own.kernel, by: own.stride)
        {
          row.append(
            (0..<own.outputs).map { output in
              var z = parameters[bias + output]
              for down in 0..<own.kernel {
                for across in 0..<own.kernel {
                  let (y, x) = (top + down, left + across)
                  guard y >= 0, y < height, x >= 0, x < width else { continue }
                  for channel in 0..<channels {
                    let place = (down * own.kernel + across) * channels + channel
                    z +=
                      image[y][x][channel] * parameters[weights + place * own.outputs + output]
                  }
                }
              }
              return apply(z)
            })
        }
        result.append(row)
      }
      next = bias + own.outputs
      image = result
      (height, width, channels) = (result.count, result[0].count, own.outputs)
    }
    return image.flatMap { $0.flatMap { $0 } }
  }

  struct Sample {
    var observation: [Double]
    var action: Int
    var logProbability: Double
    var value: Double
    var advantage: Double
    var target: Double
  }

  struct Heads {
    var logProbabilities: [Double]
    var value: Double
  }

  func heads(_ parameters: [Double], _ observation: [Double]) -> Heads {
    var next = 0
    func tower(outputs: Int) -> [Double] {
      var x = convolve(observation, parameters, &next)
      for (depth, width) in (hidden + [outputs]).enumerated() {
        let bias = next + x.count * width
        x = (0..<width).map { unit in
          var z = parameters[bias + unit]
          for index in x.indices { z += x[index] * parameters[next + index * width + unit] }
          if depth == hidden.count { return z }
          return apply(z)
        }
        next = bias + width
      }
      return x
    }
    var logits: [Double]
    let value: Double
    switch trunks {
    case .shared:
      logits = tower(outputs: actions + 1)
      value = logits.removeLast()
    case .separate:
      logits = tower(outputs: actions)
      value = tower(outputs: 1)[0]
    }
    let sum = log(logits.reduce(0) { $0 + exp($1) })
    return Heads(logProbabilities: logits.map { $0 - sum }, value: value)
  }

  /// Mean loss: surrogate + value − entropy, each with its coefficient.
  func loss(_ parameters: [Double], _ samples: [Sample], _ settings: Hyperparameters) -> Double {
    var sum = 0.0
    for sample in samples {
      let heads = heads(parameters, sample.observation)
      let ratio = exp(heads.logProbabilities[sample.action] - sample.logProbability)
      var gain = sample.advantage * ratio
      if let c = settings.clipCoef {
        gain = min(gain, sample.advantage * min(max(ratio, 1 - c), 1 + c))
      }
      var valueLoss = pow(heads.value - sample.target, 2)
      if settings.clipVloss, let c = settings.clipCoef {
        let near = sample.value + min(max(heads.value - sample.value, -c), c)
        valueLoss = max(valueLoss, pow(near - sample.target, 2))
      }
      let entropy = -heads.logProbabilities.reduce(0) { $0 + exp($1) * $1 }
      sum += -gain + settings.vfCoef * valueLoss / 2 - settings.entCoef * entropy
    }
    return sum / Double(samples.count)
  }

  func gradient(
    _ parameters: [Double], _ samples: [Sample], _ settings: Hyperparameters
  ) -> [Double] {
    var parameters = parameters
    let step = 1e-6
    return parameters.indices.map { index in
      let middle = parameters[index]
      parameters[index] = middle + step
      let above = loss(parameters, samples, settings)
      parameters[index] = middle - step
      let below = loss(parameters, samples, settings)
      parameters[index] = middle
      return (above - below) / (2 * step)
    }
  }
}

func norm(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// |a − b| / |b|.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  norm(zip(a, b).map { $0 - $1 }) / norm(b)
}
