internal import Archive
public import Environments
public import Records

extension StudyPlan {
  /// Refuses a stored plan that this version would not measure as it is meant: one of other numerics
  /// or rules, or with a value that can't work here.
  public func checkRuns(with catalogue: Catalogue, file: String) throws {
    guard numerics == numericsVersion else {
      throw PlanProblem(
        description:
          "\(file): the plan is of version \(numerics) of the numerics, and this batchlab"
          + " measures with version \(numericsVersion): its results can be read, and nothing can be"
          + " added to them")
    }
    let again = try PlanReader.document(yaml(), file: file).resolved(with: catalogue)
    if let difference = firstDifference(from: again) {
      throw PlanProblem(
        description: "\(file): this batchlab would measure another plan: \(difference)")
    }
  }
}
