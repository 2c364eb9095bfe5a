#!/usr/bin/env python3
"""Reads the files that a run writes for other tools with those tools, and compares the contents.

TensorBoard's own reader reads the event file of a short run. safetensors and PyTorch read policies,
whose output for an observation must equal batchlab's.
"""

import csv
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

batchlab = pathlib.Path(__file__).resolve().parents[2] / ".build/release/batchlab"

TAGS = {
  "charts/SPS", "charts/batch", "charts/episodic_length", "charts/episodic_return",
  "charts/evaluated_return", "charts/learning_rate", "losses/approx_kl", "losses/old_approx_kl",
  "losses/clipfrac", "losses/entropy",
  "losses/explained_variance", "losses/gradient_norm", "losses/policy_loss",
  "losses/value_loss", "noise/scale", "noise/gradient_square", "noise/covariance_trace",
}


def run(*arguments):
  done = subprocess.run([batchlab, *arguments], capture_output=True, text=True)
  if done.returncode != 0:
    sys.exit(f"{arguments[0]} failed: {done.stderr}")
  return done.stdout


def check(is_right, words):
  if not is_right:
    sys.exit(f"wrong: {words}")
  print(f"right: {words}")


def check_events(folder):
  outcome = json.loads(
    run("train", "pong", "--batch", "1280", "--target", "2.5", "--total-timesteps", "100000",
        "--learning-rate", "0.004", "--tensorboard", f"{folder}/run", "--json"))
  events = EventAccumulator(f"{folder}/run")
  events.Reload()
  found = set(events.Tags()["scalars"])
  check(found == TAGS or found | {"noise/scale"} == TAGS, f"TensorBoard reads {len(TAGS)} tags")
  batch = events.Scalars("charts/batch")
  check([event.step for event in batch] == [1280 * (index + 1) for index in range(78)],
        "steps are observations")
  check({event.value for event in batch} == {1280.0}, "charts/batch")
  check({round(event.value, 9) for event in events.Scalars("charts/learning_rate")} == {0.004},
        "charts/learning_rate")
  scores = {round(point["score"], 4) for point in outcome["curve"]}
  judged = [round(event.value, 4) for event in events.Scalars("charts/evaluated_return")]
  check(len(set(judged)) > 3 and set(judged) <= scores, "charts/evaluated_return")
  check(all(-5 <= event.value <= 5 for event in events.Scalars("charts/episodic_return")),
        "charts/episodic_return")


def steps(folder):
  events = EventAccumulator(str(folder))
  events.Reload()
  return [event.step for event in events.Scalars("charts/SPS")]


