import Testing

@testable import Analysis

/// Headers as other programs write them.
struct TableColumnTests {
  @Test(arguments: [
    ("batch_size,updates", "16,100"), ("Batch Size,Updates", "16,100"),
    ("batch,samples", "16,1600"), ("batch,examples", "16,1600"), ("batch,frames", "16,1600"),
    ("batch,timesteps", "16,1600"), ("num_envs,num_steps,updates", "2,8,100"),
    ("batch,num_envs,num_steps,updates", "16,2,8,100"), ("batch,updates,steps", "16,100,7"),
    ("batch,samples,iterations", "16,1600,7"), (",batch,updates", "0,16,100"),
    ("batch,steps,global_step", "16,100,1600"), ("global_step,batch,iter", "1600,16,100"),
  ])
  func `knows other names`(header: String, line: String) throws {
    #expect(try RunTable([header, line]).runs == [Run(batch: 16, updates: 100)])
  }

  @Test func `knows goals, trials and runs`() throws {
    let table = try RunTable(["goal,batch,updates,trial", "0.9,16,100,3", "0.9,16,90,4"])
    #expect(table.groups.map(\.question.target?.value) == [0.9])
    #expect(table.runs.map(\.seed) == [3, 4])
    let both = try RunTable(["run,batch,updates,seed", "3kx0,16,100,7", "9ab,16,90,8"])
    #expect(both.runs.map(\.seed) == [7, 8])
  }

  @Test func `numbers runs that have names`() throws {
    let table = try RunTable(
      ["run,batch,updates", "3kx0,16,100", "9ab,16,100", "3kx0,16,100", "12,32,60", ",32,61"])
    #expect(table.runs.map(\.seed) == [1, 2, 3, nil])
    #expect(table.notes == ["runs.csv: line 4 repeats line 2; the run counts once"])
    let named = try RunTable(["Name,batch,updates", "a,16,100"], columns: "seed=Name")
    #expect(named.runs.map(\.seed) == [1])
  }

  @Test(arguments: [
    ("bs,iter", "batch=bs,updates=iter"), ("bs,iter", "batch=BS, updates=iter"),
    ("batch,steps", "updates=steps"), ("bs,batch", "batch=bs,updates=batch"),
  ])
  func `columns can be named`(header: String, columns: String) throws {
    #expect(
      try RunTable([header, "16,100"], columns: columns).runs == [Run(batch: 16, updates: 100)])
  }

  @Test func `a named column counts, whatever the others say`() throws {
    let lines = ["batch_size,num_envs,num_steps,global_step,updates", "256,2,8,1600,3"]
    let table = try RunTable(
      lines, columns: "batch=batch_size,observations=global_step,seed=updates")
    #expect(table.runs == [Run(batch: 256, seed: 3, updates: 6.25)])
  }

  @Test(arguments: [
    ("batch", "must be pairs such as batch=bs,updates=iter, not 'batch'"),
    ("", "must be pairs such as batch=bs,updates=iter, not ''"),
    ("batch=", "must be pairs such as batch=bs,updates=iter, not 'batch='"),
    ("bacth=bs", "'bacth' is not a known column; did you mean 'batch'?"),
    (
      "colour=red",
      """
      'colour' is not a known column; the names are batch, updates, observations, task, \
      target, seed, censored, standard_error, log_standard_error, total_updates, \
      total_observations, num_envs, num_steps
      """
    ),
    ("batch=a,batch=b", "batch is given twice"),
    ("batch=a,updates=a", "the column 'a' can't mean two things"),
  ])
  func `refuses names that say nothing`(columns: String, message: String) {
    #expect(RunTable.message("batch,updates\n1,2\n", columns: columns) == message)
  }

  @Test(arguments: [
    (
      "bs,updates", "batch=bz",
      "runs.csv:1: the header has no column 'bz', which --columns names; did you mean 'bs'?"
    ),
    ("bs,bs,updates", "batch=bs", "runs.csv:1: the header has the column bs twice"),
    (
      "bs,updates", nil,
      "runs.csv:1: the header has no column batch; if it has another name, add --columns batch=NAME"
    ),
    (
      "batch,steps", nil,
      """
      runs.csv:1: steps may be updates or observations; say which with --columns updates=steps or \
      --columns observations=steps
      """
    ),
    (
      "batch,global_step", nil,
      """
      runs.csv:1: global_step may be updates or observations; say which with --columns \
      updates=global_step or --columns observations=global_step
      """
    ),
    (
      "batch,iterations,steps", nil,
      """
      runs.csv:1: iterations may be updates or observations; say which with --columns \
      updates=iterations or --columns observations=iterations
      """
    ),
    (
      "batch,Global Step", nil,
      """
      runs.csv:1: Global Step may be updates or observations; say which with --columns \
      updates='Global Step' or --columns observations='Global Step'
      """
    ),
    (
      "num_envs,updates", nil,
      "runs.csv:1: the header has no column num_steps; if it has another name, add --columns num_steps=NAME"
    ),
    (
      "batch,samples,frames", nil,
      """
      runs.csv:1: samples and frames could both be the column observations; choose one, as in \
      --columns observations=samples
      """
    ),
    (
      "batch_size,num_envs,num_steps,updates", nil,
      """
      runs.csv:2: batch_size must be num_envs × num_steps, but 2 × 3 is not 1; if it is right, add \
      --columns batch=batch_size
      """
    ),
  ])
  func `never guesses a column`(header: String, columns: String?, message: String) {
    let count = header.split(separator: ",").count
    let line = (1...count).map(String.init).joined(separator: ",")
    #expect(RunTable.message("\(header)\n\(line)\n", columns: columns) == message)
  }

  @Test(arguments: [
    ("censord", "censored"), ("standard_eror", "standard_error"), ("Seeds", "seed"),
    ("targt", "target"), ("last updte", "last_update"), ("learning_rate", nil), ("score", nil),
    ("entropy", nil), ("wall_time", nil),
  ])
  func `an ignored column that may be a typo is named`(title: String, meant: String?) throws {
    let table = try RunTable(["batch,updates,\(title)", "16,100,1"])
    #expect(
      table.notes
        == (meant.map { ["runs.csv:1: the column '\(title)' is ignored; did you mean '\($0)'?"] }
          ?? []))
  }

  @Test func `steps stay unclear where both readings fit`() {
    let message = RunTable.message("batch,steps,iterations\n1,5,5\n")
    #expect(message?.hasPrefix("runs.csv:1: steps may be updates or observations") == true)
  }
}
