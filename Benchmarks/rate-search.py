#!/usr/bin/env python3
"""Is the learning rate that the search chooses as good as the best of an exhaustive grid?

At each batch of a task: (a) the rate that `batchlab sweep` chose, (b) the best of the rates
centre * 2^k, k = -4 ... 4, each with as many seeds. Both are measured again on 20 fresh seeds.
A run that does not reach the target counts with its limit. That is the budget, except in the grid:
there it is 4 times what the search's rate takes, which saves time and can only favor the grid.
Prints a table.

    taskset -c 1 Benchmarks/rate-search.py Results/rate-search [task] [target]

The folder keeps the study and the single runs (runs.json), so an interrupted call can be resumed.
"""

import json
import math
import pathlib
import statistics
import subprocess
import sys

batchlab = pathlib.Path(__file__).resolve().parents[1] / ".build/release/batchlab"
TUNING, FRESH, STEPS = 5, 20, range(-4, 5)


def command(*words):
  return subprocess.run([batchlab, *map(str, words)], check=True, capture_output=True,
                        text=True).stdout


class Runs:
  """Runs `batchlab train`, each distinct run only once."""

  def __init__(self, file, task, target):
    self.file, self.task, self.target = file, task, target
    self.known = json.loads(file.read_text()) if file.exists() else {}

  def get(self, batch, rate, seed, limit):
    """Returns the updates to the target (or None) and the observations used."""
    key = f"{self.task} {self.target} {batch} {rate} {seed} {limit}"
    if key not in self.known:
      row = json.loads(command(
        "train", self.task, "--batch", batch, "--learning-rate", rate, "--seed", seed,
        "--target", self.target, "--total-timesteps", limit, "--json"))["rows"][0]
      self.known[key] = [row["updates"], row["total_observations"]]
      self.file.write_text(json.dumps(self.known))
    return self.known[key]

  def logs(self, batch, rate, seeds, limit):
    """Returns ln S for each seed."""
    return [math.log(self.get(batch, rate, seed, limit)[0] or limit / batch) for seed in seeds]

  def reached(self, batch, rate, seeds, limit):
    return sum(self.get(batch, rate, seed, limit)[0] is not None for seed in seeds)

  def observations(self, batch, rate, seeds, limit):
    """Returns the observations of the runs; one that missed the target counts with its limit."""
    runs = [self.get(batch, rate, seed, limit) for seed in seeds]
    return sum(limit if updates is None else made for updates, made in runs)


def rounded(rate):
  scale = 10 ** (2 - math.floor(math.log10(rate)))
  return round(rate * scale) / scale


def search(study, task, target):
  """Returns, by batch, the chosen rate, how its search ended and what it cost, and a run's E."""
  plan = study.with_suffix(".yaml")
  plan.write_text(f"tasks: [{{task: {task}, targets: [{target}]}}]\n"
                  f"seeds: {{tuning: {TUNING}, measuring: 1}}\n")
  command("sweep", plan, "--lanes", 1, "--output", study)
  text = subprocess.run(["zstdcat", study / "trials.jsonl.zst"], check=True,
                        capture_output=True).stdout
  rows = [row for row in map(json.loads, text.splitlines())
          if row["kind"] == "trial" and row["target"] == target]
  for chosen in sorted((row for row in rows if row["rate_verdict"]), key=lambda r: r["batch"]):
    tuning = [row for row in rows
              if row["batch"] == chosen["batch"] and row["role"] == "tuning"]
    typical = chosen["observations"] or chosen["limit_observations"]
    yield (chosen["batch"], chosen["learning_rate"], chosen["rate_verdict"],
           sum(row["total_observations"] for row in tuning), typical)


def main(folder, task="grid-goal-8", target=0.8):
  folder, target = pathlib.Path(folder), float(target)
  facts = next(facts for facts in json.loads(command("tasks", "--json"))
               if facts["task"] == task)
  known, budget = facts["learning_rate"], facts["budget"]
  grid_seeds, fresh = range(1, TUNING + 1), range(1001, 1001 + FRESH)
  folder.mkdir(parents=True, exist_ok=True)
  runs = Runs(folder / "runs.json", task, target)
  print(f"| batch | search's rate | ended | grid's rate | ratio of S ± s.e. | reached, of {FRESH}"
        " | search's share of the grid's observations |")
  print("|---|---|---|---|---|---|---|")
  for batch, chosen, verdict, cost, typical in search(folder / "study", task, target):
    centre = known["centre"] / (1 + known["batch"] / batch) ** known["exponent"]
    rates = [rounded(centre * 2.0 ** step) for step in STEPS]
    limit = min(budget, math.ceil(4 * typical))
    best = min(rates, key=lambda rate: sum(runs.logs(batch, rate, grid_seeds, limit)))
    ratios = [own - other for own, other in zip(runs.logs(batch, chosen, fresh, budget),
                                                runs.logs(batch, best, fresh, budget))]
    ratio = math.exp(statistics.mean(ratios))
    error = ratio * statistics.stdev(ratios) / math.sqrt(FRESH)
    share = cost / sum(runs.observations(batch, rate, grid_seeds, limit) for rate in rates)
    reached = [runs.reached(batch, rate, fresh, budget) for rate in (chosen, best)]
    print(f"| {batch:,} | {chosen:.3g} | {verdict} | {best:.3g} | {ratio:.3f} ± {error:.3f} |"
          f" {reached[0]}, {reached[1]} | {share:.0%} |", flush=True)


if __name__ == "__main__":
  main(*sys.argv[1:])
