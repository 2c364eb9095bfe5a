import CommandSupport
import Foundation
import Records
import TestSupport
import Testing

@testable import Analysis

/// The evidence for bands of predicted critical batches (`PredictionEvidence.reference`), and whether
/// the bands hold.
///
/// After a change of the studies or of the fit, `BATCHLAB_RENEW=1 make test` rewrites
/// Sources/Analysis/ReferenceEvidence.swift. Look at it before you commit it.
struct EvidenceTests {
  private struct Fitted {
    var evidence: PredictionEvidence?
    var task: String
    var game: String
    var criticalBatch: Double
    var band: [String: Any]
  }

  /// The fitted targets of both studies, in the order of `fit`.
  private static func fitted() async throws -> [Fitted] {
    let folder = try Scratch()
    let tasks = try #require(
      try await run("tasks", "--json", in: folder).json() as? [[String: Any]])
    let games = tasks.reduce(into: [String: String]()) { games, task in
      if let name = task["task"] as? String { games[name] = task["game"] as? String }
    }
    var found: [Fitted] = []
    for study in ["ladder", "ladder-ppo"] {
      // With other resamples, `fit` doesn't write fits.json.
      let result = await run(
        "fit", "\(repository)/Results/\(study)", "--json", "--resamples", "1999", in: folder)
      let fits = try #require(try result.json() as? [[String: Any]], "\(result.errors)")
      for fit in fits
      where fit["verdict"] as? String == "fitted" && fit["untuned"] as? Bool == false {
        let task = try #require(fit["task"] as? String)
        let game = try #require(games[task])
        let critical = try #require((fit["critical_batch"] as? [String: Any])?["value"] as? Double)
        let algorithm = try #require(fit["algorithm"] as? String)
        let optimizer = try #require(fit["optimizer"] as? String)
        let training = Training(
          try #require(Algorithm(rawValue: algorithm)),
          try #require(OptimizerKind(rawValue: optimizer)))
        let written = try #require(fit["target"] as? String)
        let target = try #require(Double(written))
        let noise = (fit["noise_scale"] as? [String: Any])?["value"] as? Double
        let evidence = noise.flatMap { noise in
          noise > 0
            ? PredictionEvidence.list(training, [(task, game, target, critical, noise)]) : nil
        }
        found.append(
          Fitted(
            evidence: evidence?.first, task: task, game: game, criticalBatch: critical,
            band: try #require(fit["likely_critical_batch"] as? [String: Any])))
      }
    }
    return found
  }

  @Test func `is that of the studies in Results`() async throws {
    let found = try await Self.fitted().compactMap(\.evidence)
    if ProcessInfo.processInfo.environment["BATCHLAB_RENEW"] != nil {
      let file = "\(repository)/Sources/Analysis/ReferenceEvidence.swift"
      return try Data(Self.source(found).utf8).write(to: URL(filePath: file))
    }
    let listed = PredictionEvidence.reference
    #expect(listed.count == found.count)
    for (own, other) in zip(listed, found) {
      #expect(own.task == other.task && own.game == other.game && own.training == other.training)
      #expect(own.target == other.target)
      #expect((own.criticalBatch / other.criticalBatch - 1).magnitude < 1e-3, "\(own)")
      #expect((own.noiseScale / other.noiseScale - 1).magnitude < 1e-3, "\(own)")
    }
    let text = try String(
      contentsOfFile: "\(repository)/Sources/Analysis/ReferenceEvidence.swift", encoding: .utf8)
    #expect(text == Self.source(listed), "the file is written as this test writes it")
  }

  /// Every band is judged by the other games alone. deep-sea-10, whose B_crit is 14 times the noise
  /// scale, lies outside, and makes all other bands wide: a factor of ten either way. Without it they
  /// would be a factor of four.
  @Test func `bands hold the critical batches of games that they don't know`() async throws {
    let found = try await Self.fitted().filter {
      $0.evidence?.training.algorithm == .policyGradient
    }
    let judged = try found.map { target in
      let low = try #require(target.band["low"] as? Double, "\(target.task)")
      let high = try #require(target.band["high"] as? Double)
      return (
        game: target.game, isHeld: (low...high).contains(target.criticalBatch),
        factor: (high / low).squareRoot()
      )
    }
    let held = judged.count { $0.isHeld }
    #expect(Double(held) / Double(judged.count) >= 0.85, "\(held) of \(judged.count)")
    let games = Dictionary(grouping: judged, by: \.game).values
    let heldGames = games.count { $0.allSatisfy(\.isHeld) }
    #expect(Double(heldGames) / Double(games.count) >= 0.85, "\(heldGames) of \(games.count)")
    let factors = judged.map(\.factor).sorted()
    #expect((9...11).contains(factors[factors.count / 2]), "\(factors)")
  }

  /// Three games have fitted targets with PPO; without its own, each has two.
  @Test func `PPO's games have too few others for a band`() async throws {
    let found = try await Self.fitted().filter { $0.evidence?.training.algorithm == .ppo }
    #expect(found.count == 6)
    for target in found {
      #expect(target.band["low"] is NSNull && target.band["games"] as? Int == 2)
      #expect((target.band["reason"] as? String)?.hasPrefix("no evidence: ppo with adam") == true)
    }
    let band = PredictionBand(
      game: "grid-goal-8", training: Training(.ppo, .adam), noiseScale: Estimate(value: 1000),
      batches: 8)
    #expect(band.games == 3 && band.low != nil)
  }

  /// The text of the file.
  private static func source(_ evidence: [PredictionEvidence]) -> String {
    var trainings: [Training] = []
    for row in evidence where !trainings.contains(row.training) { trainings.append(row.training) }
    let lists = trainings.map { training in
      let rows = evidence.filter { $0.training == training }.map { row in
        let numbers = [row.target, rounded(row.criticalBatch), rounded(row.noiseScale)]
          .map(Format.shortest)
        return "        (\"\(row.task)\", \"\(row.game)\", \(numbers.joined(separator: ", "))),"
      }
      let (algorithm, optimizer) = ("\(training.algorithm)", "\(training.optimizer)")
      return """
            list(
              Training(.\(algorithm), .\(optimizer)),
              [
        \(rows.joined(separator: "\n"))
              ]),
        """
    }
    return """
      internal import Records

      extension PredictionEvidence {
        /// The fitted targets of the studies in Results that have a noise scale: task, game, target, B_crit
        /// and noise scale, both to four digits.
        ///
        /// A test in StudyTests fits these studies and compares. With BATCHLAB_RENEW=1 it writes this file.
        public static let reference: [PredictionEvidence] = [
      \(lists.joined(separator: "\n"))
        ].flatMap { $0 }
      }

      """
  }

  private static func rounded(_ value: Double) -> Double {
    let places = 3 - floor(log10(value))
    let unit = pow(10, places.magnitude)
    return places > 0 ? (value * unit).rounded() / unit : (value / unit).rounded() * unit
  }
}
