#!/usr/bin/env python3
"""Rewrites the seeds of the fuzzers from a real study, a real policy and real plans.

Needs the built command and zstdcat: make build, then Tests/Fuzzing/make-seeds.py.
To be done when columns, the plan's keys or the schema change.
"""

import json
import pathlib
import plistlib
import shutil
import subprocess
import tempfile

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
BETWEEN_FRAMES, BETWEEN_PARTS = b"\xfe", b"\xff"

# ArchiveFuzzer/Scratch.swift builds studies of the same plan.
PLAN = """\
tasks: [{task: catch, targets: [-0.55, -0.5]}, bandit]
batches: [80, 160]
seeds: {tuning: 1, measuring: 1}
budget: {observations: 1600}
evaluation: {episodes: 16}
hidden: 2
"""


def run(*words, folder):
  subprocess.run([root / ".build/release/batchlab", *words], cwd=folder, check=True,
                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(file):
  return subprocess.run(["zstdcat", file], check=True, capture_output=True).stdout.splitlines()


def frame_size(data):
  """Returns the bytes of the first frame, up to the next magic number."""
  end = data.find(b"\x28\xb5\x2f\xfd", 4)
  return end if end > 0 else len(data)


def archive_seeds(work):
  (work / "plan.yaml").write_text(PLAN)
  # Only one of the two tasks, so that the study stays unfinished and keeps its journal.
  run("sweep", "plan.yaml", "--tasks", "catch", "--output", "open", folder=work)
  (work / "plan.yaml").write_text(PLAN.replace(", bandit", ""))
  run("sweep", "plan.yaml", "--output", "sealed", folder=work)
  run("train", "catch", "--batch", "80", "--hidden", "1", "--target", "-0.5",
      "--total-timesteps", "160", "--save", "policy.safetensors", folder=work)

  trials = {}
  for line in rows(work / "open/journal/0.jsonl.zst"):
    trials.setdefault(json.loads(line)["trial"], []).append(line + b"\n")
  # The shortest trials, each with its whole curve; without it a trial does not pass the checks.
  trials = sorted(trials.values(), key=lambda lines: sum(map(len, lines)))
  few = BETWEEN_FRAMES.join(b"".join(trial) for trial in trials[:2])
  one = b"".join(trials[0])
  by_kind = {kind: b"".join(line for trial in trials[:2] for line in trial
                            if json.loads(line)["kind"] == kind) for kind in ("trial", "point")}
  raw = (work / "open/journal/0.jsonl.zst").read_bytes()
  first = frame_size(raw)
  policy = (work / "policy.safetensors").read_bytes()
  header = int.from_bytes(policy[:8], "little")
  checkpoint = plistlib.dumps({"origin": dict.fromkeys(
    ["trial", "build", "processor", "engine"], "other")}, fmt=plistlib.FMT_BINARY)
  words = sorted({key for file in ("trials", "curves")
                  for key in json.loads(rows(work / f"sealed/{file}.jsonl.zst")[0])})
  return {
    "journal-frame": b"j" + raw[:first],
    "journal-torn": b"j" + raw[:first + 100],
    "journal-zeros": b"j" + raw[:first] + bytes(8),
    "sealed-file": b"s" + (work / "sealed/trials.jsonl.zst").read_bytes(),
    "journal-rows": b"J" + few,
    "sealed-rows": b"S" + by_kind["trial"] + BETWEEN_PARTS + by_kind["point"],
    "stored-rows": b"T" + few,
    "stored-row": b"T" + one,
    "row": b"r" + by_kind["trial"].splitlines()[0],
    "rows": b"r" + by_kind["point"],
    "repeated-row": b"B" + bytes([0, 0, 9]) + one,
    "repeated-end": b"B" + bytes([255, 255, 255]) + b"\n",
    "checkpoint": b"C" + checkpoint,
    "policy-file": b"p" + policy,
    "policy-parts": b"P" + policy[8:8 + header] + BETWEEN_PARTS + policy[8 + header:],
  }, words


def plan_seeds(work):
  page = (root / "docs/plans.md").read_text()
  every_key = page.split("```yaml\n", 1)[1].split("```", 1)[0].encode()
  keys = [line.split(":")[0].strip() for line in every_key.decode().splitlines() if ":" in line]
  keys += ["centre", "rate", "exponent"]
  return {
    "every-key": every_key,
    "quick": (root / "Results/quick.yaml").read_bytes(),
    "ppo": b"tasks: [pong]\nalgorithm: {ppo: {clip-coef: 0.1, update-epochs: 2}}\n",
    "centre": b"tasks: [pong]\nlearning-rates: {centre: {rate: 0.1, batch: 300, exponent: 1}}\n",
    "line-ends": b"\xef\xbb\xbftasks: [catch]\r\n# *a*\r\nseed: 1\r\n",
    "aliases": "a: &a [x]\u2028b: {c: *a}\r? *a\r: 1 # \"".encode(),
    "wide": "tasks: [catch]\n".encode("utf-16"),
    "resolved": (work / "sealed/plan.json").read_bytes(),
    "resolved-yaml": (root / "Results/ladder-ppo/plan.yaml").read_bytes(),
  }, sorted(set(keys))


def write(name, seeds, words):
  folder = here / "Seeds" / name
  shutil.rmtree(folder, ignore_errors=True)
  folder.mkdir(parents=True)
  for seed, data in seeds.items():
    (folder / seed).write_bytes(data)
  entries = "".join('"{}"\n'.format(word.replace('"', '\\"')) for word in words)
  (here / "Seeds" / f"{name}.dictionary").write_text(entries)
  print(f"{name}: {len(seeds)} seeds, {sum(map(len, seeds.values()))} bytes")


if __name__ == "__main__":
  with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder)
    seeds, words = archive_seeds(work)
    write("ArchiveFuzzer", seeds, [f'"{word}":' for word in words] + ["null", "true", "1e308", "-0.0"])
    seeds, words = plan_seeds(work)
    write("PlanFuzzer", seeds, words + ["catch", "pong", "&a", "*a", "!!int", "1e308", "- ", "{", "["])
