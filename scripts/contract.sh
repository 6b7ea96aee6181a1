#!/usr/bin/env bash
# Tests the HTTP contract: the responses of the API to generated requests, valid and invalid, must conform to
# its OpenAPI document and never be a 5xx. Arguments are passed to schemathesis. ACD_TEST_BINARY is the acd to
# test; without it, acd is built from the current sources.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

need_redis
need_venv "$target/contract-venv" scripts/requirements.txt
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
  if [ "$code" -ne 0 ]; then
    printf '\nThe last lines of the log:\n' >&2
    tail -n 20 "$work/log" >&2
  fi
  rm -rf "$work"
}
trap finish EXIT

start_acd "$binary" "$work"

# Runs in the temporary directory, because schemathesis writes files to its working directory.
cd "$work"
"$venv/bin/schemathesis" --config-file "$root/scripts/schemathesis.toml" \
  run "$base/openapi.json" "$@"
