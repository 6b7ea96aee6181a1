#!/usr/bin/env bash
# The HTTP contract: what the API answers to generated requests, good and bad, must be what its
# own OpenAPI document promises, and never a 5xx. Extra arguments go to schemathesis. ACD_TEST_BINARY
# names the acd to test; without it one is built from the sources as they are.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"

# need_schemathesis: an environment under target/, made anew when the requirements change.
venv=$target/contract-venv
need_schemathesis() {
  cmp -s scripts/requirements.txt "$venv/made-from" && return
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    install "Python with venv" "python3 python3-venv" python3 python3 python python
  fi
  say "installing schemathesis into $venv"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/requirements.txt
  cp scripts/requirements.txt "$venv/made-from"
}

need_redis
need_schemathesis
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
