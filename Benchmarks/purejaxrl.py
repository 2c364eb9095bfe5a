#!/usr/bin/env python3
"""How fast is PPO here against PureJaxRL, on one core and in one run?

The work is the same: separate 64-64 tanh towers, 4 epochs of 4 minibatches, float32, learning
included. The tasks differ: CartPole against pong, MinAtar's Breakout against breakout. Both sides
take turns; the medians and their ratio are printed.

    git clone https://github.com/luchris429/purejaxrl
    python3 -m venv jax && jax/bin/pip install "jax[cpu]" flax optax distrax gymnax==0.0.8
    jax/bin/python Benchmarks/purejaxrl.py purejaxrl [repetitions]
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import unittest.mock

batchlab = pathlib.Path(__file__).resolve().parents[1] / ".build/release/batchlab"
# Workload of `batchlab bench`, environment, environments, steps.
PAIRS = [
  ("ppo-pong", "CartPole-v1", 512, 128),
  ("ppo-breakout-64", "Breakout-MinAtar", 64, 128),
  ("ppo-breakout-1024", "Breakout-MinAtar", 1024, 32),
]


def compiled(folder, environment, environments, steps, updates):
  """Returns a function that trains once, compiled, and the observations that it takes."""
  sys.path.insert(0, str(folder / "purejaxrl"))
  # Only wrappers for other environments need these.
  for name in ["brax", "brax.envs", "brax.envs.wrappers", "brax.envs.wrappers.training", "navix"]:
    sys.modules.setdefault(name, unittest.mock.MagicMock())
  import jax
  # Older versions had this name.
  jax.tree_map = jax.tree_util.tree_map
  import ppo
  observations = environments * steps * updates
  config = {
    "LR": 1e-4, "NUM_ENVS": environments, "NUM_STEPS": steps, "TOTAL_TIMESTEPS": observations,
    "UPDATE_EPOCHS": 4, "NUM_MINIBATCHES": 4, "GAMMA": 0.99, "GAE_LAMBDA": 0.95,
    "CLIP_EPS": 0.2, "ENT_COEF": 0.01, "VF_COEF": 0.5, "MAX_GRAD_NORM": 0.5,
    "ACTIVATION": "tanh", "ENV_NAME": environment, "ANNEAL_LR": False, "DEBUG": False,
  }
  seed = jax.random.PRNGKey(1)
  train = jax.jit(ppo.make_train(config)).lower(seed).compile()
  return lambda: jax.block_until_ready(train(seed)), observations


def main():
  folder = pathlib.Path(sys.argv[1])
  repetitions = int(sys.argv[2]) if len(sys.argv) > 2 else 5
  os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
  os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
  os.environ["JAX_PLATFORMS"] = "cpu"
  for workload, environment, environments, steps in PAIRS:
    train, observations = compiled(folder, environment, environments, steps, updates=4)
    train()
    own, peer = [], []
    for _ in range(repetitions):
      start = time.perf_counter()
      train()
      peer.append(observations / (time.perf_counter() - start))
      text = subprocess.run([batchlab, "bench", workload, "--repetitions", "1", "--json"],
                            check=True, capture_output=True, text=True).stdout
      own.append(json.loads(text)[0]["observations_per_second"])
    ours, theirs = statistics.median(own), statistics.median(peer)
    print(f"{workload} {ours:,.0f} observations/s, PureJaxRL's {environment}"
          f" ({environments} x {steps}) {theirs:,.0f}: {ours / theirs:.1f} times", flush=True)


main()
