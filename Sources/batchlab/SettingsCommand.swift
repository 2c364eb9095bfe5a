internal import ArgumentParser
internal import Records

/// `batchlab settings`
struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings",
    abstract: "List every setting with its key in a plan and its option, as a Markdown table.")

  func run() { standardOutput(document: SettingsTable.standard.reference) }
}
