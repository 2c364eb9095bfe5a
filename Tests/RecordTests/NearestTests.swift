import Records
import Testing

@Suite struct NearestTests {
  let tasks = ["pong", "pong-hard", "catch", "grid-goal-8"]

  @Test(arguments: [
    ("pogn", "pong"), ("Pong", "pong"), ("ponghard", "pong-hard"), ("cath", "catch"),
    ("grid-goal-5", "grid-goal-8"), ("pong", "pong"),
  ])
  func `a slip of the finger finds its word`(word: String, expected: String) {
    #expect(nearest(word, among: tasks) == expected)
  }

  @Test(arguments: ["chess", "", "x", "breakout"])
  func `a word like no other finds nothing`(word: String) {
    #expect(nearest(word, among: tasks) == nil)
  }

  @Test func `an empty word or list is near nothing`() {
    #expect(nearest("a", among: ["b", ""]) == nil)
    #expect(nearest("pong", among: []) == nil)
  }
}
