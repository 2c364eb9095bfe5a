internal import Archive
internal import Foundation
internal import Lab
internal import Records

/// The plan that a sweep is given, resolved, and where its study is.
struct GivenPlan {
  var plan: StudyPlan
  /// `--output`, or the study that keeps the plan, or a folder in Results with the name of the study
  /// or the file.
  var folder: String
  /// The plan as its user wrote it; empty if that is not known.
  var text: String

  init(_ path: String, output: String?) throws {
    let place = try PlanPlace(path)
    var name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    if let stored = place.stored {
      try stored.checkRuns(with: BatchLab.catalogue, file: path)
      plan = stored
    } else {
      let document = try place.document()
      plan = try document.resolved(with: BatchLab.catalogue)
      name = document.plan.study ?? name
    }
    folder = output ?? place.study ?? "Results/\(name)"
    text = place.text
  }
}
