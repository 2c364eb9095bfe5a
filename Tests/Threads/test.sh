#!/bin/sh
# Runs sweeps with the given command in several ways: the digest is the same each time, and the
# thread sanitizer, if the command was built with it, reports nothing.
set -eu
command=$1
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TSAN_OPTIONS="exitcode=66 halt_on_error=0"
for plan in pg ppo; do
  first=
  for way in "1 1" "1 2" "1 3" "2 2" "2 auto"; do
    lanes=${way% *} threads=${way#* }
    study="$folder/$plan-$lanes-$threads"
    "$command" sweep "$here/$plan.yaml" --lanes "$lanes" --threads "$threads" --output "$study" \
      > "$folder/out" 2> "$folder/err" || {
      echo "$plan with --lanes $lanes --threads $threads ended with status $?" >&2
      cat "$folder/err" >&2
      exit 1
    }
    "$command" archive verify "$study" > "$folder/verified"
    digest=$(sed 's/.*digest //' "$folder/verified")
    test -n "$digest"
    test "${first:=$digest}" = "$digest" || {
      echo "$plan with --lanes $lanes --threads $threads gave another digest" >&2
      exit 1
    }
    echo "$plan --lanes $lanes --threads $threads: $digest"
  done
done
