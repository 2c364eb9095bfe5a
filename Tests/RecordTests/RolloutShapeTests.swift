import Records
import Testing

struct RolloutShapeTests {
  @Test func `a batch is made of environments at the full horizon, and below it of one`() {
    let full = RolloutShape(batch: 96, horizon: 32)
    #expect(full.numEnvs == 3 && full.numSteps == 32 && !full.isShortened)
    let equal = RolloutShape(batch: 32, horizon: 32)
    #expect(equal.numEnvs == 1 && equal.numSteps == 32 && !equal.isShortened)
    let short = RolloutShape(batch: 31, horizon: 32)
    #expect(short.numEnvs == 1 && short.numSteps == 31 && short.isShortened)
  }
}
