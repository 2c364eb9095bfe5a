import Foundation
import Testing

@testable import Records

@Suite struct `The layers of a network` {
  @Test(arguments: [
    ("conv16x3,dense128", "conv16x3,dense128"), ("minatar", "conv16x3,dense128"),
    ("nature", "conv32x8s4,conv64x4s2,conv64x3,dense512"),
    ("conv16x3s1same", "conv16x3same"), ("conv8x5s2same,conv4x2s3", "conv8x5s2same,conv4x2s3"),
    ("dense64,dense32", "64-32"), ("64-32", "64-32"), ("dense1", "1"), ("1", "1"),
  ])
  func `are read and written`(text: String, layers: String) throws {
    let read = try #require(NetworkLayers(text))
    #expect(read.description == layers && read.problem == nil)
    #expect(read.word == (NetworkLayers.names.contains(text) ? text : layers))
    #expect(NetworkLayers(read.word) == read)
    let data = try JSONEncoder().encode([read])
    #expect(try JSONDecoder().decode([NetworkLayers].self, from: data) == [read])
    #expect(Settings.declared.network.read(text) == read)
  }

  @Test(arguments: [
    "", ",", "dense", "dense0", "dense-3", "dense64,", "64-0", "-", "64-", "64,64", "64-64,dense8",
    "conv16", "convx3", "conv16x",
    "conv0x3", "conv16x0", "conv16x3s0", "conv16x3s", "conv16x3sames2", "conv16x3same2", "Minatar",
    "conv16x3 ,dense8", "conv٣x3", "conv16x3s99999999999999999999", "pool2",
  ])
  func `are not any other text`(text: String) {
    #expect(NetworkLayers(text) == nil)
  }

  @Test(arguments: [
    "dense16385", "conv1025x3", "conv8x33", "conv8x3s33",
    Array(repeating: "dense8", count: 17).joined(separator: ","),
  ])
  func `have reasonable sizes`(text: String) {
    #expect(NetworkLayers(text) != nil && Settings.declared.network.read(text) == nil)
  }

  @Test func `tell what is wrong with them`() throws {
    func problem(_ text: String, _ height: Int = 10, _ width: Int = 10) throws -> String? {
      try #require(NetworkLayers(text)).problem(height: height, width: width)
    }
    #expect(try problem("minatar") == nil)
    #expect(
      try problem("dense8,conv8x3")
        == "has the convolution conv8x3 after a dense layer; convolutions come first")
    #expect(
      try problem("conv8x4same")
        == "pads conv8x4same, but only an odd kernel has a middle that padding can keep")
    #expect(
      try problem("nature", 16, 16)
        == "has the kernel of conv64x4s2 on an input of only 3 × 3 cells")
    #expect(try problem("conv8x11")?.contains("only 10 × 10 cells") == true)
    #expect(try problem("conv8x6", 10, 5)?.contains("only 10 × 5 cells") == true)
    #expect(try problem("nature", 84, 84) == nil)
  }

  @Test func `have as many outputs as cells times channels`() throws {
    func outputs(_ text: String, _ height: Int, _ width: Int) throws -> [Int] {
      try #require(NetworkLayers(text)).outputs(height: height, width: width)
    }
    #expect(try outputs("minatar", 10, 10) == [8 * 8 * 16, 128])
    #expect(try outputs("nature", 84, 84) == [20 * 20 * 32, 9 * 9 * 64, 7 * 7 * 64, 512])
    #expect(try outputs("conv3x3s2same,conv5x3same", 7, 4) == [4 * 2 * 3, 4 * 2 * 5])
  }

  @Test func `of dense kind are those of hidden`() {
    var given = PlanSettings()
    given.network = NetworkLayers("dense32,dense16")
    var other = PlanSettings()
    other.hidden = LayerSizes([32, 16])
    #expect(Hyperparameters(given) == Hyperparameters(other))
    #expect(Hyperparameters(given).network == nil)
  }

  @Test func `imply ReLU if they have a name`() {
    func settings(_ text: String, _ activation: Activation? = nil) -> Hyperparameters {
      var given = PlanSettings()
      given.network = NetworkLayers(text)
      given.activation = activation
      return Hyperparameters(given)
    }
    let named = settings("minatar")
    #expect(named.activation == .relu && named.hidden == LayerSizes([128]))
    #expect(named.network?.word == "conv16x3,dense128" && named.layers == named.network)
    #expect(settings("conv16x3,dense128").activation == .tanh)
    #expect(settings("conv16x3,dense128", .relu) == named)
    #expect(settings("minatar", .tanh) == settings("conv16x3,dense128"))
  }

  @Test func `are those of the task if it has its own`() {
    var (plan, task) = (PlanSettings(), PlanSettings())
    plan.hidden = LayerSizes([8])
    task.network = NetworkLayers("minatar")
    var own = task.completed(by: plan)
    #expect(own.hidden == nil && own.network == task.network)
    (plan, task) = (task, plan)
    own = task.completed(by: plan)
    #expect(own.network == nil && own.hidden == LayerSizes([8]))
  }

  /// Rows and ids of dense networks are what they were before there were convolutions.
  @Test func `are a column of their own, which ids of dense networks leave out`() throws {
    func object(_ hyperparameters: Hyperparameters) throws -> [String: Any] {
      let data = try JSONEncoder().encode(hyperparameters)
      return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
    #expect(try object(Hyperparameters())["network"] == nil)
    var deep = Hyperparameters()
    deep.use(try #require(NetworkLayers("minatar")))
    let written = try object(deep)
    #expect(written["network"] as? String == "conv16x3,dense128")
    #expect(written["hidden"] as? String == "128")
    let data = try JSONEncoder().encode(deep)
    #expect(try JSONDecoder().decode(Hyperparameters.self, from: data) == deep)
  }
}
