public import Environments
internal import Records

extension Catalogue {
  /// The task with this name.
  ///
  /// - Throws: `PlanProblem` that offers the nearest name.
  public func task(named name: String) throws(PlanProblem) -> CatalogueEntry {
    if let entry = self[name] { return entry }
    let offer =
      nearest(name, among: map(\.facts.name)).map { "; did you mean '\($0)'?" }
      ?? "; 'batchlab tasks' lists them"
    throw PlanProblem(description: "unknown task '\(name)'\(offer)")
  }
}
