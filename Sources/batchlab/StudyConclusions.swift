internal import Analysis
internal import Archive
internal import Foundation
internal import Records

extension Study {
  /// What the rows say; written beside them as `fits.json` where the study is sealed. A folder
  /// that can't be written only costs that file.
  func conclude(seed: Int = 1, resamples: Int = 2000) throws(Refusal) -> Conclusions {
    let conclusions = Conclusions(
      of: trials, study: URL(fileURLWithPath: folder).lastPathComponent, digest: digest,
      traits: TaskTraits.ofCatalogue, seed: seed, resamples: resamples)
    guard isSealed else { return conclusions }
    let document = try jsonDocument(conclusions)
    do {
      try write(conclusions: [UInt8](document) + [UInt8(ascii: "\n")])
    } catch {
      standardError("fits.json was not written: \(error.description)")
    }
    return conclusions
  }
}
