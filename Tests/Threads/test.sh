#!/bin/sh
# Runs one sweep with the given command in several ways: the digest is the same each time, and the
# thread sanitizer, if the command was built with it, reports nothing.
set -eu
command=$1
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TSAN_OPTIONS="exitcode=66 halt_on_error=0"
first=
for way in "1 1" "1 2" "1 3" "2 2" "4 auto"; do
  study="$folder/study-$(echo "$way" | tr ' ' '-')"
  "$command" sweep "$here/plan.yaml" --lanes "${way% *}" --threads "${way#* }" \
    --output "$study" > "$folder/out" 2> "$folder/err" || {
    echo "the sweep with --lanes ${way% *} --threads ${way#* } ended with status $?" >&2
    cat "$folder/err" >&2
    exit 1
  }
  if grep -q "WARNING: ThreadSanitizer" "$folder/err"; then
    cat "$folder/err" >&2
    exit 1
  fi
  digest=$("$command" archive verify "$study" | sed 's/.*digest //')
  test -n "$digest"
  test "${first:=$digest}" = "$digest" || {
    echo "--lanes ${way% *} --threads ${way#* } gave another digest" >&2
    exit 1
  }
  echo "--lanes ${way% *} --threads ${way#* }: $digest"
done
