public import Archive
public import ArgumentParser
internal import Records

extension Archive.Export.Format: ExpressibleByArgument {}

extension ArchiveCommand {
  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the rows of a study as CSV, or as a Monitor file a trial.",
      discussion: "Example: batchlab archive export Results/mine --format monitor")

    @Argument(help: "Folder of a study.")
    var study: String
    @Option(help: "Folder of the files; 'export' in that of the study if not given.")
    var output: String?
    @Option(help: "csv: trials.csv and curves.csv; monitor: the form of Stable-Baselines3.")
    var format = Archive.Export.Format.csv

    func run() throws {
      guard output != "" else {
        throw Refusal.usage("--output must name a folder, not nothing")
      }
      let export = try refusing(Refusal.failure) { () throws(ArchiveError) in
        try Reading.files(of: study) { () throws(ArchiveError) in
          try Archive.Export(study: study, to: output ?? study + "/export", format: format)
        }
      }
      if export.files.count <= 2 {
        print(export.files.joined(separator: "\n"))
      } else {
        print("\(Format.grouped(export.files.count)) files in \(output ?? study + "/export")")
      }
    }
  }
}
