#!/bin/bash
# test.sh BATCHLAB: a sweep under a real Slurm ends with the digest of a single process without
# Slurm, however its shards are stopped. Prints each result; exits with 0 if all are as expected.
set -euo pipefail
tests=$(cd "$(dirname "$0")" && pwd)
batchlab=$(realpath "$1")
PATH=$PATH:/usr/sbin
. "$tests/cluster.sh"

cleanUp() {
  local status=$?
  trap '' INT TERM
  [ "$status" = 0 ] || tail -n 20 "$folder"/*.log "$folder"/*.output "$folder"/work/*.log >&2 || true
  stop_cluster
  rm -rf "$folder"
  exit "$status"
}
folder=$(mktemp -d)
trap cleanUp EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() { echo "failed: $*" >&2; exit 1; }

# Prints whether a study is sealed ("true" or "false"), and its digest.
sealed() { "$batchlab" archive list "$1" --json | sed -n 's/.*"sealed" : \([a-z]*\).*/\1/p'; }
digest() { "$batchlab" archive list "$1" --json | sed -n 's/.*"digest" : "\(.*\)".*/\1/p'; }

# Prints a field of a Slurm job's description, such as Restarts.
field() { scontrol show job --oneliner "$1" | sed -n "s/.* $2=\([^ ]*\).*/\1/p"; }
is_in_state() { [ "$(field "$1" JobState)" = "$2" ]; }

# Runs a job script and prints the numbers of the jobs it submitted: the array's and the report's.
submit() { bash "$@" | sed -n 's/.*: job \([0-9]*\),.*/\1/p' | xargs; }

check_sealed() {
  [ "$(sealed "$1")" = true ] || fail "$1 is not sealed"
  [ "$(digest "$1")" = "$expected" ] || fail "$1 has digest $(digest "$1"), not $expected"
  "$batchlab" archive verify "$1" > /dev/null
}

# Names with characters that might trip up a shell or Slurm.
mkdir "$folder/work" "$folder/it's a \"study\" #1"
start_cluster "$folder"
cd "$folder/work"
cp "$tests/plan.yaml" "plan's.yaml"
"$batchlab" sweep "plan's.yaml" --output alone > /dev/null 2>&1
expected=$(digest alone)
[ -n "$expected" ] || fail "the sweep without Slurm has no digest"

study="$folder/it's a \"study\" #1/whole"
"$batchlab" slurm "plan's.yaml" --shards 4 --cpus-per-task 1 --output "$study" --file whole.sh
read -r array report <<< "$(submit whole.sh)"
for shard in 1 2 3; do wait_for 60 test -s "$study/journal/$shard.jsonl.zst"; done
scontrol requeue "${array}_1"
scancel --batch --signal=USR1 "${array}_2"
scancel --batch --signal=TERM "${array}_3"
wait_for 60 is_in_state "${array}_3" FAILED
wait_for 60 is_in_state "$report" CANCELLED
grep -q "stopped" whole-3.log || fail "shard 3 does not say that it was stopped"
wait_for 300 no_jobs
read -r again report <<< "$(submit whole.sh --array=3)"
wait_for 300 no_jobs
for job in "${array}_1" "${array}_2"; do
  [ "$(field "$job" Restarts)" = 1 ] || fail "job $job was not queued again"
done
for job in "${array}_0" "${array}_1" "${array}_2" "${again}_3" "$report"; do
  is_in_state "$job" COMPLETED || fail "job $job is $(field "$job" JobState)"
done
check_sealed "$study"
grep -q grid-goal-8 whole-report.log || fail "the report does not name grid-goal-8"
echo "four shards, one queued again by Slurm, one at the signal before its limit, one stopped" \
  "and submitted again: the digest of one process"

"$batchlab" slurm "plan's.yaml" --shards 4 --cpus-per-task 1 --output part --file part.sh
sbatch --parsable --array=0,1,3 part.sh > /dev/null
wait_for 300 no_jobs
[ "$(sealed part)" = false ] || fail "three shards of four sealed a study"
read -r array report <<< "$(submit part.sh --array=2)"
wait_for 300 no_jobs
is_in_state "$report" COMPLETED || fail "job $report is $(field "$report" JobState)"
check_sealed part
echo "three shards, and the one that was left out submitted by itself: the same digest"
