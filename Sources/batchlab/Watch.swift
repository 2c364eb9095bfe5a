internal import Archive
internal import ArgumentParser
internal import Environments
internal import Foundation
internal import Lab
internal import Learning
internal import Records

/// `batchlab watch`
struct Watch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Watch a task being played in the terminal.",
    discussion: """
      Without --policy the actions are random. If standard output is not a terminal, frames are \
      printed one after another as plain text.

      Example: batchlab watch pong --policy pong.safetensors
      """)

  @Argument(help: "The task (see `batchlab tasks`).")
  var task: String
  @Option(help: "A policy file from `batchlab train --save`.")
  var policy: String?
  @Option(help: "Seed of all random numbers.")
  var seed = 1
  @Option(help: "Number of steps to show. Default: until Ctrl-C in a terminal, otherwise 100.")
  var steps: Int?
  @Option(help: "Steps per second in a terminal.")
  var speed = 10.0

  func run() async throws {
    let entry = try BatchLab.catalogue.task(named: task)
    guard entry.facts.bowl == nil else {
      throw Refusal.usage(
        "there is nothing to watch: \(task) has no policy and shows only noise")
    }
    try check("--steps", steps.map(Double.init), 0...1e12)
    try check("--speed", speed, 0.01...1000)
    try check("--seed", Double(seed), 0...0x1p53 - 1)
    let screen = Screen()
    let (file, seed, speed) = (policy, Seed(seed), speed)
    let count = steps ?? (screen.isTerminal ? .max : 100)
    let result = try await interruptible { () async throws -> Void in
      let network = try file.map { file in
        try PolicyFile.read(file, for: entry.facts)
      }
      var game = Game(entry, seed: seed, network: network)
      screen.open()
      defer { screen.close() }
      screen.show(game.frame(inColour: screen.isColoured))
      for _ in 0..<count {
        if screen.isTerminal { try await Task.sleep(for: .seconds(1 / speed)) }
        try Task.checkCancellation()
        game.step()
        screen.show(game.frame(inColour: screen.isColoured))
      }
    }
    if case .stopped = result { throw result.refusal(saying: "stopped") }
  }
}

/// One environment being played, with the text above and below its picture.
private struct Game {
  private let copy: VectorEnvironment
  private var player: Player?
  private var random: RandomStream
  private var rewards: [Float] = [0]
  private var endings: [Ending] = [.none]
  private var action: Int32?
  private var (episode, age, score) = (1, 0, 0.0)
  private var news = ""

  init(_ entry: CatalogueEntry, seed: Seed, network: Network?) {
    copy = entry.copies(1, seed: seed)
    player = network.map { Player($0, seed: seed) }
    random = seed.stream(.actions)
  }

  mutating func step() {
    let action =
      player?.action(for: copy) ?? random.integer(below: Int32(copy.facts.actions.count))
    var last = [Float](repeating: 0, count: copy.facts.observationSize)
    var rows = last.mutableSpan
    _ = copy.advance(
      [action], rewards: &rewards, endings: &endings, at: StridedIndices(), last: &rows)
    (self.action, age, score) = (action, age + 1, score + Double(rewards[0]))
    guard endings[0] != .none else { return }
    let reason = endings[0] == .terminated ? "by the rules" : "at the time limit"
    news =
      "episode \(episode) ended \(reason) after \(age) steps with score"
      + " \(Format.number(copy.score(of: 0)))"
    (episode, age, score) = (episode + 1, 0, 0)
  }

  /// The lines of the current frame.
  func frame(inColour: Bool) -> [String] {
    let facts = copy.facts
    let taken = action.map {
      "  action \(facts.actions[Int($0)])  reward \(Format.number(Double(rewards[0])))"
    }
    let lines = copy.task(of: 0).map { picture(of: $0).lines(inColour: inColour) } ?? []
    let state = "\(facts.name)  episode \(episode)  step \(age)  score \(Format.number(score))"
    return [state + (taken ?? "")] + lines + (news.isEmpty ? [] : [news])
  }
}

/// Standard output: a screen on a terminal, plain text elsewhere.
private struct Screen {
  let isTerminal: Bool
  let isColoured: Bool

  init() {
    isTerminal = Shell.current.isTerminal && Shell.current.understandsCodes
    isColoured = Color.isWanted
  }

  /// Clears the screen and hides the cursor.
  func open() { if isTerminal { write("\u{1B}[?25l\u{1B}[2J") } }

  func close() { if isTerminal { write("\u{1B}[?25h") } }

  func show(_ lines: [String]) {
    guard isTerminal else { return write(lines.joined(separator: "\n") + "\n\n") }
    write("\u{1B}[H" + lines.map { "\($0)\u{1B}[K\n" }.joined() + "\u{1B}[J")
  }

  /// Pictures have codes of their own; there are no names from elsewhere in them.
  private func write(_ text: String) { standardOutput(document: text) }
}
