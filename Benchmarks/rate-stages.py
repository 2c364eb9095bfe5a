#!/usr/bin/env python3
"""Does a learning-rate search whose clearly worse rates stop choose what all seeds would choose?

Reads the tuning trials of a sealed study in which every rate ran with all its seeds, as all studies
of numerics 5 and earlier did, and searches again, with all seeds and in stages. Prints in how many
cells both choose alike and what the stages save.

    Benchmarks/rate-stages.py Results/ladder

A run to an easier target takes what it took to get there, and the same part of the way beyond.
Needs the command zstdcat and the module yaml.
"""

import collections
import json
import math
import pathlib
import statistics
import subprocess
import sys

import yaml

ENDLESS, REACH, BLIND = float("inf"), 8, 3


def log(updates):
  return math.log(max(updates, 0.5))


class Rate:
  """Runs (updates to each target, limit, diverged) of the first seeds of a rate."""

  def __init__(self, runs):
    self.runs = runs

  def to(self, target):
    return [run for run in self.runs if len(run[0]) > target]

  def median(self, target):
    runs = [ENDLESS if run[0][target] is None else run[0][target] for run in self.to(target)]
    return statistics.median(runs) if runs else ENDLESS

  def censored(self, target):
    return sum(run[0][target] is None for run in self.to(target))

  def stragglers(self, target):
    bound = 3 * self.median(target)
    return sum(run[0][target] is None or run[0][target] > bound for run in self.to(target))

  def reaches(self, target):
    return self.median(target) < ENDLESS


