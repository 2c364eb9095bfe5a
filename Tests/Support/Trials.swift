public import Records

// Values of finished trials: a test names what matters to it and takes the rest from here.

extension TrialSettings {
  public static func sample(
    task: String = "catch", variant: String? = nil, studySeed: Int = 1,
    role: TrialRole = .measuring, seed: Int = 0,
    numEnvs: Int = 20, numSteps: Int = 8, shortenedHorizon: Bool = false,
    exchangeRate: Double? = nil, learningRate: Double = 0.008,
    _ hyperparameters: Hyperparameters = Hyperparameters(), targets: [Double] = [0.9],
    limit: Int = 400_000, isPruned: Bool = false, evaluationEpisodes: Int = 256
  ) -> TrialSettings {
    TrialSettings(
      task: task, variant: variant, rulesVersion: 1, studySeed: studySeed, role: role, seed: seed,
      numEnvs: numEnvs, numSteps: numSteps, shortenedHorizon: shortenedHorizon,
      exchangeRate: exchangeRate, learningRate: learningRate, hyperparameters: hyperparameters,
      targets: targets, limit: Observations(limit), isPruned: isPruned,
      evaluationEpisodes: evaluationEpisodes)
  }
}

extension Hyperparameters {
  /// The same with another optimizer and that optimizer's usual constants.
  public func with(optimizer: OptimizerKind) -> Self {
    let usual = Hyperparameters(self.algorithm, optimizer: optimizer)
    var copy = self
    copy.optimizer = optimizer
    // The columns that belong to optimizers; Adam's β₁ and β₂ are in the first two.
    (copy.momentum, copy.smoothing, copy.epsilon) = (
      usual.momentum, usual.smoothing, usual.epsilon
    )
    return copy
  }
}

extension Provenance {
  public static func sample(host: String = "h", cpu: String = "c") -> Provenance {
    Provenance(
      version: "1", revision: "r", swift: "6.3", host: host, cpu: cpu, openblas: "o", libc: "l")
  }
}

extension TrialOutcome {
  /// - Parameter batch: of every update.
  public static func sample(
    ending: TrialEnding = .completed, crossings: [Crossing] = [], curve: [CurvePoint] = [],
    updates: Int, batch: Int, optimizerSteps: Int = 1, stagger: Int = 0,
    evaluation: Int = 0, evaluationEpisodes: Int = 0, operations: Operations = Operations(),
    evaluationOperations: Operations = Operations(), seconds: Double = 1,
    evaluationSeconds: Double = 0
  ) -> TrialOutcome {
    TrialOutcome(
      ending: ending, crossings: crossings, curve: curve, updates: Updates(updates),
      observations: Observations(updates * batch), optimizerSteps: OptimizerSteps(optimizerSteps),
      staggerObservations: Observations(stagger), evaluationObservations: Observations(evaluation),
      evaluationEpisodes: evaluationEpisodes, operations: operations,
      evaluationOperations: evaluationOperations, seconds: seconds,
      evaluationSeconds: evaluationSeconds)
  }

  /// The trial that came to this.
  ///
  /// - Parameter verdict: of the search, for each of its targets.
  public func trial(
    _ id: String, _ settings: TrialSettings, provenance: Provenance = .sample(),
    verdict: RateVerdict? = nil
  ) -> TrialRecord {
    let verdicts = crossings.compactMap { crossing in verdict.map { (crossing.target, $0) } }
    return TrialRecord(
      id: id, settings: settings, outcome: self,
      verdicts: Dictionary(uniqueKeysWithValues: verdicts), provenance: provenance)
  }

  /// The outcome without what a clock said.
  public var timeless: TrialOutcome {
    var outcome = self
    (outcome.seconds, outcome.evaluationSeconds, outcome.threads) = (0, 0, 1)
    for index in outcome.crossings.indices { outcome.crossings[index].seconds = nil }
    for index in outcome.curve.indices { outcome.curve[index].seconds = 0 }
    return outcome
  }
}
