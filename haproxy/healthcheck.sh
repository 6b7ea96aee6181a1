#!/usr/bin/env bash
# For the engine: HAProxy answers, keepalived runs, and knows of no fault. Holding the virtual
# address is no part of it: the backup is as healthy.
set -euo pipefail

# shellcheck source=haproxy/probe.sh
source "${0%/*}/probe.sh"

haproxy_answers 1 || {
  say "HAProxy does not answer"
  exit 1
}
kill -0 "$(<"$run/vrrp.pid")" || exit 1
[ "$(<"$fault_file")" = 0 ]
