import Foundation
import Records
import TestSupport
import Testing

@testable import Archive

struct ExportTests {
  private func lines(_ scratch: Scratch, _ file: String) throws -> [String] {
    String(decoding: try scratch.bytes(file), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func `the columns of CSV are those of the archive`() throws {
    let scratch = try Scratch()
    try store([0, 1, 2], in: scratch, sealing: true)
    let output = scratch.path + "/csv"
    let export = try Export(study: scratch.study, to: output, format: .csv)
    #expect(export.files == [output + "/trials.csv", output + "/curves.csv"])
    for (file, csv) in [(scratch.trials, "trials.csv"), (scratch.curves, "curves.csv")] {
      let rows = try objects(try scratch.bytes(file)).dropLast()
      let formal = ["kind", "schema", "rows", "trials", "digest", "frames_digest"]
      let names = Set(rows[0].keys).subtracting(formal).sorted()
      let text = try lines(scratch, output + "/" + csv)
      #expect(text[0] == names.joined(separator: ","))
      #expect(text.count == rows.count + 1)
      for (row, line) in zip(rows, text.dropFirst()) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        try #require(fields.count == names.count)
        for (name, field) in zip(names, fields) {
          switch row[name] {
          case is NSNull: #expect(field.isEmpty, "\(name)")
          case let text as String: #expect(field == text, "\(name)")
          case let number as NSNumber:
            // JSONSerialization's numbers are true and false, too.
            let expected = ["true": 1, "false": 0][field] ?? Double(field)
            #expect(expected == number.doubleValue, "\(name)")
          default: Issue.record("\(name)")
          }
        }
      }
    }
  }

  @Test func `texts are quoted where necessary`() throws {
    let scratch = try Scratch()
    do {
      var archive = try StudyArchive(folder: scratch.study, plan: makePlan())
      try archive.append(try makeTrial(host: "a \"big\", loud\nmachine"))
    }
    _ = try Export(study: scratch.study, to: scratch.path, format: .csv)
    let text = String(decoding: try scratch.bytes(scratch.path + "/trials.csv"), as: UTF8.self)
    #expect(text.contains(",\"a \"\"big\"\", loud\nmachine\","))
  }

  @Test func `a monitor file adds up to the observations of each point`() throws {
    let scratch = try Scratch()
    try store([0, 1], in: scratch)
    let export = try Export(study: scratch.study, to: scratch.path + "/out", format: .monitor)
    let id = try makeTrial(seed: 1).id
    #expect(export.files.contains(scratch.path + "/out/\(id).monitor.csv"))
    #expect(export.files.count == 2)
    #expect(
      try lines(scratch, scratch.path + "/out/\(id).monitor.csv") == [
        "#{\"t_start\": 0.0, \"env_id\": \"catch\"}", "r,l,t", "0.0,0,0.0", "0.1,160,15.0",
        "0.99,1424,148.5",
      ])
  }

  @Test func `an existing file is not overwritten, and none is written`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch)
    let taken = scratch.path + "/curves.csv"
    try scratch.write([1, 2], to: taken)
    let error = #expect(throws: ArchiveError.self) {
      try Export(study: scratch.study, to: scratch.path, format: .csv)
    }
    #expect(error?.description == "\(taken) already exists and is not overwritten")
    #expect(try scratch.bytes(taken) == [1, 2])
    #expect(!scratch.exists(scratch.path + "/trials.csv"))
  }

  @Test func `a damaged study is not exported`() throws {
    let scratch = try Scratch()
    try store([0], in: scratch, sealing: true)
    var bytes = try scratch.bytes(scratch.trials)
    bytes[60] ^= 4
    try scratch.write(bytes, to: scratch.trials)
    #expect(throws: ArchiveError.self) {
      try Export(study: scratch.study, to: scratch.path + "/out", format: .csv)
    }
    #expect(!scratch.exists(scratch.path + "/out"))
  }
}
