#!/usr/bin/env python3
"""Runs every command, plan and snippet of the documents, and checks every link between them.

Works in a temporary folder with small versions of the studies, plans and policies that the
documents mention, which it makes first with the same command. `make test-documents` runs it in an
environment that has the packages the snippets import. With --quick it skips the task of
docs/adding-a-task.md, which takes a build of its own; with --links it checks links only.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parents[2]
batchlab = root / ".build/release/batchlab"

PLAN = """\
tasks: [{task: catch, targets: [0.5, 0.9]}, {task: pong, targets: [-4]}]
batches: [320, 960, 1920, 3840]
num-steps: 10
seeds: {tuning: 2, measuring: 2}
budget: {observations: 400_000}
"""

DOCUMENTS = ["README.md", "Results/README.md", "CHANGELOG.md"] + sorted(
  str(page.relative_to(root)) for page in (root / "docs").glob("*.md"))

# Commands that need a cluster or many minutes, with what tests them instead.
ELSEWHERE = {
  "make run": "itself",
  "make test": "itself",
  "make soak": "itself",
  "make bench": "CommandTests",
  "make ladder": "itself",
  "make bench-kernels": "Benchmarks",
  "sbatch --array=2 mine.sh": "make test-slurm",
  "bash mine.sh": "make test-slurm",
  "bash mine.sh --array=2,5": "make test-slurm",
  "swift test -c release -Xswiftc -enable-testing --scratch-path .build/test"
  " --filter 'EnvironmentTests|TaskDefaultsTests|EvaluatorTests|DrawingTests|OutputTests'":
    "make test",
  "batchlab trace cliff": "the snippets of adding-a-task.md, below",
}


def blocks(text):
  """Fenced blocks as (language, content), and the lines of indented ones as ("indented", line)."""
  fence, lines = None, []
  for line in text.splitlines():
    if line.startswith("```"):
      if fence is None:
        fence, lines = line[3:], []
      else:
        yield fence, "\n".join(lines)
        fence = None
    elif fence is not None:
      lines.append(line)
    elif line.startswith("    ") and not line.startswith("     "):
      yield "indented", re.sub(r"\s+# .*| +# .*", "", line.strip())


def call(arguments, folder, shell=False, limit=600):
  done = subprocess.run(arguments, cwd=folder, shell=shell, capture_output=True, text=True,
                        timeout=limit, executable="/bin/bash" if shell else None,
                        env=os.environ | {"PATH": f"{folder}/bin:{os.environ['PATH']}"}
                        | ({"HOME": str(folder)} if shell else {}))
  if done.returncode != 0:
    sys.exit(f"FAILED: {arguments}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
  return done.stdout


def prepare(folder):
  """Makes the studies, plans and policies that the documents mention."""
  binaries = folder / "bin"
  binaries.mkdir()
  (binaries / "batchlab").symlink_to(batchlab)
  (folder / ".build/release").mkdir(parents=True)
  (folder / ".build/release/batchlab").symlink_to(batchlab)
  # The command of DuckDB, which PyPI's package does not bring.
  command = binaries / "duckdb"
  command.write_text(f"#!{sys.executable}\nimport duckdb, sys\n"
                     "assert sys.argv[1] == '-c'\nprint(duckdb.sql(sys.argv[2]))\n")
  command.chmod(0o755)
  for name in ("my-plan.yaml", "plan.yaml"):
    (folder / name).write_text(PLAN)
  (folder / "Results").mkdir()
  (folder / "Results/quick.yaml").write_text(PLAN)
  for study in ("Results/quick", "Results/mine", "a/mine"):
    call(["batchlab", "sweep", "plan.yaml", "--output", study], folder)
  for copy in ("b/mine", "node1/mine", "node2/mine", "Results/my-plan", "Results/part-1"):
    shutil.copytree(folder / "Results/mine", folder / copy)
  shutil.copytree(root / "Results/ladder", folder / "Results/ladder")
  call(["batchlab", "train", "pong", "--total-timesteps", "40000", "--save",
        "pong.safetensors"], folder)


def clear(folder, line):
  """Removes an earlier command's output that is in this one's way, and shortens long runs."""
  if " --file mine.sh" in line:
    (folder / "mine.sh").unlink(missing_ok=True)
  if "--exchange-rates 1000" in line:
    return line.replace("1000,3000,9000", "3000") + (
      " --batches 2304 --total-timesteps 100000 --tuning-seeds 1 --measuring-seeds 1")
  if line.startswith("batchlab sweep --tasks"):
    # The documents' own batches take minutes; three of them show that the line is right.
    shutil.rmtree(folder / "Results/mine")
    return line.replace("128...8192:2.5", "320...2000:2.5") + " --total-timesteps 100000"
  if line.startswith("batchlab estimate"):
    # The first batch of a quick task shows that the line is right.
    return line.replace("pong", "catch").replace("--target 0", "--target 0.5").replace(
      " --budget 500M", "") + " --budget 1M"
  if "archive merge a/mine" in line or "archive merge node1" in line:
    shutil.rmtree(folder / "Results/mine")
  if "--shard 0/4" in line:
    return line.replace("Results/mine", "Results/shards")
  if "--output Results/part-2" in line:
    return line.replace("2/8", "2/8 --lanes 1")
  return line


def check(file, folder, finished):
  """Runs what a document shows, except what is in `finished`; adds to it."""
  for language, content in blocks((root / file).read_text()):
    if content in finished:
      continue
    finished.add(content)
    if language == "indented":
      if content in ELSEWHERE:
        print(f"elsewhere: {content}: {ELSEWHERE[content]}")
      elif re.match(r"(\.build/release/)?batchlab |make |mkdir |sbatch |bash |swift ", content):
        line = clear(folder, content)
        call(line, folder, shell=True)
        print(f"ran: {content}")
    elif language == "sh":
      call(content, folder, shell=True)
      print(f"ran: {content.splitlines()[0]} …")
    elif language == "python":
      call([sys.executable, "-c", content], folder)
      print(f"ran: {content.splitlines()[0]} …")
    elif language == "yaml":
      (folder / "snippet.yaml").write_text(content)
      call(["batchlab", "sweep", "snippet.yaml", "--output", "Results/none", "--dry-run"], folder)
      print(f"read: {content.splitlines()[0]} …")


def write_csv(folder):
  """Writes the table of docs/your-own-runs.md as my-runs.csv, which `fit` then reads."""
  rows = [line.strip() for line in (root / "docs/your-own-runs.md").read_text().splitlines()
          if re.match(r"    (batch,updates|\d+,\d+,)", line)]
  assert len(rows) > 1, "docs/your-own-runs.md has no table of runs"
  (folder / "my-runs.csv").write_text("\n".join(rows) + "\n")


def anchors(text):
  """The anchors that GitHub gives to a page's headings."""
  headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
  return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_links():
  """Every relative link leads to a file, every anchor to a heading, and every page has a link."""
  linked, broken = set(), []
  for file in DOCUMENTS:
    for link in re.findall(r"\]\(([^)\s]+)\)", (root / file).read_text()):
      if "://" in link:
        continue
      path, _, anchor = link.partition("#")
      target = (root / file).parent / path if path else root / file
      if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
        broken.append(f"{file}: {link}")
      linked.add(target.resolve())
  orphans = [page for page in DOCUMENTS
             if page not in ("README.md", "CHANGELOG.md") and (root / page).resolve() not in linked]
  if broken or orphans:
    sys.exit(f"FAILED: broken links {broken}, pages that no page links to {orphans}")
  print(f"links: {len(DOCUMENTS)} documents")


