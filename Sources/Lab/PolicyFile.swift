internal import Algebra
public import Archive
public import Environments
public import Learning
internal import Records

/// A trained policy as a file that other tools read: safetensors, a tensor for the weights
/// [inputs × outputs] and one for the bias of each layer, and in the metadata the task, the
/// version of its rules and the shape of the network.
public enum PolicyFile {
  private static let format = "batchlab policy 1"

  public static func write(
    _ network: Network, of task: EnvironmentFacts, to file: String
  ) throws(ArchiveError) {
    let (shape, values) = (network.shape, network.parameters.values)
    let tensors = shape.namedParts.map {
      TensorFile.Tensor(name: $0.name, shape: $0.shape, values: Array(values[$0.range]))
    }
    let metadata = [
      "format": format, "task": task.name, "rules_version": "\(task.rulesVersion)",
      "inputs": "\(shape.inputs)", "actions": "\(shape.actions)", "hidden": "\(shape.hidden)",
      "activation": shape.activation.rawValue, "trunks": shape.trunks.rawValue,
    ]
    try TensorFile(metadata: metadata, tensors: tensors).write(to: file)
  }

  /// Reads a policy for a task.
  ///
  /// - Throws: `.notAPolicy` if it is none, one for another task or for other rules.
  public static func read(
    _ file: String, for task: EnvironmentFacts
  ) throws(ArchiveError) -> Network {
    let content = try TensorFile(reading: file)
    func refusal(_ reason: String) -> ArchiveError { .notAPolicy(file: file, reason: reason) }
    let words = content.metadata
    guard words["format"] == format else {
      throw refusal("its metadata don't say '\(format)'")
    }
    let (name, rules) = (words["task"] ?? "nothing", words["rules_version"] ?? "none")
    guard name == task.name, rules == "\(task.rulesVersion)" else {
      throw refusal(
        "it plays \(name) by rules \(rules), not \(task.name) by rules \(task.rulesVersion)")
    }
    guard let hidden = words["hidden"].flatMap({ LayerSizes($0) }),
      let activation = words["activation"].flatMap({ Activation(rawValue: $0) }),
      let trunks = words["trunks"].flatMap({ Trunks(rawValue: $0) }),
      words["inputs"] == "\(task.observationSize)", words["actions"] == "\(task.actions.count)",
      hidden.sizes.allSatisfy({ $0 <= largestWidth })
    else { throw refusal("its metadata give no network for \(task.name)") }
    let shape = NetworkShape(
      inputs: task.observationSize, actions: task.actions.count, hidden: hidden,
      activation: activation, trunks: trunks)
    let parts = shape.namedParts
    var values: [[Float]] = []
    for part in parts {
      let tensor = content.tensors.first { $0.name == part.name && $0.shape == part.shape }
      guard let tensor else {
        let extents = part.shape.map(String.init).joined(separator: " × ")
        throw refusal("it has no tensor '\(part.name)' of \(extents) numbers")
      }
      values.append(tensor.values)
    }
    guard content.tensors.count == parts.count else {
      throw refusal("it has tensors beside those of the network in its metadata")
    }
    let network = Network(shape)
    network.parameters.values = values.flatMap { $0 }
    return network
  }

  /// No plan has wider layers.
  private static let largestWidth = 16_384
}
