public import Archive
public import ArgumentParser
internal import Records

extension Archive.Export.Format: ExpressibleByArgument {}

extension ArchiveCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a study as CSV files, or as one Monitor file for each trial.",
      discussion: "Example: batchlab archive export Results/mine --format monitor")

    @Argument(help: "Folder of a study.")
    var study: String
    @Option(help: "Folder of the files. Default: export in the study's folder.")
    var output: String?
    @Option(help: "csv (trials.csv and curves.csv) or monitor (the format of Stable-Baselines3).")
    var format = Archive.Export.Format.csv

    func run() throws {
      guard output != "" else {
        throw Refusal.usage("--output needs the name of a folder")
      }
      let export = try Reading.files(of: study) { () throws(ArchiveError) in
        try Archive.Export(study: study, to: output ?? study + "/export", format: format)
      }
      if export.files.count <= 2 {
        standardOutput(export.files.joined(separator: "\n"))
      } else {
        standardOutput(
          "\(Format.grouped(export.files.count)) files in \(output ?? study + "/export")")
      }
    }
  }
}