def insert(text, file, before):
  """Inserts a text into a file in front of another one, which must be there once."""
  content = file.read_text()
  assert content.count(before) == 1, f"{file} has {content.count(before)} times {before}"
  file.write_text(content.replace(before, f"{text}\n{before}"))


def check_new_task(folder):
  """Adds the task of adding-a-task.md to a copy of the sources, as the page says."""
  copy = folder / "copy"
  call(["git", "clone", "-q", root, copy], folder)
  swift = [content for language, content in
           blocks((root / "docs/adding-a-task.md").read_text()) if language == "swift"]
  file, line, defaults, drawing = swift
  (copy / "Environments/Grid/Cliff.swift").write_text(file + "\n")
  insert(line, copy / "Environments/Catalogue.swift", before="    CatalogueEntry(Catch.self),")
  insert(defaults, copy / "Sources/Lab/TaskDefaults.swift", before='    "catch": Self(')
  with open(copy / "Sources/batchlab/Drawing/GridDrawing.swift", "a") as drawings:
    drawings.write("\n" + drawing + "\n")
  call(["swift", "build", "--product", "batchlab"], copy, limit=3600)
  command = copy / ".build/debug/batchlab"
  print(call([command, "trace", "cliff"], folder).splitlines()[0])
  call([command, "watch", "cliff", "--steps", "3"], folder)
  call([command, "train", "cliff", "--total-timesteps", "2000"], folder)
  print("ran: adding-a-task.md")


check_links()
if "--links" in sys.argv:
  sys.exit()
with tempfile.TemporaryDirectory() as name:
  folder = pathlib.Path(name)
  prepare(folder)
  write_csv(folder)
  finished = set()
  for file in DOCUMENTS:
    check(file, folder, finished)
  if "--quick" not in sys.argv:
    check_new_task(folder)
