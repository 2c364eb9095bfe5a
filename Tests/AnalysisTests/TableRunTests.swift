import Testing

@testable import Analysis

/// Runs that never reached their target, runs that are there twice, and means of runs.
struct TableRunTests {
  @Test(arguments: ["", "nan", "NaN", "NA", "N/A", "inf", "∞", "–", "None", "null", "not reached"])
  func `a run without updates never reached its target`(word: String) throws {
    let lines = ["batch,updates,total_updates", "16,100,140", "16,\(word),500"]
    let expected = [
      Run(batch: 16, updates: 100), Run(batch: 16, updates: 500, isCensored: true),
    ]
    #expect(try RunTable(lines).runs == expected)
  }

  @Test(arguments: [
    ("batch,updates,last_update", "16,,500"), ("batch,samples,total_samples", "16,,8000"),
    ("batch,updates,total_timesteps", "16,,8000"),
    ("batch,updates,total_updates,total_observations", "16,,500,8000"),
    ("batch,updates,observations,total_observations", "16,nan,,8000"),
    ("batch,updates,total_updates,censored", "16,,500,yes"),
    ("batch,updates,censored", "16,500,1"), ("batch,updates,total_updates,censored", "16,500,,1"),
  ])
  func `says how far it got`(header: String, line: String) throws {
    #expect(
      try RunTable([header, line]).runs == [Run(batch: 16, updates: 500, isCensored: true)])
  }

  @Test func `a named column says how far it got`() throws {
    let table = try RunTable(
      ["batch,updates,budget", "16,,8000"], columns: "total_observations=budget")
    #expect(table.runs == [Run(batch: 16, updates: 500, isCensored: true)])
  }

  @Test(arguments: [
    (
      "batch,updates\n16,\n",
      """
      runs.csv:2: the run never reached its target, so it must say how far it got, in a column \
      total_updates or total_observations
      """
    ),
    (
      "batch,updates,budget\n16,nan,8000\n",
      """
      runs.csv:2: the run never reached its target, so it must say how far it got, in a column \
      total_updates or total_observations; if budget says that, add --columns total_updates=budget or \
      --columns total_observations=budget
      """
    ),
    // Two unclear columns settle each other, and the one that is empty here says nothing.
    (
      "num_envs,num_steps,global_step,iterations\n2,8,1600,100\n2,8,,\n",
      """
      runs.csv:3: the run never reached its target, so it must say how far it got, in a column \
      total_updates or total_observations
      """
    ),
    (
      "batch,updates,total_updates,censored\n16,,500,no\n",
      "runs.csv:2: censored says that the run reached its target, but there is no number of updates"
    ),
    (
      "batch,updates,total_updates,total_observations\n16,,500,7999\n",
      """
      runs.csv:2: total_observations must be total_updates × batch to within 1e-6, but 500 × 16 is \
      not 7999
      """
    ),
    (
      "batch,updates,censored\n16,5,\n",
      "runs.csv:2: censored must be 0, 1, true, false, yes or no, not ''"
    ),
    (
      "batch,updates,seed\n16,5,1.5\n", "runs.csv:2: seed must be a whole number, not '1.5'"
    ),
    (
      "batch,updates,seed\n16,5,18446744073709551615\n",
      "runs.csv:2: seed must be a whole number below 2^63, not '18446744073709551615'"
    ),
    (
      "batch,updates,seed\n16,5,1\n16,6,2\n1.6e1,7,1.0\n",
      "runs.csv:4: line 2 has a different result for the same task, target, batch and seed"
    ),
    (
      "batch,updates,seed,role,learning_rate\n16,5,1,x,0.1\n16,6,1,x,0.2\n",
      """
      runs.csv:3: line 2 has a different result for the same task, target, batch and seed; the lines \
      also differ in learning_rate: keep only one kind of run, or add the difference to the task's \
      name
      """
    ),
    (
      "batch,updates,run\n16,5,a\n16,6,a\n",
      "runs.csv:3: line 2 has a different result for the same task, target, batch and run"
    ),
    (
      "batch,updates,seed,censored\n16,5,1,0\n16,5,1,1\n",
      "runs.csv:3: line 2 has a different result for the same task, target, batch and seed"
    ),
  ])
  func `refuses runs that don't say what they are`(text: String, message: String) {
    #expect(RunTable.message(text) == message)
  }

  @Test func `counts a repeated run once and names it`() throws {
    let table = try RunTable([
      "target,batch,updates,observations,seed,note", "0,16,100,,1,a", "0.0,1.6e1,,1600,1.0,b",
      "1,16,100,,1,c", "0,16,100,,2,d",
    ])
    #expect(table.groups.map(\.runs.count) == [2, 1])
    #expect(table.notes == ["runs.csv: line 3 repeats line 2; the run counts once"])
  }

  @Test func `names at most ten repeated lines`() throws {
    let lines = ["batch,updates,seed"] + Array(repeating: "16,100,1", count: 14)
    let notes = try RunTable(lines).notes
    #expect(notes.count == 11)
    #expect(
      notes.last == "runs.csv: further lines that repeat earlier ones: 3; each run counts once")
  }

  @Test func `without seeds every line is a run`() throws {
    let table = try RunTable(["batch,updates", "16,100", "16,100"])
    #expect(table.runs.count == 2 && table.notes.isEmpty)
  }

  @Test(arguments: [
    ("batch,updates,standard_error", "16,100,5"), ("batch,samples,standard_error", "16,1600,80"),
    ("batch,updates,log_standard_error", "16,100,0.05"),
    ("batch,updates,observations,log_standard_error", "16,100,1600,5e-2"),
  ])
  func `reads the standard error of a mean`(header: String, line: String) throws {
    var run = Run(batch: 16, updates: 100)
    run.logStandardError = 0.05
    #expect(try RunTable([header, line]).runs == [run])
  }

  @Test(arguments: ["standard_error", "log_standard_error"])
  func `a standard error of 0 is the smallest`(column: String) throws {
    let table = try RunTable(["batch,updates,\(column)", "16,100,0", "8,190,0.0"])
    let smallest = SeedDeviation.smallest
    #expect(table.runs.map(\.logStandardError) == [smallest, smallest])
  }

  @Test func `a run that never got there has no standard error`() throws {
    let lines = ["batch,updates,standard_error,total_updates", "16,100,5,", "8,,,500"]
    #expect(try RunTable(lines).runs.map(\.logStandardError) == [0.05, nil])
  }

  @Test(arguments: [
    (
      "batch,updates,standard_error\n16,100,5\n8,90,4\n16,101,5\n",
      "runs.csv:4: batch 16 is also in line 2, but with standard errors a batch has one value"
    ),
    (
      "batch,updates,standard_error\n16,100,5\n8,90,\n",
      "runs.csv:3: the standard error is missing; other lines of the same task and target have one"
    ),
    (
      "batch,updates,standard_error\n16,100,-1\n",
      "runs.csv:2: standard_error must be a positive number, not '-1'"
    ),
    (
      "batch,updates,observations,standard_error\n16,100,1600,5\n",
      """
      runs.csv:1: standard_error may be that of updates or of observations; give \
      log_standard_error, that of the logarithm of either
      """
    ),
    (
      "batch,updates,standard_error,log_standard_error\n16,100,5,0.05\n",
      "runs.csv:1: the header has standard_error and log_standard_error; one is enough"
    ),
  ])
  func `refuses standard errors that fit no value`(text: String, message: String) {
    #expect(RunTable.message(text) == message)
  }
}
