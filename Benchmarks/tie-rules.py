#!/usr/bin/env python3
"""Which of the learning rates that seeds can't distinguish should a search choose?

Reads the tuning trials of a sealed study whose rates are a factor of 1.4 apart. Half of the seeds of a
cell choose among every second rate. The other half gives S at the chosen rate, which may be one
between two of those. Prints means over tasks and targets for several rules, with standard errors of
the difference from the first rule. Every rate needs all its seeds, as in studies of numerics 5 and
earlier; in later ones clearly worse rates stop.

    Benchmarks/tie-rules.py Results/ladder [splits]

Needs the command zstdcat.
"""

import collections
import json
import math
import pathlib
import random
import statistics
import subprocess
import sys

ENDLESS = float("inf")


def log(updates):
  return math.log(max(updates, 0.5))


def read(study):
  """Returns runs by target, batch, learning rate and seed: updates (or None) and the limit."""
  text = subprocess.run(["zstdcat", study / "trials.jsonl.zst"], check=True,
                        capture_output=True).stdout
  runs = collections.defaultdict(lambda: collections.defaultdict(
    lambda: collections.defaultdict(dict)))
  for row in map(json.loads, text.splitlines()):
    if row["kind"] == "trial" and row["role"] == "tuning" and not row["shortened_horizon"]:
      runs[row["task"], row["target"]][row["batch"]][row["learning_rate"]][row["seed"]] = (
        row["updates"], row["limit_observations"] / row["batch"])
  return runs


def median(runs):
  return statistics.median(ENDLESS if updates is None else updates for updates, _ in runs.values())


def stragglers(runs):
  bound = 3 * median(runs)
  return sum(updates is None or updates > bound for updates, _ in runs.values())


def mean_log(runs):
  bound = 3 * median(runs)
  return statistics.mean(log(min(limit if updates is None else updates, bound))
                         for updates, limit in runs.values())


def deviation(rates):
  distances = sorted(
    abs(log(updates) - log(median(runs))) * math.sqrt(len(runs) / (len(runs) - 1))
    for runs in rates.values() if median(runs) < ENDLESS and len(runs) > 1
    for updates, _ in runs.values() if updates is not None)
  return max(1.4826 * distances[len(distances) // 2], 0.1) if distances else 0.1


def is_worse(runs, leader, spread):
  ratios = []
  for seed in runs:
    (own, limit), (other, bound) = runs[seed], leader[seed]
    if own is not None or other is not None:
      least = min(limit, bound)
      ratios.append(log(min(least if own is None else own, least))
                    - log(min(least if other is None else other, least)))
  return bool(ratios) and statistics.mean(ratios) > 2 * spread * math.sqrt(2 / len(ratios))


def ties(rates):
  """Returns the rates that the search can't distinguish from the leader, in ascending order."""
  reached = {rate: runs for rate, runs in rates.items() if median(runs) < ENDLESS}
  if not reached:
    return []
  fewest = min(map(stragglers, reached.values()))
  stable = {rate: runs for rate, runs in reached.items() if stragglers(runs) == fewest}
  leader = min(sorted(stable), key=lambda rate: median(stable[rate]))
  spread = deviation(stable)
  return sorted(rate for rate, runs in stable.items()
                if not is_worse(runs, stable[leader], spread))


def choices(rates, every):
  """Returns the chosen rate for each rule; `every` also has the rates between the tried ones."""
  tied = ties(rates)
  if not tied:
    return {}
  low, high = tied[(len(tied) - 1) // 2], tied[len(tied) // 2]
  first, last = every.index(low), every.index(high)
  return {
    "smallest geometric mean": min(tied, key=lambda rate: mean_log(rates[rate])),
    "median, the lower for an even number": low,
    "median, the faster for an even number": min((low, high),
                                                 key=lambda rate: mean_log(rates[rate])),
    "median, half-way for an even number": every[first + 1] if last == first + 2 else low,
  }


def residual(points):
  """Returns the rms of ln S from the best-fitting law S_min (1 + B_crit / B)."""
  best = ENDLESS
  for step in range(400):
    rest = [y - math.log(1 + 10 ** (step / 50 - 1) / batch) for batch, y in points]
    best = min(best, statistics.pstdev(rest))
  return best


def main(study, splits=10):
  residuals = collections.defaultdict(list)
  levels = collections.defaultdict(list)
  for target, batches in sorted(read(pathlib.Path(study)).items()):
    random.seed(1)
    own = collections.defaultdict(list)
    for _ in range(int(splits)):
      for offset in (0, 1):
        points = collections.defaultdict(list)
        for batch, rates in sorted(batches.items()):
          every = sorted(rates)
          seeds = sorted({seed for runs in rates.values() for seed in runs})
          judges = set(random.sample(seeds, len(seeds) - len(seeds) // 2))
          choosing = {rate: {seed: run for seed, run in rates[rate].items() if seed not in judges}
                      for rate in every[offset::2]}
          for rule, rate in choices(choosing, every).items():
            points[rule].append((batch, statistics.mean(
              log(1.5 * limit if updates is None else updates)
              for seed, (updates, limit) in rates[rate].items() if seed in judges)))
        for rule, values in points.items():
          if len(values) >= 5:
            own[rule].append((residual(values), statistics.mean(y for _, y in values)))
    for rule, values in own.items():
      residuals[rule].append(statistics.mean(value for value, _ in values))
      levels[rule].append(statistics.mean(value for _, value in values))

  first = next(iter(residuals))

  def difference(values, rule):
    pairs = [one - other for one, other in zip(values[rule], values[first])]
    return f"{statistics.mean(pairs):+.3f} ± {statistics.stdev(pairs) / math.sqrt(len(pairs)):.3f}"

  print("| rule for ties | rms of ln S from the law | difference | ln S, difference |")
  print("|---|---|---|---|")
  for rule, values in residuals.items():
    print(f"| {rule} | {statistics.mean(values):.3f} | {difference(residuals, rule)} |"
          f" {difference(levels, rule)} |")


if __name__ == "__main__":
  main(*sys.argv[1:])
