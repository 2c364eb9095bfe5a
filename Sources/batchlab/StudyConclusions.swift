internal import Analysis
internal import Archive
internal import Foundation
internal import Records

extension Study {
  /// Fits the study's rows. If the study is sealed and `saves` is set, the results are also written
  /// to `fits.json`; if that fails, only a message says so.
  func conclude(
    mean: SeedMean = .geometric, seed: Int = 1, resamples: Int = 2000, saves: Bool = true
  ) throws(Refusal) -> Conclusions {
    let conclusions = Conclusions(
      of: trials, study: URL(fileURLWithPath: folder).lastPathComponent, digest: digest,
      traits: TaskTraits.ofCatalogue, mean: mean, seed: seed, resamples: resamples)
    guard isSealed, saves else { return conclusions }
    let document = try json(conclusions)
    do {
      try write(conclusions: document + [UInt8(ascii: "\n")])
    } catch {
      standardError("fits.json was not written: \(error.description)")
    }
    return conclusions
  }
}
