internal import Algebra
public import Archive
public import Environments
internal import Formats
public import Learning
internal import Records

/// A trained policy as a file that other tools can read: safetensors with the names and layout of a
/// PyTorch module (see `NetworkShape.namedTensors`). The metadata give the task, the version of its
/// rules and the network's shape, and an observation with the network's outputs for it, so that a
/// rebuilt network can be checked.
public enum PolicyFile {
  private static let format = "batchlab policy 2"

  public static func write(
    _ network: Network, of task: CatalogueEntry, to file: String
  ) throws(ArchiveError) {
    let example = Example(network, task)
    let (shape, values) = (network.shape, network.parameters.values)
    let tensors = shape.namedTensors.map {
      TensorFile.Tensor(name: $0.name, shape: $0.shape, values: $0.values(in: values))
    }
    var metadata = [
      "format": format, "task": task.facts.name,
      "rules_version": "\(task.facts.rulesVersion)",
      "inputs": "\(shape.inputs)", "actions": "\(shape.actions)", "hidden": "\(shape.hidden.dense)",
      "activation": shape.activation.rawValue, "trunks": shape.trunks.rawValue,
      "example_observation": example.observation,
      "example_log_probabilities": example.logProbabilities, "example_value": example.value,
    ]
    if let planes = shape.planes {
      metadata["network"] = shape.hidden.description
      metadata["planes"] = "\(planes.height) \(planes.width) \(planes.channels)"
      metadata["planes_order"] = planes.order == .cells ? "y x channel" : "channel y x"
      metadata["planes_uniform"] = "\(planes.uniform)"
    }
    try TensorFile(metadata: metadata, tensors: tensors).write(to: file)
  }

  /// The first observation of an episode and the network's outputs for it, as text.
  private struct Example {
    var observation: String
    var logProbabilities: String
    var value: String

    init(_ network: Network, _ task: CatalogueEntry) {
      let copy = task.copies(1, seed: Seed(1))
      var numbers = [Float](repeating: 0, count: task.facts.observationSize)
      var row = numbers.mutableSpan
      copy.observe(into: &row, at: StridedIndices())
      observation = numbers.map { "\($0)" }.joined(separator: " ")
      let heads = Player(network, seed: Seed(1)).heads(for: copy)
      logProbabilities = heads.dropLast().map { "\($0)" }.joined(separator: " ")
      value = heads.last.map { "\($0)" } ?? ""
    }
  }

  /// Whether a file is a policy of any task, which a newer one may replace.
  public static func isPolicy(_ file: String) -> Bool {
    (try? TensorFile(reading: file))?.metadata["format"]?.hasPrefix("batchlab policy") ?? false
  }

  /// Reads a policy for a task.
  ///
  /// - Throws: `.unusable` if the file is not a policy, or is one for another task or other rules.
  public static func read(
    _ file: String, for task: EnvironmentFacts
  ) throws(ArchiveError) -> Network {
    let content = try TensorFile(reading: file)
    func refusal(_ reason: String) -> ArchiveError {
      .unusable(file: file, as: "a policy", reason: reason)
    }
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
      hidden.sizes.count <= mostLayers, hidden.sizes.allSatisfy({ $0 <= largestWidth })
    else { throw refusal("its metadata give no network for \(task.name)") }
    var layers = NetworkLayers(hidden)
    if let word = words["network"] {
      let read = Settings.declared.network.read(word)
      guard let read, read.dense == hidden else {
        throw refusal("its metadata give no network for \(task.name)")
      }
      layers = read
    }
    if let objection = task.objection(to: layers) {
      throw refusal("its network \(objection)")
    }
    let shape = NetworkShape(
      inputs: task.observationSize, planes: task.planes, actions: task.actions.count,
      hidden: layers, activation: activation, trunks: trunks)
    let count = content.tensors.reduce(0) { $0 + $1.values.count }
    guard count == shape.parameterCount else {
      throw refusal(
        "it holds \(count) numbers, the network of its metadata has \(shape.parameterCount)")
    }
    let parts = shape.namedTensors
    var values = [Float](repeating: 0, count: shape.parameterCount)
    for part in parts {
      let tensor = content.tensors.first { $0.name == part.name && $0.shape == part.shape }
      guard let tensor else {
        let extents = part.shape.map(String.init).joined(separator: " × ")
        throw refusal("it has no tensor '\(part.name)' of \(extents) numbers")
      }
      part.put(tensor.values, into: &values)
    }
    guard content.tensors.count == parts.count else {
      throw refusal("it has tensors beside those of the network in its metadata")
    }
    let network = Network(shape)
    network.parameters.values = values
    return network
  }

  /// No plan has more layers, or wider ones.
  private static let mostLayers = 16
  private static let largestWidth = 16_384
}
