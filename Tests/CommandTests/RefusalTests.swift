import CommandSupport
import Foundation
import TestSupport
import Testing

/// What can't work is refused in one sentence that names it, with a status that says so.
struct RefusalTests {
  struct Case: CustomTestStringConvertible {
    var arguments: String
    var sentence: String
    var status: Int32 = 64
    var testDescription: String { arguments }
  }

  @Test(arguments: [
    Case(arguments: "train pogn", sentence: "unknown task 'pogn'; did you mean 'pong'?"),
    Case(arguments: "train", sentence: "'<task>'"),
    Case(arguments: "bench pogn", sentence: "no workload's name contains 'pogn'; they are pg-grid"),
    Case(arguments: "trian pong", sentence: "unknown command 'trian'; did you mean 'train'?"),
    Case(
      arguments: "xyzzy",
      sentence: "unknown command 'xyzzy'; the commands are tasks, settings, watch,"),
    Case(arguments: "train pong --bacth 64", sentence: "'--bacth'"),
    Case(
      arguments: "train pong --batch 0", sentence: "a batch must be a positive whole number, not 0"),
    Case(
      arguments: "train pong --batch -5",
      sentence: "a batch must be a positive whole number, not -5"),
    Case(
      arguments: "train pong --batch=-5",
      sentence: "a batch must be a positive whole number, not -5"),
    Case(arguments: "train pong --batch 16..", sentence: "'16..'"),
    Case(
      arguments: "train grid-goal-8 --batch 100",
      sentence: "batch 100 is not a multiple of the horizon 16; the nearest are 96 and 112"),
    Case(arguments: "train pong --learning-rate nan", sentence: "--learning-rate must be above 0"),
    Case(arguments: "train pong --learning-rate 0", sentence: "--learning-rate must be above 0"),
    Case(
      arguments: "train pong --learning-rate -1e-3", sentence: "--learning-rate must be above 0"),
    Case(
      arguments: "train pong --learning-rate=-1e-3", sentence: "--learning-rate must be above 0"),
    Case(
      arguments: "train pong --gamma 1.5",
      sentence: "--gamma must be a number from 0 to 1, not '1.5'"),
    Case(
      arguments: "train pong --clip-coef 0.2",
      sentence: "--clip-coef is a setting of ppo, not of pg"),
    Case(
      arguments: "train pong --target-kl 0.02",
      sentence: "--target-kl is a setting of ppo, not of pg"),
    Case(
      arguments: "train pong --momentum 0.5",
      sentence: "--momentum is a setting of sgd and rmsprop, not of adam"),
    Case(
      arguments: "train pong --optimizer sgd --beta1 0.5",
      sentence: "--beta1 is a setting of adam, not of sgd"),
    Case(
      arguments: "train quadratic --algorithm ppo",
      sentence: "'quadratic' has no policy, so ppo can't train it; use pg"),
    Case(
      arguments: "train quadratic --beta1 0.5",
      sentence: "'beta1' is a setting of adam, not of sgd, the default optimizer of 'quadratic'"),
    Case(
      arguments: "train quadratic --save point.safetensors",
      sentence: "--save writes a policy, and quadratic has none"),
    Case(
      arguments: "watch quadratic",
      sentence: "there is nothing to watch: quadratic has no policy"),
    Case(
      arguments: "train pong --batch 128 --num-envs 3",
      sentence: "--num-envs 3 contradicts --batch 128, which makes 2 environments at a horizon"),
    Case(arguments: "train pong --target 7", sentence: "target 7"),
    Case(
      arguments: "train pong --algorithm pp0",
      sentence: "--algorithm must be pg or ppo, not 'pp0'"),
    Case(arguments: "train pong --gae-lamda 1", sentence: "'--gae-lambda'"),
    Case(
      arguments: "trace pong --generator numpy",
      sentence: "'pong' does not come from a public package, so it has no numpy trace"),
    Case(arguments: "trace catch --generator torch", sentence: "'torch'"),
    Case(arguments: "trace catch --seed -1", sentence: "--seed must be at least 0"),
    Case(arguments: "trace catch --seed 4294967296", sentence: "--seed must be at least 0"),
    Case(arguments: "trace catch --steps 0", sentence: "--steps must be at least 1"),
    Case(
      arguments: "train pong --save @/nowhere/p.safetensors",
      sentence: "can't write nowhere/p.safetensors", status: 1),
    Case(arguments: "train pong --save @/.", sentence: "can't write .: Is a directory", status: 1),
    Case(arguments: "watch pogn", sentence: "unknown task 'pogn'; did you mean 'pong'?"),
    Case(arguments: "watch pong --speed 0", sentence: "--speed must be at least 0.01"),
    Case(arguments: "watch pong --steps -1", sentence: "--steps must be at least 0"),
    Case(
      arguments: "watch pong --policy @/missing",
      sentence: "missing is not a policy: there is no such file", status: 1),
    Case(
      arguments: "watch pong --policy @/bad.csv",
      sentence: "bad.csv is not a policy: its header would be longer than the file", status: 1),
    Case(arguments: "sweep", sentence: "a sweep needs a plan or --tasks"),
    Case(arguments: "sweep --tasks catch", sentence: "needs --output"),
    Case(arguments: "sweep --tasks ctach", sentence: "unknown task 'ctach'; did you mean 'catch'?"),
    Case(
      arguments: "sweep --tasks grid-goal-8 --batches 64,43010",
      sentence: "batch 43010 is not a multiple of the horizon 16; the nearest are 43008 and 43024"),
    Case(
      arguments: "sweep --tasks catch,pogn --output @/a",
      sentence: "unknown task 'pogn'; did you mean 'pong'?"),
    Case(
      arguments: "sweep --tasks catch --output @/a --batches 16..",
      sentence: "--batches must be A...B, A...B:factor or a list of different batches"),
    Case(
      arguments: "sweep --tasks grid-goal-8 --output @/a --batches 64,100",
      sentence: "batch 100 is not a multiple of the horizon 16; the nearest are 96 and 112"),
    Case(arguments: "sweep --tasks catch --output @/a --lanes 0", sentence: "--lanes must be"),
    Case(arguments: "sweep @/missing.yaml", sentence: "missing.yaml: no such file"),
    Case(
      arguments: "sweep @/misspelt.yaml",
      sentence: "misspelt.yaml:2: unknown key 'batchs'; did you mean 'batches'?"),
    Case(
      arguments: "sweep @/unknown.yaml",
      sentence: "unknown.yaml:3: unknown task 'pogn'; did you mean 'pong'?"),
    Case(
      arguments: "sweep @/far.yaml --dry-run",
      sentence: "far.yaml:3: target 7 of 'catch' must be above the score of a random policy"),
    Case(arguments: "sweep @/good.yaml --json", sentence: "--json works only with --dry-run"),
    Case(
      arguments: "sweep @/good.yaml --batches 64",
      sentence: "settings belong in the plan"),
    Case(
      arguments: "sweep @/good.yaml --clip-coef 0.1",
      sentence: "settings belong in the plan"),
    Case(arguments: "sweep @/good.yaml --tasks pong", sentence: "the plan has no task 'pong'"),
    Case(
      arguments: "sweep @/good.yaml --output @/good.yaml/below",
      sentence: "good.yaml/below", status: 1),
    Case(arguments: "sweep @/good.yaml --output /proc/nope", sentence: "/proc/nope", status: 1),
    Case(arguments: "slurm @/missing.yaml", sentence: "missing.yaml: no such file"),
    Case(
      arguments: "slurm @/unknown.yaml",
      sentence: "unknown.yaml:3: unknown task 'pogn'; did you mean 'pong'?"),
    Case(
      arguments: "slurm @/good.yaml --shards 0",
      sentence: "--shards must be from 1 to 8, the number of cells in good.yaml, not 0"),
    Case(
      arguments: "slurm @/good.yaml --shards 9",
      sentence: "--shards must be from 1 to 8, the number of cells in good.yaml, not 9"),
    Case(arguments: "slurm @/good.yaml --cpus-per-task 0", sentence: "--cpus-per-task must be"),
    Case(arguments: "slurm @/good.yaml --time soon", sentence: "days-hours, not 'soon'"),
    Case(arguments: "slurm @/good.yaml --time 4:59", sentence: "at least 5 minutes, not '4:59'"),
    Case(arguments: "slurm @/good.yaml -- -a3", sentence: "the script sets sbatch's -a itself"),
    Case(
      arguments: "slurm @/good.yaml -- --mem=4G --array=3",
      sentence: "the script sets sbatch's --array itself"),
    Case(arguments: "slurm @/good.yaml -- --dep=1", sentence: "sets sbatch's --dependency itself"),
    Case(arguments: "slurm @/good.yaml -- --arr 1", sentence: "sets sbatch's --array itself"),
    Case(arguments: "slurm @/good.yaml -- -Ha3", sentence: "the script sets sbatch's -a itself"),
    Case(arguments: "slurm @/good.yaml -- mem", sentence: "options of sbatch, such as"),
    Case(
      arguments: "slurm @/good.yaml -- --comment=a\nb", sentence: "can't contain a line break"),
    Case(
      arguments: "slurm @/good.yaml --file @/good.yaml", sentence: "good.yaml exists",
      status: 1),
    Case(
      arguments: "slurm @/good.yaml --file @/nowhere/a.sh", sentence: "can't write nowhere/a.sh",
      status: 1),
    Case(arguments: "fit @/missing.csv", sentence: "missing.csv does not exist", status: 1),
    Case(arguments: "fit ''", sentence: "'' does not exist", status: 1),
    Case(
      arguments: "fit @/bad.csv", sentence: "bad.csv:3: batch must be a positive number", status: 1),
    Case(
      arguments: "fit @/good.yaml",
      sentence: "good.yaml:1: expected a table with a header that names", status: 1),
    Case(
      arguments: "fit @/bad.csv --metric seconds",
      sentence: "--metric seconds needs a study, because a CSV file has no seconds"),
    Case(arguments: "fit @/bad.csv --metric hours", sentence: "'hours'"),
    Case(
      arguments: "fit @/bad.csv --cores 2",
      sentence: "--cores needs a study, because a CSV file has no seconds"),
    Case(arguments: "fit @/bad.csv --cores 0", sentence: "--cores must be at least 1"),
    Case(arguments: "fit @/bad.csv --cores 1e9", sentence: "and at most 65536"),
    Case(arguments: "fit @/bad.csv --cores all", sentence: "expected a whole number"),
    Case(arguments: "report @/nowhere --cores -1", sentence: "--cores must be at least 1"),
    Case(
      arguments: "report @/nowhere --cores 2 --watch",
      sentence: "--cores times updates, which a running sweep would slow down; leave out --watch"),
    Case(
      arguments: "train catch --threads 0",
      sentence: "--threads must be a whole number from 1 to 1024 or auto, not '0'"),
    Case(
      arguments: "sweep @/good.yaml --output @/new --threads many",
      sentence: "--threads must be a whole number from 1 to 1024 or auto, not 'many'"),
    Case(arguments: "noise catch --threads 1.5", sentence: "or auto, not '1.5'"),
    Case(arguments: "branch catch --threads -2", sentence: "or auto, not '-2'"),
    Case(arguments: "compare", sentence: "'<sources>"),
    Case(arguments: "compare @/nowhere", sentence: "nowhere does not exist", status: 1),
    Case(
      arguments: "compare @/nowhere --reference-batch 0", sentence: "--reference-batch must be"),
    Case(arguments: "archive list @/nowhere", sentence: "nowhere is not a study", status: 1),
    Case(arguments: "archive verify @/nowhere", sentence: "nowhere is not a study", status: 1),
    Case(arguments: "archive repair @/nowhere", sentence: "nowhere is not a study", status: 1),
    Case(arguments: "archive merge @/nowhere", sentence: "nowhere is not a study", status: 1),
    Case(arguments: "archive merge @/a @/b", sentence: "several studies need --output"),
    Case(arguments: "archive export @/nowhere", sentence: "nowhere is not a study", status: 1),
    Case(arguments: "archive export @/nowhere --format xml", sentence: "'xml'"),
  ])
  func `wrong input gets one sentence`(_ wrong: Case) async throws {
    let folder = try Scratch()
    try folder.write("tasks: [catch]\nbatchs: [64]\n", to: "misspelt.yaml")
    try folder.write("tasks: [catch]\n", to: "good.yaml")
    try folder.write("tasks:\n- task: catch\n  targets: [7]\n", to: "far.yaml")
    try folder.write("tasks:\n  - catch\n  - pogn\n", to: "unknown.yaml")
    try folder.write("batch,updates\n64,100\n-1,50\n", to: "bad.csv")
    let arguments = wrong.arguments.split(separator: " ").map(String.init)
    let result = await run(arguments, in: folder)
    #expect(result.status == wrong.status)
    #expect(result.output.isEmpty)
    #expect(result.errors.hasPrefix("batchlab: "), "\(result.errors)")
    #expect(result.errors.contains(wrong.sentence), "\(result.errors)")
    #expect(result.complaints.count == 2 && result.complaints.last == "", "\(result.errors)")
  }