class Search:
  """Sources/Lab/RateSearch.swift and RateStages.swift."""

  def __init__(self, targets, seeds):
    self.targets, self.seeds, self.tried = targets, seeds, {}

  def stable(self, target):
    reached = {k: rate for k, rate in self.tried.items()
               if len(rate.to(target)) == self.seeds and rate.reaches(target)}
    fewest = min((rate.stragglers(target) for rate in reached.values()), default=0)
    return {k: rate for k, rate in reached.items() if rate.stragglers(target) == fewest}

  def deviation(self, target):
    stretch = math.sqrt(self.seeds / max(self.seeds - 1, 1))
    distances = sorted(
      abs(log(run[0][target]) - log(rate.median(target))) * stretch
      for rate in self.stable(target).values() for run in rate.runs if run[0][target] is not None)
    return max(1.4826 * distances[len(distances) // 2], 0.1) if distances else 0.1

  def is_slower(self, rate, leader, target):
    ratios = []
    for (own, limit, _), (other, bound, _) in zip(rate.to(target), leader.runs):
      if own[target] is not None or other[target] is not None:
        least = min(limit, bound)
        ratios.append(log(min(least if own[target] is None else own[target], least))
                      - log(min(least if other[target] is None else other[target], least)))
    share = len(rate.to(target)) / self.seeds
    margin = 2 * math.sqrt(share) + 4 * math.sqrt(1 - share)
    return bool(ratios) and (statistics.mean(ratios)
                             > margin * self.deviation(target) * math.sqrt(2 / len(ratios)))

  def is_worse(self, rate, leader, target):
    return (len(rate.to(target)) < self.seeds or not rate.reaches(target)
            or rate.stragglers(target) > leader.stragglers(target)
            or self.is_slower(rate, leader, target))

  def ties(self, target):
    """Returns the leader and the ties from low to high."""
    stable = self.stable(target)
    if not stable:
      return None
    leader = min(sorted(stable), key=lambda k: stable[k].median(target))
    return leader, [k for k in sorted(stable)
                    if not self.is_worse(stable[k], stable[leader], target)]

  def is_settled(self, ties, direction, target):
    leader, rates = ties
    return any(
      (k > rates[-1] if direction > 0 else k < rates[0])
      and self.is_worse(rate, self.tried[leader], target)
      and (direction > 0 or not rate.reaches(target) or rate.stragglers(target) == 0)
      for k, rate in self.tried.items())

  def wanted(self, target):
    ties = self.ties(target)
    if not ties:
      return next((k for step in range(1, BLIND + 1) for k in (-step, step)
                   if k not in self.tried), None)
    for direction in (1, -1):
      if not self.is_settled(ties, direction, target):
        k = ties[0] + direction
        while k in self.tried:
          k += direction
        if abs(k) <= REACH:
          return k
    return None

  def next(self):
    if not self.tried:
      return 0
    return next((k for k in map(self.wanted, range(self.targets)) if k is not None), None)

  def choice(self, target):
    ties = self.ties(target)
    if not ties:
      return None, "unreached"
    leader, rates = ties
    low, high = rates[(len(rates) - 1) // 2], rates[len(rates) // 2]
    middle = low + 0.5 if high == low + 1 else low
    if not (self.is_settled(ties, 1, target) and self.is_settled(ties, -1, target)):
      return middle, "edge"
    above = self.tried.get(rates[-1] + 1)
    is_limited = above and (not above.reaches(target) or any(run[2] for run in above.runs)
                            or above.stragglers(target) > self.tried[leader].stragglers(target))
    return middle, "stability-limited" if is_limited else "interior"

  def open_targets(self, rate, k):
    if len(rate.runs) >= self.seeds:
      return 0
    count = len(rate.runs[-1][0])
    while count and self.is_hopeless(rate, k, count - 1):
      count -= 1
    return count

  def is_hopeless(self, rate, k, target):
    censored, ties = rate.censored(target), self.ties(target)
    if censored == len(rate.to(target)):
      return True
    if not ties:
      return False
    leader = self.tried[ties[0]]
    fewest = leader.stragglers(target)
    if censored > fewest:
      return k > ties[1][0]
    return censored == fewest and self.is_slower(rate, leader, target)


class Unknown(Exception):
  """The search asks for a rate that did not run."""


def run(trial, targets, limit, cost):
  """Returns the run of a trial up to some targets, within a limit in updates, and adds its cost."""
  updates, made = trial["updates"][:targets], trial["made"]
  end, last = made, trial["updates"][-1]
  if targets < len(trial["updates"]) and updates[-1] is not None:
    end = min(made, updates[-1] * min(made / last if last else 1.2, 1.6))
  if end > limit:
    end, updates = limit, [None if u is None or u > limit else u for u in updates]
  elif updates[-1] is None and not trial["diverged"] and limit > 1.0001 * trial["limit"]:
    cost["longer"] += 1
    limit = trial["limit"]
  share = min(end / made, 1) if made else 1
  cost.update(trials=1, observations=trial["observations"] * share,
              seconds=trial["seconds"] * share)
  return updates, limit, trial["diverged"] and share == 1


def search(cell, in_stages):
  """Returns the choices of all targets, and what the search cost."""
  count, seeds, cost = cell["targets"], cell["seeds"], collections.Counter()
  state = Search(count, seeds)
  while (k := state.next()) is not None:
    best = min((rate.median(count - 1) for rate in state.tried.values()), default=ENDLESS)
    limit = min(max(3 * best, 4), cell["limit"])
    rate, targets = Rate([]), count
    while targets:
      done = len(rate.runs)
      for seed in range(done, min(max(3, 2 * done), seeds) if in_stages else seeds):
        if (k, seed) not in cell["trials"]:
          raise Unknown
        rate.runs.append(run(cell["trials"][k, seed], targets, limit, cost))
      targets = state.open_targets(rate, k)
    state.tried[k] = rate
  return [state.choice(target) for target in range(count)], cost


def learning_rate(centre, batch, factor, k):
  exact = centre["rate"] / (1 + centre["batch"] / batch) ** centre["exponent"] * factor ** k
  return f"{exact:.3g}"


def read(study):
  """Returns the cells of a study with their tuning trials by grid index and seed."""
  plan = yaml.safe_load((study / "plan.yaml").read_text())
  cells = {}
  for task in plan["tasks"]:
    for batch in task["batches"]:
      cells[task["task"], batch] = {
        "targets": len(task["targets"]), "limit": task["budget"] / batch,
        "seeds": task.get("tuningSeeds") or plan["tuningSeeds"], "trials": {},
        "index": {learning_rate(task["learningRate"], batch, plan["learningRateFactor"], k): k
                  for k in range(-REACH, REACH + 1)}}
  text = subprocess.run(["zstdcat", study / "trials.jsonl.zst"], check=True,
                        capture_output=True).stdout
  rows = [row for row in map(json.loads, text.splitlines())
          if row["kind"] == "trial" and row["role"] == "tuning"]
  for row in sorted(rows, key=lambda row: row["target"]):
    cell = cells[row["task"], row["batch"]]
    trial = cell["trials"].setdefault((cell["index"][f"{row['learning_rate']:.3g}"], row["seed"]), {
      "updates": [], "made": row["total_updates"], "limit": row["limit_observations"] / row["batch"],
      "observations": row["total_observations"], "seconds": row["total_seconds"],
      "diverged": row["ending"] == "diverged"})
    trial["updates"].append(row["updates"])
  return cells


def main(study):
  sums, stages = collections.Counter(), collections.Counter()
  counts = collections.Counter()
  for cell in read(pathlib.Path(study)).values():
    try:
      (whole, before), (staged, after) = search(cell, False), search(cell, True)
    except Unknown:
      counts["unknown"] += 1
      continue
    sums.update(before)
    stages.update(after)
    pairs = list(zip(whole, staged))
    counts.update(cells=1, targets=len(pairs), same=sum(one[0] == two[0] for one, two in pairs),
                  verdicts=sum(one == two for one, two in pairs),
                  alike=all(one[0] == two[0] for one, two in pairs))
  print(f"cells {counts['cells']}, another {counts['unknown']} ask for rates that did not run")
  print(f"same rate: {counts['same']} of {counts['targets']} targets,"
        f" with the same verdict {counts['verdicts']}; all targets: {counts['alike']} cells")
  for part in ("trials", "observations", "seconds"):
    print(f"{part}: {sums[part]:.0f}, {1 - stages[part] / sums[part]:.1%} saved")
  print(f"runs that would have gone on longer than they did: {stages['longer']}")


main(*sys.argv[1:])
