#!/usr/bin/env bash
# Runs every program in docs/examples against `acd standalone`, on a free port and with its own data:
#
#   scripts/test-examples.sh
#
# An example whose interpreter is not installed is skipped, and the last line lists it. ACD_TEST_BINARY is the
# acd to run; without it, acd is built from the current sources.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

need_redis
binary=${ACD_TEST_BINARY:-}
if [ -z "$binary" ]; then
  need_cargo
  cargo build --locked --package acd-cli
  binary=$target/debug/acd
fi

work=$(mktemp -d)
finish() {
  local code=$?
  stop_acd
  if [ "$code" -ne 0 ] && [ -s "$work/log" ]; then
    printf '\nThe last lines of the log:\n' >&2
    tail -n 20 "$work/log" >&2
  fi
  rm -rf "$work"
}
trap finish EXIT

get() {
  if have curl; then
    curl --silent --fail "$1"
  else
    python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1]).read().decode())' "$1"
  fi
}

# interpreter FILE: prints the interpreter that runs the example; fails if it is not installed.
interpreter() {
  case $1 in
    *.sh) have curl && echo sh ;;
    *.py) have python3 && echo python3 ;;
    # Node has fetch since version 18.
    *.mjs) have node && node --eval 'process.exit(typeof fetch === "function" ? 0 : 1)' && echo node ;;
    *) die "$1: no interpreter is known for this file type" ;;
  esac
}

start_acd "$binary" "$work"
ran=0 skipped=()
for example in docs/examples/*; do
  if ! program=$(interpreter "$example"); then
    say "SKIPPED: $example (its interpreter is not installed, or is too old)"
    skipped+=("$example")
    continue
  fi
  say "$program $example"
  timeout 60 "$program" "$example" "$base" >"$work/said" 2>&1 || {
    cat "$work/said" >&2
    die "$example failed"
  }
  grep -q completed "$work/said" || die "$example did not complete its contact"
  ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || die "no example could be run"
# Detects operations that the examples left incomplete.
get "$base/v1/centers/main/consistency" | grep -q '"consistent":true' ||
  die "the center is not consistent after the examples"
say "$ran examples passed${skipped[*]:+, SKIPPED: ${skipped[*]}}"
