#!/usr/bin/env python3
"""Writes torch-networks.json: what PyTorch computes for a few networks, for TorchTests.

Parameters, observations and the loss's slopes come from a formula, so that the file holds results
only: the heads, and for every gradient its norm and its products with three vectors. `make
test-readers` checks that the file is what this program writes.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from torch import nn

file = pathlib.Path(__file__).with_name("torch-networks.json")

CASES = [
  dict(name="minatar", layers="conv16x3,dense128", height=10, width=10, channels=4,
       order="cells", activation="relu", trunks="shared", actions=6, rows=3),
  dict(name="nature", layers="conv32x8s4,conv64x4s2,conv64x3,dense512", height=84, width=84,
       channels=4, order="planes", activation="relu", trunks="shared", actions=4, rows=2),
  dict(name="mixed", layers="conv8x3s2same,conv12x3,conv70x1,dense40,dense30", height=9, width=7,
       channels=3, order="planes", activation="tanh", trunks="separate", actions=3, rows=5),
]


def numbers(count, salt):
  """Numbers in [−1, 1) from a formula that Swift has too."""
  mask = np.uint64(0xffff_ffff)
  x = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761)
       + np.uint64(salt * 40503 + 12345)) & mask
  x ^= x >> np.uint64(15)
  x = (x * np.uint64(2246822519)) & mask
  x ^= x >> np.uint64(13)
  return x.astype(np.float64) / 2**31 - 1


def single(values):
  """Rounded to single precision, and computed with in double."""
  return torch.from_numpy(values.astype(np.float32).astype(np.float64))


def trunk(case):
  height, width, channels = case["height"], case["width"], case["channels"]
  function = nn.ReLU if case["activation"] == "relu" else nn.Tanh
  layers, is_image = [], True
  for word in case["layers"].split(","):
    if word.startswith("conv"):
      outputs, rest = word[4:].removesuffix("same").split("x")
      kernel, stride = (int(part) for part in (rest.split("s") + ["1"])[:2])
      padding = kernel // 2 if word.endswith("same") else 0
      layers.append(nn.Conv2d(channels, int(outputs), kernel, stride=stride, padding=padding))
      channels = int(outputs)
      height = (height + 2 * padding - kernel) // stride + 1
      width = (width + 2 * padding - kernel) // stride + 1
      last = height * width * channels
    else:
      if is_image:
        layers.append(nn.Flatten())
        is_image = False
      layers.append(nn.Linear(last, int(word[5:])))
      last = int(word[5:])
    layers.append(function())
  return layers, last


class Shared(nn.Module):
  def __init__(self, case):
    super().__init__()
    layers, last = trunk(case)
    self.network = nn.Sequential(*layers)
    self.actor, self.critic = nn.Linear(last, case["actions"]), nn.Linear(last, 1)

  def forward(self, x):
    x = self.network(x)
    return torch.cat([self.actor(x), self.critic(x)], 1)


class Separate(nn.Module):
  def __init__(self, case):
    super().__init__()
    towers = []
    for outputs in (case["actions"], 1):
      layers, last = trunk(case)
      towers.append(nn.Sequential(*layers, nn.Linear(last, outputs)))
    self.actor, self.critic = towers

  def forward(self, x):
    return torch.cat([self.actor(x), self.critic(x)], 1)


def result(case):
  agent = (Shared if case["trunks"] == "shared" else Separate)(case).double()
  with torch.no_grad():
    for salt, tensor in enumerate(agent.parameters(), 1):
      fan_in = tensor[0].numel() if tensor.dim() > 1 else 300
      values = numbers(tensor.numel(), salt) * (3 / fan_in) ** 0.5 * 1.3
      tensor.copy_(single(values).reshape(tensor.shape))
  rows, actions = case["rows"], case["actions"]
  shape = case["height"], case["width"], case["channels"]
  x = single(numbers(rows * shape[0] * shape[1] * shape[2], 1000))
  if case["order"] == "cells":
    x = x.reshape(rows, *shape).permute(0, 3, 1, 2)
  else:
    x = x.reshape(rows, shape[2], shape[0], shape[1])
  outputs = agent(x)
  slopes = single(numbers(rows * (actions + 1), 2000)).reshape(rows, actions + 1)
  (outputs * slopes).sum().backward()
  heads = torch.cat([torch.log_softmax(outputs[:, :actions], 1), outputs[:, actions:]], 1)
  gradients = []
  for name, tensor in agent.named_parameters():
    gradient = tensor.grad.flatten()
    gradients.append(dict(
      name=name, shape=list(tensor.shape), norm=gradient.norm().item(),
      products=[(gradient @ torch.from_numpy(numbers(gradient.numel(), 3000 + index))).item()
                for index in range(3)]))
  return dict(case, heads=heads.flatten().tolist(), gradients=gradients)


def rounded(value):
  """With ten digits, so that the file is the same on every machine."""
  if isinstance(value, float):
    return float(f"{value:.9e}")
  if isinstance(value, list):
    return [rounded(item) for item in value]
  return {key: rounded(item) for key, item in value.items()} if isinstance(value, dict) else value


def differs(left, right):
  if isinstance(left, float):
    return abs(left - right) > 1e-7 * max(1, abs(right))
  if isinstance(left, list):
    return len(left) != len(right) or any(map(differs, left, right))
  if isinstance(left, dict):
    return left.keys() != right.keys() or any(differs(left[key], right[key]) for key in left)
  return left != right


if __name__ == "__main__":
  results = rounded([result(case) for case in CASES])
  if sys.argv[1:] == ["--check"]:
    if differs(results, json.loads(file.read_text())):
      sys.exit(f"wrong: {file.name} is not what PyTorch computes")
    print(f"right: {file.name} is what PyTorch computes")
  else:
    file.write_text(json.dumps(results, indent=1) + "\n")