  @Test(arguments: [["--help"], ["train", "--help"], ["--version"], []])
  func `help and version are not errors`(arguments: [String]) async throws {
    let result = await run(arguments, in: try Scratch())
    #expect(result.status == 0)
    #expect(result.errors.isEmpty)
    #expect(!result.output.isEmpty)
  }

  /// The other refusals are heard within the tests' own process.
  @Test(
    arguments: [("--version", 0), ("train pogn", 64), ("fit missing.csv", 1)] as [(String, Int32)])
  func `a process ends with the status, and says why on standard error`(
    arguments: String, status: Int32
  ) throws {
    let words = arguments.split(separator: " ").map(String.init)
    let result = try Command(words, in: try Scratch()).finish()
    #expect(result.status == status)
    #expect(result.output.isEmpty == (status != 0) && result.errors.isEmpty == (status == 0))
    #expect(result.complaints.count == (status == 0 ? 1 : 2), "\(result.errors)")
  }

  @Test func `output that can't be written is not a success`() throws {
    let line = try Command.executable() + " tasks > /dev/full"
    let result = try Command(["-c", line], in: try Scratch(), running: "/bin/sh").finish()
    #expect(result.status == 141)
    #expect(
      result.errors
        == "batchlab: standard output could not be written completely: No space left on device\n")
  }

  @Test func `an empty folder name is refused before anything is written`() async throws {
    let scratch = try Scratch()
    let result = await run("sweep", "--tasks", "catch", "--output", "", in: scratch)
    #expect(result.status == 64)
    #expect(result.errors.contains("--output needs the name of a folder"))
    #expect(!scratch.exists("plan.json") && !FileManager.default.fileExists(atPath: "plan.json"))
  }
}
