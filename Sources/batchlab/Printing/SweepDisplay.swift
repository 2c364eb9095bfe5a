internal import Lab
internal import Records
internal import Synchronization

/// Shows the progress of a sweep on standard error: on a terminal a line for each running trial and
/// one for the study, elsewhere a line for each finished trial.
final class SweepDisplay: Sendable {
  private struct Lane {
    var settings: TrialSettings
    var start = ContinuousClock.now
    var observationsBefore: Observations
    var progress: TrialProgress?
  }

  private struct State {
    var lines = StatusLines()
    var lanes: [Int: Lane] = [:]
    /// Lanes whose last checkpoint could not be written. Each failure is reported once.
    var unsaved: Set<Int> = []
    var finished = 0
    /// What is said before the first trial begins.
    var doubts: [String] = []
    var study = ""
    var drawn = ContinuousClock.now
  }

  private let state = Mutex(State())
  private let folder: String

  init(_ folder: String, doubts: [String]) {
    self.folder = folder
    state.withLock { $0.doubts = doubts }
  }

  func show(_ event: Sweep.Event) {
    switch event {
    case .resumed(let trials, let droppedBytes):
      if droppedBytes > 0 {
        say(
          "removed \(Format.counted(droppedBytes, "byte")) of an incomplete record;"
            + " its trial runs again")
      }
      if trials > 0 {
        say(
          "\(Format.counted(trials, "trial")) \(trials == 1 ? "is" : "are") already in the archive")
      }
    case .grows(let growth): say("\(folder) grows: \(growth)")
    case .finished(let trial): note(trial)
    case .sealed: clear()
    }
  }

  func show(lane: Int, _ news: Sweep.LaneNews) {
    switch news {
    case .began(let settings, let after, let observations):
      let doubts = state.withLock { state in
        defer { state.doubts = [] }
        return state.doubts
      }
      doubts.forEach(say)
      if after > .zero {
        say("\(name(settings)): continues after \(Format.counted(after.value, "update"))")
      }
      state.withLock {
        $0.lanes[lane] = Lane(settings: settings, observationsBefore: observations)
      }
    case .progress(let progress):
      guard StatusLines.isTerminal else { return }
      state.withLock { state in
        state.lanes[lane]?.progress = progress
        draw(&state)
      }
    case .saved(nil): state.withLock { _ = $0.unsaved.remove(lane) }
    case .saved(let error?):
      guard state.withLock({ $0.unsaved.insert(lane).inserted }) else { return }
      say("\(error); the trial continues without a new checkpoint")
    case .discarded(let error): say("\(error); the trial starts over")
    case .rests: state.withLock { $0.lanes[lane] = nil }
    }
  }

  /// Removes the lines.
  func clear() { state.withLock { $0.lines.clear() } }

  private func say(_ sentence: String) {
    state.withLock {
      $0.lines.clear()
      standardError(sentence)
    }
  }

  private func note(_ trial: Sweep.FinishedTrial) {
    let cells = "\(trial.cellsDone)/\(trial.cells) cells"
    let left = trial.secondsLeft.map { "  about \(Format.seconds($0)) left" } ?? ""
    state.withLock { state in
      state.finished += 1
      state.study = "\(cells)  \(Format.counted(state.finished, "trial"))\(left)"
      if !StatusLines.isTerminal {
        state.lines.show(["\(cells)  \(describe(trial))\(left)"])
      }
    }
  }

  private func name(_ settings: TrialSettings) -> String {
    "\(settings.taskVariant)  batch \(settings.size.text)"
      + "  lr \(Format.number(settings.learningRate))"
      + "  \(settings.role.rawValue) seed \(settings.seed)"
  }

  private func describe(_ trial: Sweep.FinishedTrial) -> String {
    let result =
      trial.outcome.crossings.last?.updates.map { "S \(Format.number($0))" }
      ?? trial.outcome.ending.rawValue
    return "\(name(trial.settings))  \(result)  \(Format.seconds(trial.outcome.seconds))"
  }

  private func draw(_ state: inout State) {
    guard state.drawn.duration(to: .now) > StatusLines.interval else { return }
    state.drawn = .now
    let lanes = state.lanes.sorted { $0.key < $1.key }.map { describe($0.value) }
    state.lines.show(lanes + [state.study.isEmpty ? "running the first trials" : state.study])
  }

  private func describe(_ lane: Lane) -> String {
    guard let progress = lane.progress else { return name(lane.settings) }
    let score = Format.score(progress.score)
    let target = lane.settings.targets.last.map { "\(score) of \(Format.shortest($0))" } ?? score
    let observations = progress.observations.value - lane.observationsBefore.value
    let seconds = lane.start.duration(to: .now) / .seconds(1)
    let speed = Double(observations) / seconds
    return
      "\(name(lane.settings))  update \(Format.grouped(progress.updates.value))  score \(target)"
      + "  \(Format.number(speed)) steps/s"
  }

  deinit { clear() }
}
