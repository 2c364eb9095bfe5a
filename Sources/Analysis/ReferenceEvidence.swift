internal import Records

extension PredictionEvidence {
  /// The fitted targets of the studies in Results that have a noise scale: task, game, target, B_crit
  /// and noise scale, both to four digits.
  ///
  /// A test in StudyTests fits these studies and compares. With BATCHLAB_RENEW=1 it writes this file.
  public static let reference: [PredictionEvidence] = [
    list(
      Training(.policyGradient, .adam),
      [
        ("bandit", "bandit", 0.75, 3.193, 1.478),
        ("bandit", "bandit", 0.97, 2.134, 1.592),
        ("catch", "catch", 0, 282.3, 187.8),
        ("catch", "catch", 0.5, 407.8, 253),
        ("catch", "catch", 0.9, 720.8, 308.4),
        ("chain", "chain", 0.88, 172.2, 160.8),
        ("deep-sea-10", "deep-sea", 0.9, 1089, 78.64),
        ("door-key-5x5", "door-key", 0.7, 1462, 2477),
        ("door-key-5x5", "door-key", 0.9, 1472, 2164),
        ("dynamic-obstacles-6x6", "dynamic-obstacles", 0, 256.8, 515.7),
        ("dynamic-obstacles-6x6", "dynamic-obstacles", 0.7, 564.9, 627.1),
        ("dynamic-obstacles-random-6x6", "dynamic-obstacles", 0, 216.2, 444.1),
        ("dynamic-obstacles-random-6x6", "dynamic-obstacles", 0.4, 300.6, 500.5),
        ("dynamic-obstacles-random-6x6", "dynamic-obstacles", 0.8, 373.5, 629.1),
        ("empty-8x8", "empty", 0.6, 796.1, 923),
        ("empty-8x8", "empty", 0.8, 530.7, 1072),
        ("empty-random-6x6", "empty", 0.6, 483.9, 578.8),
        ("empty-random-6x6", "empty", 0.8, 365.1, 629.9),
        ("empty-random-6x6", "empty", 0.95, 415.8, 516),
        ("grid-goal-8", "grid-goal-8", 0.5, 2479, 3053),
        ("grid-goal-8", "grid-goal-8", 0.7, 2788, 2285),
        ("grid-goal-8", "grid-goal-8", 0.8, 2900, 2246),
        ("lava-gap-s7", "lava-gap-s7", 0.3, 1722, 2818),
        ("lava-gap-s7", "lava-gap-s7", 0.6, 1915, 2804),
        ("lava-gap-s7", "lava-gap-s7", 0.9, 2120, 2491),
        ("multi-room-n2-s4", "multi-room", 0.2, 723.4, 1751),
        ("multi-room-n2-s4", "multi-room", 0.5, 865.3, 1702),
        ("multi-room-n2-s4", "multi-room", 0.8, 1062, 1439),
        ("pong", "pong", -2.5, 7615, 3118),
        ("pong", "pong", 0, 7849, 3346),
        ("pong", "pong", 2.5, 17960, 7208),
        ("pong-easy", "pong", 0, 9776, 3601),
        ("pong-easy", "pong", 3, 12620, 4705),
        ("pong-hard", "pong", -3.5, 10050, 2758),
        ("pong-hard", "pong", -2, 10080, 3012),
        ("pong-hard", "pong", -1, 13410, 4215),
      ]),
    list(
      Training(.ppo, .adam),
      [
        ("catch", "catch", 0, 282.5, 356.5),
        ("catch", "catch", 0.9, 1448, 674.4),
        ("dynamic-obstacles-random-6x6", "dynamic-obstacles", 0, 368.9, 391.5),
        ("dynamic-obstacles-random-6x6", "dynamic-obstacles", 0.4, 510.1, 476),
        ("pong", "pong", -2.5, 6013, 7832),
        ("pong", "pong", 0, 6995, 8133),
      ]),
  ].flatMap { $0 }
}
