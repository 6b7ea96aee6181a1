#!/usr/bin/env bash
# PID 1 of redis1, redis2 and redis3. Starts the server of this node (two in a cluster), forwards SIGTERM,
# and exits when a server exits: the restart policy then restarts the container.
# shellcheck disable=SC2317 # functions that only traps call seem to be unreachable
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=redis-open-source/common.sh
. "$here/common.sh"

servers=()
stop() {
  trap '' TERM INT
  [ ${#servers[@]} -eq 0 ] || kill -TERM "${servers[@]}" 2>/dev/null || true
  # A primary waits for its replicas before it exits.
  wait || true
  exit "${1:-0}"
}
trap stop TERM INT

need NODE
own_address=${NODE^^}_ADDRESS
own=${!own_address}

# A volume belongs to one tier and one implementation, because others can't, or must not, read its data. The
# file is empty if the disk was full when it was written.
impl=$(acd-redis-server --version | sed -n 's/^\([A-Z][a-z]*\).*/\1/p')
marker="$ACD_DATA ${impl,,}"
[ ! -s "$data/tier" ] || [ "$(cat "$data/tier")" = "$marker" ] ||
  die "the data in this volume is that of '$(cat "$data/tier")', not of '$marker': scripts/stop.sh --volumes deletes it"
[ -s "$data/tier" ] || printf '%s\n' "$marker" >"$data/tier"

umask 077
mkdir -p "$run"

# configuration PORT FOLDER: prints the configuration that all tiers have in common.
configuration() {
  cat <<END
bind 0.0.0.0
port $1
dir $2
requirepass $REDIS_PASSWORD
masterauth $REDIS_PASSWORD
# The user of the balancers' health checks, with read-only permissions.
user probe on resetkeys resetchannels -@all +ping +info +role +cluster|info >$REDIS_PROBE_PASSWORD
# A write is on disk before it is acknowledged. A primary that is killed and restarted before the failover
# starts is still the primary: its replicas would lose whatever it had not written to disk.
appendonly yes
appendfsync ${REDIS_FSYNC:-always}
save ""
# No key is evicted when the memory is full: writes fail instead.
maxmemory ${REDIS_MAXMEMORY:-400mb}
maxmemory-policy noeviction
tcp-keepalive 30
# A replica that was disconnected for a while needs no full synchronisation.
repl-backlog-size 32mb
repl-diskless-sync yes
# A full synchronisation starts at once. It does not wait for further replicas, because the primary lacks a
# replica until it is done.
repl-diskless-sync-delay 0
# A dead replication link is detected within 15 seconds. The default is a minute.
repl-ping-replica-period 1
repl-timeout 15
replica-announce-ip $own
END
}

# start PORT FOLDER: starts a server; reads further configuration from standard input.
start() {
  mkdir -p "$2"
  {
    configuration "$1" "$2"
    cat
  } >"$run/$1.conf"
  acd-redis-server "$run/$1.conf" &
  servers+=($!)
}

# Waits until a server exits.
watch_servers() {
  local status=0
  wait -n "${servers[@]}" || status=$?
  say "a server exited with status $status"
  stop 1
}

case $ACD_DATA in
  single) start 6379 "$data/6379" </dev/null ;;
  sentinel)
    # shellcheck source=redis-open-source/replicated.sh
    . "$here/replicated.sh"
    start_replicated
    ;;
  cluster)
    # shellcheck source=redis-open-source/shards.sh
    . "$here/shards.sh"
    for port in $(ports_of "$own"); do
      start "$port" "$data/$port" < <(cluster_configuration "$own" "$data/$port")
    done
    ;;
esac
watch_servers