def check_resumed_events(folder):
  """A run that was stopped and resumed has every step once, even if it repeated some."""
  def start(*options):
    return [batchlab, "train", "grid-goal-8", "--batch", "640", "--learning-rate", "5e-5",
            "--total-timesteps", "3000000", "--tensorboard", f"{folder}/resumed", *options]

  process = subprocess.Popen(start("--checkpoint", f"{folder}/saved"), stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
  time.sleep(1)
  process.send_signal(signal.SIGUSR1)
  process.wait()
  shutil.copy(f"{folder}/saved", f"{folder}/before")
  for _ in range(2):  # the second one repeats what the first did
    shutil.copy(f"{folder}/before", f"{folder}/saved")
    subprocess.run(start("--resume", f"{folder}/saved"), check=True, capture_output=True)
    time.sleep(1)
  found = steps(f"{folder}/resumed")
  check(len(found) > 100 and found == sorted(set(found)), "a resumed run goes on in its curve")


def check_sweep_events(folder):
  run("sweep", "--tasks", "catch", "--batches", "160,640", "--tuning-seeds", "2",
      "--measuring-seeds", "2", "--output", f"{folder}/study", "--tensorboard", f"{folder}/sweep")
  run("archive", "export", f"{folder}/study", "--output", f"{folder}/csv")
  with open(f"{folder}/csv/trials.csv") as file:
    rows = {row["trial"]: row for row in csv.DictReader(file)}
  runs = {path.parent for path in pathlib.Path(folder, "sweep").rglob("events.*")}
  found = {path.name.rsplit("-", 1)[1]: path for path in runs}
  check(set(found) == {trial[:8] for trial in rows}, f"{len(rows)} trials of a sweep have events")
  check(all(steps(found[trial[:8]])[-1] <= int(row["total_observations"])
            for trial, row in rows.items()), "steps of a sweep are observations")


def tower(inputs, hidden, outputs):
  layers = [nn.Linear(inputs, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh()]
  return nn.Sequential(*layers, *([nn.Linear(hidden, outputs)] if outputs else []))


class Shared(nn.Module):
  def __init__(self, inputs, hidden, actions):
    super().__init__()
    self.network = tower(inputs, hidden, None)
    self.actor, self.critic = nn.Linear(hidden, actions), nn.Linear(hidden, 1)

  def forward(self, x):
    x = self.network(x)
    return self.actor(x), self.critic(x)


class Separate(nn.Module):
  def __init__(self, inputs, hidden, actions):
    super().__init__()
    self.actor, self.critic = tower(inputs, hidden, actions), tower(inputs, hidden, 1)

  def forward(self, x):
    return self.actor(x), self.critic(x)


class Grid(nn.Module):
  """The planes of an observation, from what the metadata say of their order."""
  def __init__(self, words):
    super().__init__()
    self.height, self.width, self.channels = (int(word) for word in words["planes"].split())
    self.order, self.uniform = words["planes_order"], int(words["planes_uniform"])

  def forward(self, x):
    size = self.height * self.width * self.channels
    cells, uniform = x[:, :size], x[:, size:]
    if self.order == "y x channel":
      cells = cells.view(-1, self.height, self.width, self.channels).permute(0, 3, 1, 2)
    else:
      cells = cells.view(-1, self.channels, self.height, self.width)
    uniform = uniform[:, :, None, None].expand(-1, -1, self.height, self.width)
    return torch.cat([cells, uniform], 1)


class Convolutional(nn.Module):
  """The network of a policy file with convolutions, made from its metadata."""
  def __init__(self, words):
    super().__init__()
    self.grid = Grid(words)
    self.is_shared = words["trunks"] == "shared"
    actions = int(words["actions"])
    if self.is_shared:
      self.network, width = self.trunk(words)
      self.actor, self.critic = nn.Linear(width, actions), nn.Linear(width, 1)
    else:
      layers, width = self.trunk(words)
      self.actor = layers.append(nn.Linear(width, actions))
      layers, width = self.trunk(words)
      self.critic = layers.append(nn.Linear(width, 1))

  def trunk(self, words):
    function = nn.ReLU if words["activation"] == "relu" else nn.Tanh
    height, width, channels = self.grid.height, self.grid.width, self.grid.channels
    channels += self.grid.uniform
    layers, size = [], None
    for word in words["network"].split(","):
      if word.startswith("conv"):
        outputs, rest = word[4:].removesuffix("same").split("x")
        kernel, stride = (int(part) for part in (rest.split("s") + ["1"])[:2])
        padding = kernel // 2 if word.endswith("same") else 0
        layers += [nn.Conv2d(channels, int(outputs), kernel, stride, padding), function()]
        height = (height + 2 * padding - kernel) // stride + 1
        width = (width + 2 * padding - kernel) // stride + 1
        channels = int(outputs)
      else:
        if size is None:
          size = height * width * channels
          layers.append(nn.Flatten())
        layers += [nn.Linear(size, int(word[5:])), function()]
        size = int(word[5:])
    if size is None:
      size = height * width * channels
      layers.append(nn.Flatten())
    return nn.Sequential(*layers), size

  def forward(self, x):
    x = self.grid(x[None])
    if self.is_shared:
      x = self.network(x)
    return self.actor(x)[0], self.critic(x)[0]


def check_policy(folder, task, agent, *options):
  file = f"{folder}/{task}.safetensors"
  run("train", task, "--total-timesteps", "60000", "--save", file, *options)
  with safe_open(file, "pt") as content:
    words = content.metadata()

  def numbers(key):
    return torch.tensor([float(word) for word in words[key].split()])

  agent = Convolutional(words) if agent is None else agent
  agent.load_state_dict(load_file(file))
  with torch.no_grad():
    logits, value = agent(numbers("example_observation"))
  expected = numbers("example_log_probabilities")
  difference = (torch.log_softmax(logits, 0) - expected).abs().max().item()
  check(difference < 1e-5, f"PyTorch's policy for {task}, off by {difference:.1e}")
  difference = (value - numbers("example_value")).abs().max().item()
  check(difference < 1e-5, f"PyTorch's value for {task}, off by {difference:.1e}")


with tempfile.TemporaryDirectory() as folder:
  check_events(folder)
  check_resumed_events(folder)
  check_sweep_events(folder)
  check_policy(folder, "pong", Shared(6, 64, 3))
  check_policy(folder, "breakout", Separate(400, 64, 6), "--trunks", "separate")
  check_policy(folder, "breakout", None, "--network", "minatar")
  check_policy(folder, "pong-pixels", None, "--trunks", "separate",
               "--network", "conv8x3s2same,conv12x3,conv4x1,dense20,dense10")
  check_policy(folder, "empty-8x8", None, "--network", "conv6x3same")

maker = pathlib.Path(__file__).with_name("make-torch-networks.py")
sys.exit(subprocess.run([sys.executable, maker, "--check"]).returncode)
