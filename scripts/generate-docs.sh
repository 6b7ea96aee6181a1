#!/usr/bin/env bash
# Writes the tables of docs/reference that are made from the code: settings, problems, limits, metrics.
# The text around a table is written by hand.
#
#   scripts/generate-docs.sh [--check]
#
#   --check   changes nothing; exit code 1 when a page is not up to date
#
# ACD_TEST_BINARY names an `acd` to use instead of one that is built now.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

arguments=()
for argument; do
  case $argument in
    --check) arguments+=(--check) ;;
    -h | --help)
      sed -n '2,/^set -/s/^# \{0,1\}//p' "$0" | sed '$d'
      exit
      ;;
    *) die "unknown argument $argument: scripts/generate-docs.sh --help" ;;
  esac
done

pages=()
for page in settings problems limits metrics; do
  pages+=("docs/reference/$page.md")
done

if [ -n "${ACD_TEST_BINARY:-}" ]; then
  acd=("$ACD_TEST_BINARY")
else
  need_cargo
  acd=(cargo run --locked --quiet --package acd-cli --bin acd --)
fi
"${acd[@]}" reference "${arguments[@]+"${arguments[@]}"}" "${pages[@]}"
