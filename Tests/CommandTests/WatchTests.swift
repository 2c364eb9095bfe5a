import CommandSupport
import Foundation
import TestSupport
import Testing

/// Tasks played for people to look at.
struct WatchTests {
  @Test func `prints plain frames where there is no terminal`() async throws {
    let folder = try Scratch()
    let result = await run("watch", "catch", "--steps", "10", "--seed", "3", in: folder)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    #expect(!result.output.contains("\u{1B}"))
    let frames = result.output.components(separatedBy: "\n\n").filter { !$0.isEmpty }
    #expect(frames.count == 11)
    #expect(frames[0].hasPrefix("catch  episode 1  step 0  score 0\n"))
    #expect(frames[9].contains("episode 1 ended by the rules after 9 steps with score"))
    #expect(frames[10].hasPrefix("catch  episode 2  step 1  score 0  action "))
    let again = await run("watch", "catch", "--steps", "10", "--seed", "3", in: folder)
    #expect(again.output == result.output)
    let other = await run("watch", "catch", "--steps", "10", "--seed", "4", in: folder)
    #expect(other.output != result.output)
  }

  @Test func `watches the policy that training saved`() async throws {
    let folder = try Scratch()
    let trained = await run(
      "train", "catch", "--batch", "240", "--target", "0.9", "--save", "@/catch.safetensors",
      in: folder)
    #expect(trained.status == 0, "\(trained.errors)")
    let result = await run(
      "watch", "catch", "--policy", "@/catch.safetensors", "--steps", "450", in: folder)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    // 50 episodes; a mean of 0.9 is 2 or 3 misses.
    let frames = result.output.components(separatedBy: "\n\n")
    let ended = frames.filter { $0.contains("  step 0  ") && $0.contains("ended") }
    #expect(ended.count == 50)
    #expect(ended.count { $0.hasSuffix("score 1.00") } > 40)
    let wrong = await run("watch", "pong", "--policy", "@/catch.safetensors", in: folder)
    #expect(wrong.status == 1 && wrong.output.isEmpty)
    #expect(
      wrong.errors
        == "batchlab: catch.safetensors is not a policy: it plays catch by rules 1, not pong by"
        + " rules 1\n")
  }
}
