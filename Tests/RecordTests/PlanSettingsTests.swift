import Records
import Testing

@Suite struct `Settings of a plan` {
  @Test func `are filled in where a task says nothing`() {
    var (own, shared) = (PlanSettings(), PlanSettings())
    (own.gamma, own.hidden, own.batches) = (0.9, LayerSizes([8]), .list([64]))
    (shared.gamma, shared.hidden, shared.batches) = (0.5, LayerSizes([16]), .list([32]))
    (shared.gaeLambda, shared.entCoef, shared.vfCoef, shared.normAdv) = (0.1, 0.2, 0.3, true)
    (shared.optimizer, shared.momentum, shared.smoothing, shared.epsilon) = (.sgd, 0.4, 0.6, 0.7)
    (shared.activation, shared.trunks, shared.numSteps) = (.relu, .separate, 4)
    (shared.budget, shared.evaluationEpisodes) = (5, 6)
    shared.learningRateCentre = .given(LearningRateCentre(rate: 0.8))
    var expected = shared
    (expected.gamma, expected.hidden, expected.batches) = (0.9, LayerSizes([8]), .list([64]))
    #expect(own.completed(by: shared) == expected)
    #expect(PlanSettings().completed(by: shared) == shared)
    #expect(own.completed(by: PlanSettings()) == own)
  }

  @Test func `of an algorithm stay with it`() {
    var (own, shared) = (PlanSettings(), PlanSettings())
    (shared.algorithm, shared.gamma, shared.clipCoef, shared.updateEpochs) = (.ppo, 0.5, 0.1, 3)
    (shared.clipVloss, shared.numMinibatches) = (true, 2)
    own.algorithm = .ppo
    #expect(own.completed(by: shared) == shared)
    own.algorithm = .policyGradient
    #expect(own.completed(by: shared) == own)
    // Policy gradient is what a plan means that names none.
    shared.algorithm = nil
    #expect(own.completed(by: shared).gamma == 0.5)
    own.algorithm = .ppo
    #expect(own.completed(by: shared).gamma == nil)
  }

  @Test func `of an optimizer stay with it`() {
    var (own, shared) = (PlanSettings(), PlanSettings())
    (shared.momentum, shared.smoothing, shared.epsilon) = (0.5, 0.6, 0.7)
    own.optimizer = .sgd
    #expect(own.completed(by: shared) == own)
    own.optimizer = .adam
    #expect(own.completed(by: shared).momentum == 0.5)
  }

  @Test func `keep a task at its own learning rate`() {
    var (own, shared) = (PlanSettings(), PlanSettings())
    own.learningRateCentre = .auto
    shared.learningRateCentre = .given(LearningRateCentre(rate: 0.1))
    #expect(own.completed(by: shared).learningRateCentre == .auto)
  }
}
