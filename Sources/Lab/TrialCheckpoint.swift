internal import Archive
internal import Foundation
internal import Learning
internal import Records

/// The file of a trial's checkpoint and how often it is written.
public struct Checkpoints: Sendable {
  var file: String
  var interval: Duration
  /// A run that is interrupted sooner is not saved.
  var shortestRun: Duration
  /// Whether a run that ends at its limit is saved, so that it can go on with a larger one.
  var savesEnd: Bool

  public init(
    file: String, interval: Duration = .seconds(60), shortestRun: Duration = .zero,
    savesEnd: Bool = false
  ) {
    self.savesEnd = savesEnd
    self.file = file
    self.interval = interval
    self.shortestRun = shortestRun
  }
}

/// A trial between two updates, as its file holds it: a property list within a zstd frame.
///
/// Tasks and streams are saved as raw memory, and bits are reproducible only on the same kind of
/// machine. So a checkpoint belongs to the build and the kind of machine that wrote it.
struct TrialCheckpoint: Codable {
  /// What must be equal for the trial to continue bit for bit.
  struct Origin: Codable, Hashable {
    var trial: String
    var limit: Observations
    var build: String
    var processor: String
    var engine: String
    var library: String

    init(of settings: TrialSettings) throws(ArchiveError) {
      let provenance = Provenance.current
      trial = try trialID(of: settings)
      limit = settings.limit
      build = buildFingerprint
      processor = provenance.cpu
      engine = provenance.openblas
      library = provenance.libc
    }

    /// Why a trial of this origin can't continue from a checkpoint of another one; `nil` if it can.
    func difference(from other: Origin) -> String? {
      if limit < other.limit { return "it was written by a run to more observations" }
      if trial != other.trial { return "it was written by a trial with other settings" }
      if build != other.build { return "it was written by another build of batchlab" }
      if processor != other.processor { return "it was written on another processor" }
      if engine != other.engine { return "it was written with another OpenBLAS" }
      if library != other.library { return "it was written with another C library" }
      return nil
    }
  }

  private struct Front: Codable { var origin: Origin }

  var origin: Origin
  var history: TrialHistory
  var tally: EvaluationTally
  var trainer: TrainerState
  /// Time that the run has taken so far.
  var time: Duration

  init(
    of settings: TrialSettings, history: TrialHistory, tally: EvaluationTally,
    trainer: TrainerState, time: Duration
  ) throws(ArchiveError) {
    origin = try Origin(of: settings)
    self.history = history
    self.tally = tally
    self.trainer = trainer
    self.time = time
  }

  /// Reads the checkpoint of a trial with these settings, or with a smaller limit: up to there, both
  /// are the same.
  init(reading file: String, for settings: TrialSettings) throws(ArchiveError) {
    guard let content = try CheckpointFile.read(file) else {
      throw .unusableCheckpoint(file, "there is no such file")
    }
    let decoder = PropertyListDecoder()
    do {
      let found = try decoder.decode(Front.self, from: Data(content)).origin
      var own = settings
      own.limit = min(found.limit, settings.limit)
      if let difference = try Origin(of: own).difference(from: found) {
        throw ArchiveError.unusableCheckpoint(file, difference)
      }
      self = try decoder.decode(Self.self, from: Data(content))
      guard trainer.isPlausible, tally.isPlausible else {
        throw ArchiveError.unusableCheckpoint(file, "a number in it is out of range")
      }
      origin = try Origin(of: settings)
    } catch let error as ArchiveError {
      throw error
    } catch {
      throw .unusableCheckpoint(file, "its contents are not those of a checkpoint")
    }
    history.rejoin()
  }

  func write(to file: String) throws(ArchiveError) {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    let content: Data
    do { content = try encoder.encode(self) } catch {
      throw .unusableCheckpoint(file, "the trial can't be encoded: \(error)")
    }
    try CheckpointFile.write([UInt8](content), to: file)
  }
}

/// SHA-256 of the running program.
private let buildFingerprint: String = {
  var fingerprint = Fingerprint()
  fingerprint.add([UInt8]((try? Data(contentsOf: URL(filePath: "/proc/self/exe"))) ?? Data()))
  return fingerprint.text
}()
