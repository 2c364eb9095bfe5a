internal import Lab
internal import Records

/// A script that runs a sweep as a Slurm job array, one job for each shard. `bash FILE` submits the
/// array, and a job that merges and fits the results afterwards; `sbatch --array=2 FILE` runs only
/// shard 2.
///
/// The script contains the number of shards and takes the index from the array task, so a shard
/// always has the same cells, whichever part of the array is submitted.
struct SlurmFile {
  /// Absolute path of the command.
  var command: String
  /// Absolute paths of the plan and of the study's folder.
  var plan: String
  var study: String
  var shards: Int
  var cpusPerTask: Int
  /// The time limit of a shard in Slurm's format; `nil` for the partition's.
  var time: String?
  /// Options of sbatch for both jobs.
  var options: [String]

  /// Seconds before the time limit at which Slurm signals a shard to save a checkpoint. The signal
  /// may come a minute early.
  static let margin = 120

  /// The name of the jobs and logs: the beginning of the study's, without characters that have a
  /// meaning in Slurm's patterns.
  private var name: String {
    let last = study.split(separator: "/").last ?? "study"
    return String(last.prefix(60).map { Format.isPlain($0) && !",:=".contains($0) ? $0 : "-" })
  }

  var text: String {
    """
    #!/bin/bash
    # A sweep in \(shards) shards, written by batchlab \(packageVersion).
    #
    #   bash FILE               all shards, and a job after them that merges and reports
    #   sbatch --array=\(shards - 1) FILE   shard \(shards - 1) alone, once more
    #
    # Logs go to the folder in which the jobs are submitted.
    \(directives(name, [
      "--array=0-\(shards - 1)", "--cpus-per-task=\(cpusPerTask)",
      "--output=\(name)-%a.log", "--signal=B:USR1@\(Self.margin)", "--requeue",
    ] + (time.map { ["--time=\($0)"] } ?? [])))

    if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
      array=$(sbatch --parsable "$@" "$0") || exit
      report=$(sbatch --parsable --dependency="afterok:${array%%;*}" <<'REPORT'
    #!/bin/bash
    \(directives("\(name)-report", [
      "--output=\(name)-report.log", "--kill-on-invalid-dep=yes",
    ]))
    \(Format.shellWord(command)) archive merge \(Format.shellWord(study)) || exit
    \(Format.shellWord(command)) fit \(Format.shellWord(study))
    REPORT
      ) || exit
      echo "shards: job ${array%%;*}, logs \(name)-*.log"
      echo "report: job ${report%%;*}, log \(name)-report.log"
      exit
    fi

    # Slurm signals this shell, which passes the signal on and waits until everything is saved.
    trap 'kill -USR1 "$!"' USR1
    trap 'kill -TERM "$!"' TERM
    \(Format.shellWord(command)) sweep \(Format.shellWord(plan)) \\
      --output \(Format.shellWord(study)) --shard "$SLURM_ARRAY_TASK_ID/\(shards)" &
    sweep=$!
    while wait "$sweep"; kill -0 "$sweep" 2> /dev/null; do :; done
    wait "$sweep"
    status=$?

    # 75: stopped before the time limit. The task is requeued by its index in the array, because
    # the job number of the last task would stand for the whole array.
    if [ "$status" = 75 ]; then
      scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
    fi
    exit "$status"

    """
  }

  private func directives(_ jobName: String, _ own: [String]) -> String {
    let lines = (["--job-name=\(jobName)", "--open-mode=append"] + own).map { [$0] }
    return (lines + (options.isEmpty ? [] : [options])).map { words in
      "#SBATCH " + words.map(Self.directiveWord).joined(separator: " ")
    }.joined(separator: "\n")
  }

  /// A word for an sbatch directive, quoted if necessary.
  private static func directiveWord(_ word: String) -> String {
    if !word.isEmpty, word.allSatisfy({ Format.isPlain($0) || "%@".contains($0) }) { return word }
    return "\"" + word.flatMap { $0 == "\\" || $0 == "\"" ? ["\\", $0] : [$0] } + "\""
  }

  /// Seconds of a time limit: `minutes`, `minutes:seconds`, `hours:minutes:seconds`,
  /// `days-hours`, `days-hours:minutes` or `days-hours:minutes:seconds`; `nil` for another text.
  static func seconds(ofLimit text: String) -> Int? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let fields = parts[parts.count - 1].split(separator: ":", omittingEmptySubsequences: false)
    let digits = fields + parts.dropLast()
    guard parts.count <= 2, fields.count <= 3,
      digits.allSatisfy({ (1...6).contains($0.count) && $0.allSatisfy("0123456789".contains) })
    else { return nil }
    let numbers = fields.compactMap { Int($0) }
    let units: [Int]
    switch (parts.count, numbers.count) {
    case (2, _): units = [3600, 60, 1]
    case (_, 3): units = [3600, 60, 1]
    default: units = [60, 1]
    }
    let days = parts.count == 2 ? Int(parts[0]) ?? 0 : 0
    return zip(numbers, units).reduce(days * 86_400) { $0 + $1.0 * $1.1 }
  }
}
