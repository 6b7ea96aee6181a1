#!/usr/bin/env bash
# PID 1 of a balancer: HAProxy, keepalived, and the watcher that tells the second of the first.
# SIGTERM stops without a failed request, SIGHUP reloads HAProxy. When one of the three ends, all do,
# and the restart policy brings the container back as the backup.
# shellcheck disable=SC2317 # traps call what seems to be unreachable
set -euo pipefail

# shellcheck source=haproxy/probe.sh
source "${0%/*}/probe.sh"

# PID 1 gets no signal that it does not ask for.
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
  # In a trap a bare return would give the status of what the signal interrupted.
  output=$(haproxy -c "${arguments[@]}" 2>&1) && return 0
  say "haproxy -c: $(grep -m 1 -F '[ALERT]' <<<"$output")"
  return 1
}

# ended PID SECONDS: waits until it has.
ended() {
  local left=$(($2 * 20))
  [ -n "$1" ] || return 0
  while kill -0 "$1" 2>/dev/null; do
    ((left-- > 0)) || return 1
    pause 0.05
  done
}

# Ends what still runs. What hangs is killed by the kernel when PID 1 ends.
finish() {
  local pid
  trap '' TERM INT HUP
  for pid in "$watcher" "$keepalived" "$haproxy"; do
    [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null || true
  done
  ended "$keepalived" 2 || say "keepalived did not stop: killed"
  ended "$haproxy" 2 || say "HAProxy did not stop: killed"
  exit "$1"
}

# HAProxy first: for a moment clients are refused, which is safe to repeat, while what runs is
# finished. Then everything is closed as long as the address is still ours, so that whoever has a
# stream or a database connection learns it at once; the address goes last.
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

# Streams and connections stay with the old process until they end. The state of the servers goes
# along, or the new one would know of no replica until DNS has answered.
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

# A signal that is trapped ends the wait without anything having ended, and `gone` is unset.
gone=''
while [ -z "${gone:-}" ]; do
  status=0
  wait -n -p gone "$haproxy" "$keepalived" "$watcher" || status=$?
done
case $gone in
  "$haproxy") say "HAProxy ended with $status" ;;
  "$keepalived") say "keepalived ended with $status" ;;
  *) say "the watcher ended with $status" ;;
esac
finish 1
