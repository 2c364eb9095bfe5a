#!/usr/bin/env python3
"""How fast is PPO with MinAtar's network here, compared with PyTorch, on one core in one run?

Both use 64 environments of Breakout, 128 steps, conv16x3 and dense128 with ReLU, 4 epochs of 4
minibatches, the clipped objective, the clipped value loss, an entropy bonus, and Adam. PyTorch gets
observations recorded from MinAtar's own Breakout under random actions, so it spends no time in
environments. `batchlab bench` also plays the game. The two take turns. The script prints both
medians and the median of the ratios.

    python3 -m venv torch
    torch/bin/pip install minatar torch --extra-index-url https://download.pytorch.org/whl/cpu
    torch/bin/python Benchmarks/pytorch-minatar.py [repetitions]
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import numpy  # noqa: E402
import torch  # noqa: E402
from minatar import Environment  # noqa: E402
from torch import nn  # noqa: E402

torch.set_num_threads(1)
batchlab = pathlib.Path(__file__).resolve().parents[1] / ".build/release/batchlab"
ENVIRONMENTS, STEPS, ACTIONS, EPOCHS, MINIBATCHES = 64, 128, 6, 4, 4


def recorded():
  """Observations under random actions, [steps, environments, planes, rows, columns]."""
  random = numpy.random.default_rng(0)
  games = [Environment("breakout") for _ in range(ENVIRONMENTS)]
  for seed, game in enumerate(games):
    game.seed(seed)
    game.reset()
  # As in the lab, environments don't start in phase.
  for game, steps in zip(games, random.integers(0, 50, ENVIRONMENTS)):
    for _ in range(steps):
      if game.act(random.integers(ACTIONS))[1]:
        game.reset()
  observations = numpy.empty((STEPS, ENVIRONMENTS, 4, 10, 10), numpy.float32)
  for step in range(STEPS):
    for index, game in enumerate(games):
      observations[step, index] = game.state().transpose(2, 0, 1)
      if game.act(random.integers(ACTIONS))[1]:
        game.reset()
  return torch.from_numpy(observations)


class Learner:
  def __init__(self, observations):
    torch.manual_seed(0)
    self.observations = observations
    self.body = nn.Sequential(
      nn.Conv2d(4, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1024, 128), nn.ReLU())
    self.actor, self.critic = nn.Linear(128, ACTIONS), nn.Linear(128, 1)
    modules = nn.ModuleList([self.body, self.actor, self.critic])
    self.optimizer = torch.optim.Adam(modules.parameters(), lr=1e-4, fused=True)

  def outputs(self, observations):
    features = self.body(observations)
    return torch.log_softmax(self.actor(features), 1), self.critic(features).squeeze(1)

  def update(self):
    """Acts on a rollout's observations and learns from it; rewards are made up."""
    count = STEPS * ENVIRONMENTS
    actions = torch.empty(STEPS, ENVIRONMENTS, dtype=torch.long)
    old, values = torch.empty(STEPS, ENVIRONMENTS), torch.empty(STEPS, ENVIRONMENTS)
    with torch.no_grad():
      for step in range(STEPS):
        logits, values[step] = self.outputs(self.observations[step])
        actions[step] = torch.multinomial(logits.exp(), 1).squeeze(1)
        old[step] = logits.gather(1, actions[step][:, None]).squeeze(1)
    advantages = torch.randn(count)
    actions, old, values = actions.view(-1), old.view(-1), values.view(-1)
    returns = advantages + values
    flat = self.observations.view(count, 4, 10, 10)
    for _ in range(EPOCHS):
      for rows in torch.randperm(count).chunk(MINIBATCHES):
        logits, value = self.outputs(flat[rows])
        ratio = (logits.gather(1, actions[rows][:, None]).squeeze(1) - old[rows]).exp()
        gain = advantages[rows]
        policy = torch.max(-gain * ratio, -gain * ratio.clamp(0.8, 1.2)).mean()
        clipped = values[rows] + (value - values[rows]).clamp(-0.2, 0.2)
        errors = torch.max((value - returns[rows]) ** 2, (clipped - returns[rows]) ** 2)
        entropy = -(logits.exp() * logits).sum(1).mean()
        loss = policy + 0.25 * errors.mean() - 0.01 * entropy
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
    return count


def main():
  repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 5
  observations = recorded()
  learner = Learner(observations)
  learner.update()
  own, peer = [], []
  for _ in range(repetitions):
    start = time.perf_counter()
    count = learner.update()
    peer.append(count / (time.perf_counter() - start))
    text = subprocess.run([batchlab, "bench", "ppo-minatar", "--repetitions", "1", "--json"],
                          check=True, capture_output=True, text=True).stdout
    own.append(json.loads(text)[0]["observations_per_second"])
  ours, theirs = statistics.median(own), statistics.median(peer)
  ratio = statistics.median(a / b for a, b in zip(own, peer))
  print(f"{observations.mean():.3f} of the inputs are 1; ppo-minatar {ours:,.0f} observations/s"
        f" ({min(own):,.0f} to {max(own):,.0f}), PyTorch {torch.__version__} {theirs:,.0f}"
        f" ({min(peer):,.0f} to {max(peer):,.0f}): {ratio:.2f} times, median of the turns")


main()
