#!/usr/bin/env bash
# PID 1 of a balancer. Runs HAProxy, keepalived, and the watcher that reports HAProxy's health to keepalived.
# SIGTERM stops without failed requests, SIGHUP reloads HAProxy. When one of the three processes ends, all are
# stopped, and the restart policy restarts the container, which is then the backup.
# shellcheck disable=SC2317 # functions that only traps call seem to be unreachable
set -euo pipefail

# shellcheck source=haproxy/probe.sh
source "${0%/*}/probe.sh"

# PID 1 receives only signals that it has a trap for.
trap 'exit 0' TERM INT

configuration=/etc/haproxy
# shellcheck source=haproxy/environment.sh
source "${0%/*}/environment.sh"

haproxy='' keepalived='' watcher=''
sockets=/run/haproxy
arguments=(-L "$ACD_NODE" -f "$configuration/00-global.cfg" -f "$configuration/10-api.cfg"
  -f "$data" -f "$configuration/30-statistics.cfg")

valid() {
  local output
  # In a trap, return without a value would return the status of the interrupted command.
  output=$(haproxy -c "${arguments[@]}" 2>&1) && return 0
  say "haproxy -c: $(grep -m 1 -F '[ALERT]' <<<"$output")"
  return 1
}

# ended PID SECONDS: waits until the process has ended; fails after SECONDS.
ended() {
  local left=$(($2 * 20))
  [ -n "$1" ] || return 0
  while kill -0 "$1" 2>/dev/null; do
    ((left-- > 0)) || return 1
    pause 0.05
  done
}

# Ends the processes that still run. The kernel kills those that hang when PID 1 exits.
finish() {
  local pid
  trap '' TERM INT HUP
  for pid in "$watcher" "$keepalived" "$haproxy"; do
    [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null || true
  done
  ended "$keepalived" 2 || say "keepalived did not stop within 2 seconds and is killed"
  ended "$haproxy" 2 || say "HAProxy did not stop within 2 seconds and is killed"
  exit "$1"
}

# Stops HAProxy first, in two steps: for a moment new connections are refused, which clients can safely retry,
# and requests in flight are completed. Then all connections are closed. The virtual address is released last, so
# that clients with streams or database connections are notified at once.
stop() {
  trap '' TERM INT HUP
  say "stopping"
  [ -z "$watcher" ] || kill -TERM "$watcher" 2>/dev/null || true
  kill -USR1 "$haproxy" 2>/dev/null || true
  pause 0.12
  kill -TERM "$haproxy" 2>/dev/null || true
  ended "$haproxy" 1 || true
  finish 0
}

# Streams and connections stay with the old process until they end. The state of the servers is passed to the new
# process, which would otherwise know no replicas until DNS has answered.
reload() {
  valid || return 0
  say "reloading HAProxy"
  ask show servers state >"$sockets/servers.state" || true
  kill -USR2 "$haproxy" 2>/dev/null || true
}

mkdir -p "$sockets" "$run"
keepalived_parameters >"$run/environment.conf"
printf '1\n' >"$sockets/servers.state"
valid || exit 2

haproxy -W -db "${arguments[@]}" &
haproxy=$!
trap stop TERM INT
trap reload HUP
for _ in {1..100}; do
  haproxy_answers 0.5 && break
  kill -0 "$haproxy" 2>/dev/null || break
  pause 0.1
done
haproxy_answers 0.5 || {
  say "HAProxy does not answer"
  finish 1
}

keepalived --dont-fork --log-console --vrrp --config-id "$ACD_NODE" \
  --use-file /etc/keepalived/keepalived.conf --pid "$run/keepalived.pid" --vrrp_pid "$run/vrrp.pid" &
keepalived=$!
"${0%/*}/watch.sh" "$interface" &
watcher=$!

# A trapped signal ends `wait` although no process has ended; `gone` is then unset.
gone=''
while [ -z "${gone:-}" ]; do
  status=0
  wait -n -p gone "$haproxy" "$keepalived" "$watcher" || status=$?
done
case $gone in
  "$haproxy") say "HAProxy exited with status $status" ;;
  "$keepalived") say "keepalived exited with status $status" ;;
  *) say "the watcher exited with status $status" ;;
esac
finish 1
