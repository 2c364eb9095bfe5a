internal import Archive
internal import Lab
internal import Records
internal import Synchronization

/// The event file of a run. If writing it fails, a message says so and the run continues.
final class EventLog {
  private var scalars: TrialScalars?

  init(folder: String, after observations: Observations) throws(ArchiveError) {
    scalars = try TrialScalars(folder: folder, after: observations)
  }

  func add(_ progress: TrialProgress) {
    do throws(ArchiveError) { try scalars?.add(progress) } catch {
      scalars = nil
      standardError("\(error); the run continues without its event file")
    }
  }
}

/// The event files of a sweep: a folder for each trial, in folders of its task, batch and learning
/// rate. Its name ends with the start of the trial's id, so that several studies can share a
/// folder.
final class EventFolder: Sendable {
  private let folder: String
  /// The current event file of each lane.
  private let logs = Mutex<[Int: EventLog]>([:])

  init(_ folder: String) { self.folder = folder }

  func note(lane: Int, _ news: Sweep.LaneNews) {
    logs.withLock { logs in
      switch news {
      case .began(let settings, _, let observations):
        logs[lane] = nil
        do throws(ArchiveError) {
          logs[lane] = try EventLog(folder: try path(settings), after: observations)
        } catch {
          standardError("\(error); the trial continues without its event file")
        }
      case .progress(let progress): logs[lane]?.add(progress)
      case .rests: logs[lane] = nil
      case .saved, .discarded: break
      }
    }
  }

  private func path(_ settings: TrialSettings) throws(ArchiveError) -> String {
    let size = settings.exchangeRate.map { "exchange-rate-\(Format.shortest($0))" }
    return [
      folder, settings.taskVariant.fileName, size ?? "batch-\(settings.batch.value)",
      "learning-rate-\(Format.shortest(settings.learningRate))",
      "\(settings.role.rawValue)-\(settings.seed)-\(try trialID(of: settings).prefix(8))",
    ].joined(separator: "/")
  }
}
