internal import ArgumentParser
internal import Lab

/// `--threads` of the commands that train.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: """
      Number of threads of a run, or auto: one for each idle core, or a single one if that is \
      faster. Results don't depend on it.
      """)
  var threads = "auto"

  /// The number of threads; `nil` for auto.
  func count() throws(Refusal) -> Int? { try Self.count(threads) }

  static func count(_ word: String) throws(Refusal) -> Int? {
    if word == "auto" { return nil }
    guard let count = Int(word), (1...1024).contains(count) else {
      throw .usage("--threads must be a whole number from 1 to 1024 or auto, not '\(word)'")
    }
    return count
  }
}
