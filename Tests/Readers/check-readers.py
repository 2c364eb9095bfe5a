#!/usr/bin/env python3
"""Reads archives with pandas, DuckDB and Polars and compares every value with plain JSON.

Makes a small study with the built command, in a temporary folder. The oracle is zstdcat and
Python's json: they share no code with any of the three.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

import duckdb
import pandas
import polars

batchlab = pathlib.Path(__file__).resolve().parents[2] / ".build/release/batchlab"

# Some targets can't be reached within the budget, so their rows have nulls.
PLAN = """\
tasks: [{task: catch, targets: [0.5, 0.9]}, {task: chain, targets: [0.6]}]
batches: [80, 240, 960]
seeds: {tuning: 2, measuring: 3}
budget: {observations: 20_000}
"""


def sweep(folder, *options):
  result = subprocess.run([batchlab, "sweep", "plan.yaml", "--output", "study", *options],
                          cwd=folder, capture_output=True, text=True)
  if result.returncode != 0:
    sys.exit(f"the study could not be made: {result.stderr}")


def in_many_frames(file, rows_a_frame=7):
  """Rewrites the rows as many small frames, each compressed by the zstd command."""
  lines = subprocess.run(["zstdcat", file], check=True, capture_output=True).stdout
  lines = lines.splitlines(keepends=True)
  copy = file.with_name("many-frames-" + file.name)
  with copy.open("wb") as output:
    for start in range(0, len(lines), rows_a_frame):
      chunk = b"".join(lines[start:start + rows_a_frame])
      output.write(subprocess.run(["zstd", "-c", "--check"], input=chunk, check=True,
                                  capture_output=True).stdout)
  return copy


def plainly(file):
  text = subprocess.run(["zstdcat", file], check=True, capture_output=True).stdout
  return [json.loads(line) for line in text.splitlines()]


def with_pandas(file):
  # Without precise_float pandas loses the last digits of numbers. Without dtype=False it may read
  # ids as numbers.
  frame = pandas.read_json(file, lines=True, compression="zstd", dtype=False,
                           precise_float=True)
  return frame.to_dict("records")


def with_duckdb(file):
  result = duckdb.execute(
    "select * from read_json(?, format = 'newline_delimited', sample_size = -1)", [str(file)])
  names = [column[0] for column in result.description]
  return [dict(zip(names, row)) for row in result.fetchall()]


def with_parquet(file):
  """Converts an archive to Parquet with DuckDB and reads it with pyarrow."""
  parquet = file.with_suffix(".parquet")
  duckdb.execute(f"copy (select * from read_json('{file}', format = 'newline_delimited',"
                 f" sample_size = -1)) to '{parquet}'")
  return pandas.read_parquet(parquet).to_dict("records")


def with_polars(file):
  return polars.read_ndjson(file, infer_schema_length=None).to_dicts()


READERS = {"pandas": with_pandas, "DuckDB": with_duckdb, "DuckDB's Parquet": with_parquet,
           "Polars": with_polars}


def is_null(value):
  return value is None or value is pandas.NA or isinstance(value, float) and math.isnan(value)


def is_same(found, wanted):
  """Whether the values are equal. A whole number may be read as a double: all are below 2^53."""
  if wanted is None:
    return is_null(found)
  if is_null(found):
    return False
  if isinstance(wanted, bool) or isinstance(wanted, str):
    return found == wanted and isinstance(found, str) == isinstance(wanted, str)
  return not isinstance(found, str) and float(found) == float(wanted)


def differences(found, wanted):
  """Lists the differences between what a reader read and the actual rows."""
  if len(found) != len(wanted):
    return [f"{len(found)} rows, not {len(wanted)}"]
  # A journal has rows of two kinds in one file; readers fill in nulls.
  columns = dict.fromkeys(column for row in wanted for column in row)
  if set(found[0]) != set(columns):
    return [f"columns differ: {sorted(set(found[0]) ^ set(columns))}"]
  return [f"row {number}, {column}: {row[column]!r}, not {right.get(column)!r}"
          for number, (row, right) in enumerate(zip(found, wanted), 1)
          for column in columns if not is_same(row[column], right.get(column))]


def check(file, title):
  """Compares all readers and returns the number that failed."""
  oracle = plainly(file)
  kinds = ("trial", "point")  # of a sealed file the last row is its seal
  wanted = [row for row in oracle if row["kind"] in kinds]
  values = [value for row in wanted for value in row.values()]
  print(f"{title}: {len(wanted)} rows, {len(values)} values, {values.count(None)} of them null")
  failed = 0
  for name, read in READERS.items():
    try:
      found = [row for row in read(file) if row["kind"] in kinds]
      faults = differences(found, wanted)
    except Exception as error:  # whatever a reader throws is what the user would see
      faults = [f"{type(error).__name__}: {error}"]
    failed += bool(faults)
    print(f"  {name}: " + ("equal" if not faults else f"{len(faults)} differ, {faults[0]}"))
  return failed


def main():
  with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "plan.yaml").write_text(PLAN)
    study = folder / "study"
    # Only one of the two tasks, so that the study stays unfinished and keeps its journal.
    sweep(folder, "--tasks", "catch")
    failed = check(study / "journal/0.jsonl.zst", "journal of an unfinished study")
    sweep(folder)
    for kind in ("trials", "curves"):
      file = study / f"{kind}.jsonl.zst"
      failed += check(file, f"sealed {kind}")
      failed += check(in_many_frames(file), f"{kind} in many frames")
  if failed:
    sys.exit(f"{failed} comparisons failed")
  print("all readers agree")


if __name__ == "__main__":
  main()
