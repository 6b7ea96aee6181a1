#!/usr/bin/env bash
# The HTTP contract: what the API answers to generated requests, good and bad, must be what its
# own OpenAPI document promises, and never a 5xx. Extra arguments go to schemathesis. ACD_TEST_BINARY
# names the acd to test; without it one is built from the sources as they are.
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

# In the temporary directory, because it leaves files where it runs.
cd "$work"
"$venv/bin/schemathesis" --config-file "$root/scripts/schemathesis.toml" \
  run "$base/openapi.json" "$@"
