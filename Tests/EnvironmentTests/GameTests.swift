import Environments
import Testing

struct GameTests {
  @Test func `variants of a game share it, and every other task is alone`() {
    let games = Dictionary(grouping: Catalogue.builtIn.map(\.facts), by: \.game)
      .mapValues { $0.map(\.name) }
    let variants = games.filter { $0.value != [$0.key] }
    #expect(
      variants == [
        "deep-sea": ["deep-sea-10", "deep-sea-20"],
        "door-key": ["door-key-5x5", "door-key-6x6", "door-key-8x8"],
        "dynamic-obstacles": ["dynamic-obstacles-random-6x6", "dynamic-obstacles-6x6"],
        "empty": ["empty-random-6x6", "empty-8x8"],
        "key-corridor": ["key-corridor-s3r1", "key-corridor-s3r3"],
        "multi-room": ["multi-room-n2-s4", "multi-room-n4-s5", "multi-room-n6"],
        "pong": ["pong-easy", "pong", "pong-hard", "pong-pixels", "pong-doubles"],
      ])
  }
}
