#!/usr/bin/env bash
# Container health check: HAProxy answers, keepalived runs, and the watcher reports no fault. Holding the virtual
# address is not required, because the backup is healthy, too.
set -euo pipefail

# shellcheck source=haproxy/probe.sh
source "${0%/*}/probe.sh"

haproxy_answers 1 || {
  say "HAProxy does not answer"
  exit 1
}
kill -0 "$(<"$run/vrrp.pid")" || exit 1
[ "$(<"$fault_file")" = 0 ]
